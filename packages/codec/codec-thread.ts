import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type Answer, type Question, readQuestion, writeAnswer } from "./exchange.ts";
import { type CodecOutput, createSandbox, type LoadedCodec } from "./sandbox.ts";
import { shareText } from "./shared-text.ts";

/** The text of a codec. */
export interface CodecText {
  readonly codec: number;
  readonly source: string;
}

interface ThreadData {
  readonly port: MessagePort;
  readonly memory: SharedArrayBuffer;
}

/** Codecs whose loaded state is kept; each takes about half a megabyte. */
const maxLoaded = 64;

if (isThreadData(workerData)) await serve(workerData);

function isThreadData(data: unknown): data is ThreadData {
  return typeof data === "object" && data !== null && "memory" in data;
}

/** Answers one question after the other, for ever. The thread sleeps between them and is ended from outside. */
async function serve({ port, memory }: ThreadData): Promise<void> {
  const shared = shareText(memory);
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

  function answer({ codec, input }: Question): Answer {
    // Looking into the port costs as much as a call: only then is something new in it.
    if (input === undefined) {
      for (let text = receive(port); text !== undefined; text = receive(port)) sources.set(text.codec, text.source);
    }
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

  shared.tell("answered");
  for (let seen = 0; shared.wait("asked", seen); seen++) {
    const begin = process.threadCpuUsage();
    const given = answer(readQuestion(shared));
    const { user, system } = process.threadCpuUsage(begin);
    const cpuMs = (user + system) / 1000;
    if (!writeAnswer(shared, { ...given, cpuMs })) {
      writeAnswer(shared, { failed: "the output is too long", stopped: false, cpuMs });
    }
    shared.tell("answered");
  }
}

function receive(port: MessagePort): CodecText | undefined {
  const received: { readonly message: CodecText } | undefined = receiveMessageOnPort(port);
  return received?.message;
}
