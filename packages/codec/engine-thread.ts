import { MessageChannel, Worker } from "node:worker_threads";
import type { CodecText } from "./codec-thread.ts";
import { type Answer, type Question, readAnswer, writeQuestion } from "./exchange.ts";
import { limits } from "./limits.ts";
import { shareText } from "./shared-text.ts";

/** A thread with an engine. It is asked and answers while the caller waits. */
export interface EngineThread {
  /** Waits until the engine can be asked; false where it does not come. */
  isReady(): boolean;
  /** Before a codec is asked for. */
  give(text: CodecText): void;
  /** Undefined where it has not answered in time: end it then. */
  ask(question: Question, wallMs: number): Answer | undefined;
  end(): Promise<void>;
}

/** Megabytes of the thread itself; the engine's memory counts beside them. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8, stackSizeMb: 8 };

/** Starts at once and needs nothing of the caller's thread to become ready. */
export function startEngineThread(): EngineThread {
  const shared = shareText();
  const { port1: ours, port2: theirs } = new MessageChannel();
  const worker = new Worker(new URL("codec-thread.ts", import.meta.url), {
    workerData: { port: theirs, memory: shared.memory },
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
    if (!shared.wait("answered", answers, wallMs)) return false;
    answers++;
    return true;
  }

  return {
    isReady: () => answers > 0 || waitForAnswer(limits.startWallMs),
    give(text) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of threads, which have none
      ours.postMessage(text);
    },
    ask(question, wallMs) {
      if (!writeQuestion(shared, question)) return { failed: "the frame is too long", stopped: false };
      shared.tell("asked");
      return waitForAnswer(wallMs) ? readAnswer(shared) : undefined;
    },
    async end() {
      ours.close();
      await worker.terminate();
    },
  };
}
