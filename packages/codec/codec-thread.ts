import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type CodecInput, type CodecOutput, createSandbox, type LoadedCodec } from "./sandbox.ts";

/** Places in the memory that both threads see. */
export const asked = 0;
export const answered = 1;

/** A codec's text comes once; `undefined` asks for the loaded one. Without an input it is loaded only. */
export interface Question {
  readonly codec: number;
  readonly source: string | undefined;
  readonly input: CodecInput | undefined;
}

/** `broken`: the engine must not be used again. */
export type Answer = (CodecOutput | { readonly loaded: true }) & {
  readonly broken?: true;
  /** Processor time of the thread. */
  readonly cpuMs?: number;
};

interface ThreadData {
  readonly port: MessagePort;
  readonly signals: Int32Array;
}

/** Codecs whose loaded state is kept; each takes about half a megabyte. */
const maxLoaded = 64;

if (isThreadData(workerData)) await serve(workerData);

function isThreadData(data: unknown): data is ThreadData {
  return typeof data === "object" && data !== null && "signals" in data;
}

/** Answers one question after the other, for ever. The thread sleeps between them and is ended from outside. */
async function serve({ port, signals }: ThreadData): Promise<void> {
  const sandbox = await createSandbox();
  const loaded = new Map<number, LoadedCodec>();
  const sources = new Map<number, string>();

  function load(codec: number): LoadedCodec | CodecOutput {
    const known = loaded.get(codec);
    if (known !== undefined) return known;
    if (loaded.size >= maxLoaded) loaded.delete(loaded.keys().next().value!);
    const result = sandbox.load(sources.get(codec) ?? "");
    if (!("failed" in result)) loaded.set(codec, result);
    return result;
  }

  function answer({ codec, source, input }: Question): Answer {
    if (source !== undefined) sources.set(codec, source);
    try {
      const ready = load(codec);
      if (!("memory" in ready)) return ready;
      return input === undefined ? { loaded: true } : sandbox.run(ready, input);
    } catch (error) {
      // The engine itself gave up, as where its calls go deeper than the thread's stack.
      const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return { failed: `the engine gave up (${told.slice(0, 120)})`, stopped: true, broken: true };
    }
  }

  let seen = 0;
  Atomics.add(signals, answered, 1);
  Atomics.notify(signals, answered);
  for (;;) {
    Atomics.wait(signals, asked, seen);
    seen = Atomics.load(signals, asked);
    const message: { readonly message: Question } | undefined = receiveMessageOnPort(port);
    if (message === undefined) continue;
    const begin = process.threadCpuUsage();
    const given = answer(message.message);
    const { user, system } = process.threadCpuUsage(begin);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of threads, which have none
    port.postMessage({ ...given, cpuMs: (user + system) / 1000 } satisfies Answer);
    Atomics.add(signals, answered, 1);
    Atomics.notify(signals, answered);
  }
}
