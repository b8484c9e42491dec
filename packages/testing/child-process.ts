import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";

/** Services that start with their types stripped and compiled before take half the time. */
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/compile", import.meta.url));

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** How a process ended: its exit code, or the signal that ended it. */
export type ChildEnd = { readonly code: number } | { readonly signal: NodeJS.Signals };

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** All that it wrote to stdout and stderr so far. */
  output(): string;
  /** The first match in the output; rejects when the process ends without it, or after `withinMs` (60 s when absent). */
  sees(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** Resolves when it has ended and its output is complete. */
  ended(): Promise<ChildEnd>;
  /** SIGTERM, and SIGKILL to what is still there after `graceMs` (30 s when absent). */
  stop(graceMs?: number): Promise<ChildEnd>;
  /** SIGKILL: no chance to write, flush or say good-bye. */
  kill(): Promise<ChildEnd>;
}

/** Starts a program as a child of this process. It does not outlive this process: what still runs at exit is killed. */
export async function startChild(command: string, options: ChildOptions = {}): Promise<Child> {
  const child = spawn(command, options.args ?? [], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const end = endOf(child).finally(() => process.off("exit", killAtExit));
  let over = false;
  void end.then(() => (over = true));
  await once(child, "spawn");

  const stop = async (graceMs = 30_000): Promise<ChildEnd> => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    return end.finally(() => clearTimeout(timer));
  };
  return {
    pid: child.pid!,
    output: () => output,
    sees: (pattern, withinMs = 60_000) =>
      waitForOutput({ command, pattern, withinMs, output: () => output, over: () => over }),
    signal: (name) => void child.kill(name),
    ended: () => end,
    stop,
    kill() {
      child.kill("SIGKILL");
      return end;
    },
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function endOf(child: ChildProcess): Promise<ChildEnd> {
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return signal === null ? { code: code ?? 0 } : { signal };
}

interface OutputWait {
  readonly command: string;
  readonly pattern: RegExp;
  readonly withinMs: number;
  output(): string;
  over(): boolean;
}

/** The first match in the output; rejects when it is over without one. */
export async function waitForOutput({
  command,
  pattern,
  withinMs,
  output,
  over,
}: OutputWait): Promise<RegExpExecArray> {
  const seen = await eventually(
    `${command} to write ${String(pattern)}`,
    () => pattern.exec(output()) ?? (over() ? "ended" : undefined),
    withinMs,
  ).catch((cause: unknown) => {
    throw new Error(`${command} did not write ${String(pattern)} within ${withinMs} ms, but:\n${output()}`, { cause });
  });
  if (seen === "ended") throw new Error(`${command} ended without writing ${String(pattern)}, but:\n${output()}`);
  return seen;
}
