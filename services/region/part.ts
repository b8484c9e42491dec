import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { openPartLog, type PartLog } from "./part-log.ts";
import { RegionTroubleError } from "./trouble.ts";

/** A program that the region runs as a process of its own. */
export interface PartSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Done before each start. What it rejects with counts as an end of the part. */
  readonly beforeStart?: () => Promise<void>;
  /** It ended by itself, with exit code 0. */
  readonly afterOrderlyEnd?: () => Promise<void>;
  /** Rejects as long as it does not serve. Asked again and again. */
  readonly check: (signal: AbortSignal) => Promise<void>;
}

export type PartEvent =
  | {
      readonly kind: "died";
      readonly part: string;
      readonly how: string;
      readonly lastLines: readonly string[];
      readonly againInMs: number;
    }
  | { readonly kind: "back"; readonly part: string; readonly afterMs: number };

export interface Part {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  /** How often it was started. */
  readonly starts: number;
  /** What it wrote last. */
  tail(lines: number): readonly string[];
  /** Resolves when it serves; rejects with its last lines when it does not within `withinMs`. */
  ready(withinMs?: number): Promise<void>;
  /** Ends it, by SIGKILL when absent, and resolves when it is gone. It stays away until `restart`. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it, after its end by SIGTERM where it runs; resolves when it serves. */
  restart(): Promise<void>;
}

export interface SupervisedPart extends Part {
  start(): void;
  /** SIGTERM, and SIGKILL after a while. It is not started again. */
  stop(): Promise<void>;
  /** SIGKILL, without waiting: this process itself is ending. */
  abandon(): void;
}

export interface PartContext {
  readonly logFile: string;
  readonly onEvent: (event: PartEvent) => void;
  /** It was started, or it ended. */
  readonly onChange: () => void;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** Who has lived so long has not died of its start. */
const healthyAfterMs = 30_000;
const startsWithinMs = 60_000;
const endsWithinMs = 20_000;
const checkTimeoutMs = 3_000;
const checkEveryMs = 100;
const toldLines = 8;
/** Who has ended so often and never served will not serve. */
const hopelessAfter = 3;

export function createPart(spec: PartSpec, context: PartContext): SupervisedPart {
  const log: PartLog = openPartLog(context.logFile);
  let child: ChildProcess | undefined;
  let gone: Promise<void> = Promise.resolve();
  let isWanted = false;
  let isUnderWay = false;
  let starts = 0;
  let failures = 0;
  let hasServed = false;
  let again: NodeJS.Timeout | undefined;

  function start(): void {
    clearTimeout(again);
    isWanted = true;
    if (isUnderWay) return;
    isUnderWay = true;
    starts++;
    gone = live();
  }

  async function live(): Promise<void> {
    const startedAt = performance.now();
    const how = await run();
    isUnderWay = false;
    child = undefined;
    context.onChange();
    if (isWanted) startAgain(how, performance.now() - startedAt);
  }

  /** From before its start to its end; how it ended, in words. */
  async function run(): Promise<string> {
    try {
      await spec.beforeStart?.();
      if (!isWanted) return "before it began";
      child = spawn(spec.command, spec.args, {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...environment(), ...spec.env },
        // A group of its own: an interrupt at the terminal is for the region, which then ends its parts in order.
        detached: true,
      });
      for (const stream of [child.stdout!, child.stderr!]) {
        stream.setEncoding("utf8").on("data", (text: string) => log.append(text));
      }
      context.onChange();
      const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
      if (code === 0) await spec.afterOrderlyEnd?.();
      return signal === null ? `with exit code ${code}` : `by ${signal}`;
    } catch (error) {
      return `before it began: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  function startAgain(how: string, livedMs: number): void {
    failures = livedMs > healthyAfterMs ? 0 : failures + 1;
    const againInMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, failures - 1));
    context.onEvent({ kind: "died", part: spec.name, how, lastLines: log.tail(toldLines), againInMs });
    const diedAt = performance.now();
    again = setTimeout(() => {
      start();
      ready().then(
        () => context.onEvent({ kind: "back", part: spec.name, afterMs: performance.now() - diedAt }),
        // It has died again, or was stopped: that is told by itself.
        () => {},
      );
    }, againInMs);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    isWanted = false;
    clearTimeout(again);
    child?.kill(signal);
    const last = setTimeout(() => child?.kill("SIGKILL"), endsWithinMs);
    await gone.finally(() => clearTimeout(last));
  }

  async function ready(withinMs = startsWithinMs): Promise<void> {
    const until = performance.now() + withinMs;
    for (;;) {
      try {
        if (child === undefined) throw new Error("it is not running");
        await spec.check(AbortSignal.timeout(checkTimeoutMs));
        hasServed = true;
        return;
      } catch (cause) {
        if (!isWanted) throw new Error(`${spec.name} was stopped`, { cause });
        const isHopeless = !hasServed && failures >= hopelessAfter;
        if (isHopeless || performance.now() >= until) {
          const why = isHopeless
            ? `it has ended ${failures} times`
            : cause instanceof Error
              ? cause.message
              : String(cause);
          throw new RegionTroubleError(
            `${spec.name} does not serve: ${why}. Its last lines, all of them in ${context.logFile}:\n` +
              log
                .tail(toldLines)
                .map((line) => `  ${line}`)
                .join("\n"),
            { cause },
          );
        }
      }
      await delay(checkEveryMs);
    }
  }

  return {
    name: spec.name,
    get pid() {
      return child?.pid;
    },
    get isRunning() {
      return child !== undefined;
    },
    get starts() {
      return starts;
    },
    tail: (lines) => log.tail(lines),
    ready,
    start,
    stop: () => end("SIGTERM"),
    abandon: () => void child?.kill("SIGKILL"),
    kill: (signal = "SIGKILL") => end(signal),
    async restart() {
      if (isUnderWay) await end("SIGTERM");
      failures = 0;
      start();
      await ready();
    },
  };
}

/** This process' settings are not those of its parts. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("MESSNETZ_")));
}
