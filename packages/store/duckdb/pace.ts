import { setTimeout as delay } from "node:timers/promises";

/** Resolves as soon as `everyMs` have passed since it resolved last; at once after a pause. */
export function createPace(everyMs: number): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    const waitMs = last + everyMs - performance.now();
    if (waitMs >= 1) await delay(waitMs);
    last = performance.now();
  };
}
