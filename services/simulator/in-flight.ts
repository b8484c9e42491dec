import { setTimeout as delay } from "node:timers/promises";

/** What has been begun and is not over, bounded. */
export interface InFlight {
  readonly size: number;
  /** Takes work that never rejects. */
  add(work: Promise<void>): void;
  /** Resolves when there is room for one more, or the signal aborts. */
  room(signal: AbortSignal): Promise<void>;
  /** Resolves when nothing is left, or the time is over. */
  settled(timeoutMs: number): Promise<void>;
}

export function createInFlight(max: number): InFlight {
  let size = 0;
  let wake: (() => void) | undefined;

  async function until(isReached: () => boolean, signal: AbortSignal): Promise<void> {
    const onAbort = (): void => wake?.();
    signal.addEventListener("abort", onAbort);
    while (!isReached() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    signal.removeEventListener("abort", onAbort);
  }

  return {
    get size() {
      return size;
    },
    add(work) {
      size++;
      void work.finally(() => {
        size--;
        wake?.();
      });
    },
    room: (signal) => until(() => size < max, signal),
    async settled(timeoutMs) {
      const timer = new AbortController();
      const end = delay(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
      const over = new AbortController();
      await Promise.race([until(() => size === 0, over.signal), end]);
      timer.abort();
      over.abort();
    },
  };
}
