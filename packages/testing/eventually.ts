import { setTimeout as delay } from "node:timers/promises";

const pauseMs = 10;

/**
 * The first result of `look` that is neither undefined nor false. Looks again every 10 ms; after `withinMs` (5 s when absent)
 * rejects with what was waited for, and with the last error of `look` as cause.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 5000,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + withinMs;
  let cause: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end) throw new Error(`expected within ${withinMs} ms: ${what}`, { cause });
    await delay(pauseMs);
  }
}
