import { setTimeout as delay } from "node:timers/promises";

/** What it resolves with, or undefined after the time, while it goes on. Rejects as it does within the time; later rejections are nobody's. */
export async function within<T>(task: Promise<T>, ms: number): Promise<T | undefined> {
  const ending = new AbortController();
  task.catch(() => undefined);
  const late = delay(ms, undefined, { signal: ending.signal }).catch(() => undefined);
  try {
    return await Promise.race([task, late]);
  } finally {
    ending.abort();
  }
}
