import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { type Answer, answered, asked, type Question } from "./codec-thread.ts";
import { limits } from "./limits.ts";

/** A thread with an engine. It is asked and answers while the caller waits. */
export interface EngineThread {
  /** Waits until the engine can be asked; false where it does not come. */
  isReady(): boolean;
  /** Undefined where it has not answered in time: end it then. */
  ask(question: Question, wallMs: number): Answer | undefined;
  end(): Promise<void>;
}

/** Megabytes of the thread itself; the engine's memory counts beside them. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8, stackSizeMb: 8 };

/** Starts at once and needs nothing of the caller's thread to become ready. */
export function startEngineThread(): EngineThread {
  const signals = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const { port1: ours, port2: theirs } = new MessageChannel();
  const worker = new Worker(new URL("codec-thread.ts", import.meta.url), {
    workerData: { port: theirs, signals },
    transferList: [theirs],
    resourceLimits,
    env: {},
    execArgv: [],
  });
  // A thread that dies answers no more, and is noticed by that.
  worker.on("error", () => undefined);
  worker.unref();
  ours.unref();
  /** Counts what it has answered, its being ready first. */
  let answers = 0;

  function waitForAnswer(wallMs: number): boolean {
    const end = performance.now() + wallMs;
    while (Atomics.load(signals, answered) === answers) {
      const left = end - performance.now();
      if (left <= 0) return false;
      Atomics.wait(signals, answered, answers, left);
    }
    answers++;
    return true;
  }

  return {
    isReady: () => answers > 0 || waitForAnswer(limits.startWallMs),
    ask(question, wallMs) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of threads, which have none
      ours.postMessage(question);
      Atomics.add(signals, asked, 1);
      Atomics.notify(signals, asked);
      if (!waitForAnswer(wallMs)) return undefined;
      const received: { readonly message: Answer } | undefined = receiveMessageOnPort(ours);
      return received?.message;
    },
    async end() {
      ours.close();
      await worker.terminate();
    },
  };
}
