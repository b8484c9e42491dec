import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A process that a pid alone does not name, because pids are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in clock ticks since boot: field 22 of proc_pid_stat(5). */
  readonly startedAt: string;
}

const lookEveryMs = 50;

/** Undefined where there is no such process, and on systems without /proc. */
export function identify(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name of the program stands in brackets and may hold anything: fields are counted after it, from the third on.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const startedAt = fields[19];
  return startedAt === undefined || state === "Z" ? undefined : { pid, startedAt };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** SIGTERM, and SIGKILL to what is still there after `graceMs`. Resolves when it is gone. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  const end = performance.now() + graceMs;
  for (let signal: NodeJS.Signals = "SIGTERM"; isAlive(identity);) {
    process.kill(identity.pid, signal);
    while (isAlive(identity) && (signal === "SIGKILL" || performance.now() < end)) await delay(lookEveryMs);
    signal = "SIGKILL";
  }
}
