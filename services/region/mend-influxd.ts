import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { checkHttp } from "./check-port.ts";

const servesWithinMs = 120_000;
const lookEveryMs = 100;
const checkTimeoutMs = 3_000;

/**
 * Starts influxd once where nobody writes to it, and ends it in order. After a kill in the middle of a write influxd (1.6.7 and 2.7.12) cuts the
 * half entry off its log, and goes on writing behind where it was: all that it then takes is lost with its next kill. A start and an end
 * without a write in between leave the log whole.
 */
export async function mendInfluxd(
  program: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
  port: number,
): Promise<void> {
  const child = spawn(program.command, program.args, { stdio: "ignore", env: { ...process.env, ...program.env } });
  const ended = once(child, "close");
  let isOver = false;
  ended.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const until = performance.now() + servesWithinMs;
  try {
    while (!isOver && performance.now() < until && !(await serves(port))) await delay(lookEveryMs);
    child.kill("SIGTERM");
    await ended;
  } finally {
    process.off("exit", killAtExit);
  }
}

async function serves(port: number): Promise<boolean> {
  try {
    await checkHttp(`http://127.0.0.1:${port}/ping`, AbortSignal.timeout(checkTimeoutMs));
    return true;
  } catch {
    return false;
  }
}
