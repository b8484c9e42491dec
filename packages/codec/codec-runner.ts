import { type CodecRunner, type DecodedFrame, type DeviceProfile, type RawFrame } from "@messnetz/formats";
import { refusal } from "@messnetz/model";
import { type EngineThread, startEngineThread } from "./engine-thread.ts";
import type { Answer, Question } from "./exchange.ts";
import { limits } from "./limits.ts";
import { readOutput } from "./read-output.ts";
import type { CodecInput } from "./sandbox.ts";
import { stopped, traceCodec } from "./trace-codec.ts";

export interface Codecs extends CodecRunner {
  /** What is wrong with the text of a codec; undefined where it can be run. */
  check(source: string): string | undefined;
  close(): Promise<void>;
}

/** What a codec is given, in JSON. */
function inputOf({ bytes, port, time }: RawFrame): string {
  return JSON.stringify({ bytes: [...bytes], port, time } satisfies CodecInput);
}

/** `ended`: the thread, which did not answer. */
type Asked = Answer & { readonly ended?: true };

/** A codec's account of processor time, in milliseconds. Calls of usual length are free. */
interface Account {
  readonly id: number;
  left: number;
  at: number;
  /** How often its thread had to be ended; its answers take that back little by little. */
  ended: number;
}

const freeMs = 5;
const mostMs = 1_000;
/** Of each second that passes: the share of a thread that a codec which is too slow gets at most. */
const share = 0.05;
/** Ending a thread holds up everybody, so each further time costs twice as much, up to a minute of waiting. */
const mostForEnding = 60_000 * share;
/** A thread may also be ended because the machine is busy: then nearly all calls are answered. */
const takenBackByAnswer = 0.01;

/**
 * Runs codecs on a thread of their own, because there is work that the engine cannot interrupt. The caller waits, so that the road stays
 * the same for the same message; a thread that does not answer is ended and the next one, which is started already, takes its place. No
 * thread is there before the first codec.
 */
export function createCodecs(): Codecs {
  const accounts = new Map<string, Account>();
  let thread: EngineThread | undefined;
  let next: EngineThread | undefined;
  let given = new Set<number>();
  const ending = new Set<Promise<void>>();

  function end(old: EngineThread | undefined): void {
    if (old === undefined) return;
    const ended = old.end().finally(() => ending.delete(ended));
    ending.add(ended);
  }

  function replace(): void {
    end(thread);
    thread = undefined;
    given = new Set();
  }

  function ready(): EngineThread | undefined {
    if (thread !== undefined) return thread;
    const candidate = next ?? startEngineThread();
    next = startEngineThread();
    if (!candidate.isReady()) {
      end(candidate);
      return undefined;
    }
    return (thread = candidate);
  }

  function ask(question: Question, wallMs: number): Asked {
    const engine = ready();
    if (engine === undefined) return { failed: "no engine came up in time", stopped: false };
    const answer = engine.ask(question, wallMs);
    if (answer === undefined || answer.broken === true) replace();
    return answer ?? { failed: `it was ended after ${wallMs} ms`, stopped: true, cpuMs: wallMs, ended: true };
  }

  /** Once for each thread: has the engine read the text. */
  function load({ id }: Account, source: string): Asked {
    if (thread !== undefined && given.has(id)) return { loaded: true };
    ready()?.give({ codec: id, source });
    const answer = ask({ codec: id }, limits.loadWallMs);
    if ("loaded" in answer) given.add(id);
    return answer;
  }

  function accountOf(source: string): Account {
    let account = accounts.get(source);
    if (account === undefined) {
      account = { id: accounts.size, left: mostMs, at: performance.now(), ended: 0 };
      accounts.set(source, account);
    }
    return account;
  }

  /** Pays for what is slow; undefined where the account is empty. */
  function paid(source: string, input: Question["input"]): Answer | undefined {
    const account = accountOf(source);
    const now = performance.now();
    account.left = Math.min(mostMs, account.left + (now - account.at) * share);
    account.at = now;
    if (account.left <= 0) return undefined;
    const loaded = load(account, source);
    const isCalled = "loaded" in loaded && input !== undefined;
    const answer = isCalled ? ask({ codec: account.id, input }, limits.wallMs) : loaded;
    const { cpuMs = 0 } = answer;
    const isStopped = "stopped" in answer && answer.stopped;
    // What is loaded is loaded: it costs only where it did not come to an end.
    if (answer.ended === true) account.left -= Math.max(cpuMs, Math.min(cpuMs * 2 ** account.ended++, mostForEnding));
    else if (isStopped || (isCalled && cpuMs > freeMs)) account.left -= cpuMs;
    if ("json" in answer) account.ended = Math.max(0, account.ended - takenBackByAnswer);
    return answer;
  }

  function run({ name, codec }: DeviceProfile, frame: RawFrame): DecodedFrame {
    const failed = (expected: string, came: string) => ({
      ...refusal("codec_failed", `by the codec of profile ${name}: ${expected}`, came),
      device: frame.device,
    });
    if (codec === undefined) return failed("a codec", "none");
    const answer = paid(codec, inputOf(frame));
    if (answer === undefined) {
      return failed(`a codec that ends within ${limits.cpuMs} ms`, "it was stopped too often and waits; replay later");
    }
    if ("failed" in answer) return failed("an object", answer.failed);
    if (!("json" in answer)) return failed("an object", "nothing");
    const output = readOutput(answer.json);
    return "problem" in output ? failed("an object", output.problem) : output;
  }

  return {
    run(profile, frame) {
      return run(profile, frame);
    },
    trace({ codec = "" }, frame, decoded) {
      let usedMs = 0;
      return traceCodec({
        bytes: frame.bytes,
        decoded,
        goesOn: () => usedMs < limits.traceCpuMs,
        again(changed) {
          const answer = paid(codec, inputOf({ ...frame, bytes: changed }));
          if (answer === undefined || ("stopped" in answer && answer.stopped)) return stopped;
          usedMs += answer.cpuMs ?? 0;
          if (!("json" in answer)) return undefined;
          const output = readOutput(answer.json);
          return "decoded" in output ? output.decoded : undefined;
        },
      });
    },
    check(source) {
      if (source.length > limits.sourceCharacters)
        return `${source.length} characters, at most ${limits.sourceCharacters}`;
      const answer = paid(source, undefined);
      if (answer === undefined) return "it was stopped too often";
      return "failed" in answer ? answer.failed : undefined;
    },
    async close() {
      end(thread);
      end(next);
      thread = next = undefined;
      await Promise.all(ending);
    },
  };
}
