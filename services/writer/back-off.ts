import { setTimeout as delay } from "node:timers/promises";

export interface BackOff {
  /** Waits longer each time, with jitter, and at least `atLeastMs`, which a server may have asked for. Resolves early when the signal aborts. */
  wait(signal: AbortSignal, atLeastMs?: number): Promise<void>;
  /** It went well: the next wait is a short one. */
  reset(): void;
}

export interface BackOffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** In [0, 1). Absent: `Math.random`. */
  readonly random?: () => number;
}

/** Between half and all of a span that doubles: processes that failed together do not come back together. */
export function createBackOff({ firstMs, maxMs, random = Math.random }: BackOffOptions): BackOff {
  let spanMs = firstMs;
  return {
    async wait(signal, atLeastMs = 0) {
      const waitMs = Math.max(atLeastMs, spanMs / 2 + (random() * spanMs) / 2);
      spanMs = Math.min(spanMs * 2, maxMs);
      await pause(waitMs, signal);
    },
    reset() {
      spanMs = firstMs;
    },
  };
}

/** Resolves after the time, or as soon as the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    // The delay rejects for one reason: the signal.
    if (!signal.aborted) throw error;
  }
}
