import { setTimeout as delay } from "node:timers/promises";

const shortestPauseMs = 10;
const longestPauseMs = 300;

/**
 * The first result of `look` that is neither undefined nor false. Looks again after 10 ms, and after a dear look as much later as the look took
 * (at most 300 ms), so that waiting leaves the machine to what is waited for. After `withinMs` (30 s when absent: a limit for hanging, not for slow machines)
 * rejects with what was waited for, and with the last error of `look` as cause.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 30_000,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + withinMs;
  let cause: unknown;
  for (;;) {
    const lookedAt = performance.now();
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    const now = performance.now();
    if (now >= end) throw new Error(`expected within ${withinMs} ms: ${what}`, { cause });
    await delay(Math.min(Math.max(now - lookedAt, shortestPauseMs), longestPauseMs));
  }
}
