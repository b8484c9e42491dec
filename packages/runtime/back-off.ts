import { setTimeout as delay } from "node:timers/promises";

export interface BackOffSpan {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Beyond it the span is at its bound anyway. */
const maxDoublings = 16;

/**
 * How long to wait before the next attempt, after so many that failed in a row: doubled each time up to the bound, and between half of it and
 * all of it by chance, so that processes that failed together do not come back together. `random`: in [0, 1).
 */
export function backOffMs(failures: number, { firstMs, maxMs }: BackOffSpan, random = Math.random): number {
  const wholeMs = Math.min(maxMs, firstMs * 2 ** Math.min(failures, maxDoublings));
  return wholeMs * (0.5 + random() / 2);
}

export interface BackOff {
  /** Waits longer each time, with jitter, and at least `atLeastMs`, which a server may have asked for. Resolves early when the signal aborts. */
  wait(signal: AbortSignal, atLeastMs?: number): Promise<void>;
  /** It went well: the next wait is a short one. */
  reset(): void;
}

export function createBackOff(span: BackOffSpan & { readonly random?: () => number }): BackOff {
  let failures = 0;
  return {
    wait: (signal, atLeastMs = 0) => pause(Math.max(atLeastMs, backOffMs(failures++, span, span.random)), signal),
    reset() {
      failures = 0;
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
