import type { Observation } from "@messnetz/model";
import type { LiveFeed } from "./port.ts";

export type LiveEvent =
  /** Listeners were slower than the road; these many observations they did not get. All are stored. */
  | { readonly kind: "live_dropped"; readonly observations: number }
  /** A listener threw; it gets nothing any more. */
  | { readonly kind: "listener_failed"; readonly cause: unknown }
  /** The feed has lost its source; it begins again by itself where it was. */
  | { readonly kind: "live_interrupted"; readonly cause: unknown };

export interface LiveQueue extends LiveFeed {
  /** Returns at once: listeners are called later, a batch at a time. */
  offer(observations: readonly Observation[]): void;
  close(): void;
}

interface LiveQueueOptions {
  readonly maxQueued: number;
  readonly onEvent: ((event: LiveEvent) => void) | undefined;
}

export function createLiveQueue({ maxQueued, onEvent }: LiveQueueOptions): LiveQueue {
  const listeners = new Set<(observations: readonly Observation[]) => void>();
  const queue: (readonly Observation[])[] = [];
  let queued = 0;
  let scheduled: NodeJS.Immediate | undefined;

  function schedule(): void {
    if (queue.length > 0) scheduled ??= setImmediate(deliver);
  }

  function deliver(): void {
    scheduled = undefined;
    const observations = queue.shift() ?? [];
    queued -= observations.length;
    for (const listener of listeners) {
      try {
        listener(observations);
      } catch (cause) {
        listeners.delete(listener);
        onEvent?.({ kind: "listener_failed", cause });
      }
    }
    schedule();
  }

  function makeRoom(): void {
    let dropped = 0;
    while (queued > maxQueued) {
      const oldest = queue.shift() ?? [];
      queued -= oldest.length;
      dropped += oldest.length;
    }
    if (dropped > 0) onEvent?.({ kind: "live_dropped", observations: dropped });
  }

  return {
    offer(observations) {
      if (listeners.size === 0 || observations.length === 0) return;
      queue.push(observations);
      queued += observations.length;
      makeRoom();
      schedule();
    },

    listen(handle, signal) {
      if (signal.aborted) return;
      // Its own function, so that one handler may listen twice.
      const listener = (observations: readonly Observation[]): void => handle(observations);
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
    },

    close() {
      listeners.clear();
      queue.length = 0;
      queued = 0;
      if (scheduled !== undefined) clearImmediate(scheduled);
      scheduled = undefined;
    },
  };
}
