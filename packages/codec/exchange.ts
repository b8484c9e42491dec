import type { SharedText } from "./shared-text.ts";

/** Without an input the codec is loaded only. Its text comes through the port, once, before it is asked for. */
export interface Question {
  readonly codec: number;
  /** JSON of a `CodecInput`. */
  readonly input?: string | undefined;
}

/** `json` of the output, or why there is none and whether the codec was stopped; `broken`: the engine must not be used again. */
export type Answer = (
  | { readonly json: string }
  | { readonly failed: string; readonly stopped: boolean }
  | { readonly loaded: true }
) & {
  readonly broken?: true;
  /** Processor time of the thread. */
  readonly cpuMs?: number;
};

const kinds = { loaded: 0, json: 1, failed: 2, stopped: 3, broken: 4 } as const;
const loadOnly = 0;
const loadAndRun = 1;

/** Numbers beside the text, in place of JSON around JSON: that would take as long as the codec. False where the text is too long. */
export function writeQuestion(shared: SharedText, { codec, input }: Question): boolean {
  shared.numbers[0] = input === undefined ? loadOnly : loadAndRun;
  shared.numbers[1] = codec;
  return shared.write(input ?? "");
}

export function readQuestion(shared: SharedText): Question {
  const [kind, codec = 0] = shared.numbers;
  return kind === loadOnly ? { codec } : { codec, input: shared.read() };
}

export function writeAnswer(shared: SharedText, answer: Answer): boolean {
  shared.numbers[0] = kindOf(answer);
  shared.numbers[1] = answer.cpuMs ?? 0;
  return shared.write("json" in answer ? answer.json : "failed" in answer ? answer.failed : "");
}

function kindOf(answer: Answer): number {
  if ("json" in answer) return kinds.json;
  if ("loaded" in answer) return kinds.loaded;
  if (answer.broken === true) return kinds.broken;
  return answer.stopped ? kinds.stopped : kinds.failed;
}

export function readAnswer(shared: SharedText): Answer {
  const [kind, cpuMs = 0] = shared.numbers;
  if (kind === kinds.loaded) return { loaded: true, cpuMs };
  const text = shared.read();
  if (kind === kinds.json) return { json: text, cpuMs };
  if (kind === kinds.failed) return { failed: text, stopped: false, cpuMs };
  return { failed: text, stopped: true, cpuMs, ...(kind === kinds.broken && { broken: true }) };
}
