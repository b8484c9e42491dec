import type { IntakeBatch, IntakeResult, Observation } from "@messnetz/model";

/** `publish` resolves when the batch is durable; rejects when nothing of it may be acknowledged. Repeating a batch is safe. */
export interface Publisher {
  publish(batch: IntakeBatch): Promise<IntakeResult>;
}

/**
 * For live views: durable observations, best effort, and never in the way of `publish`. What is known to be a repeat does not come
 * again; a listener that is too slow misses the oldest.
 */
export interface LiveFeed {
  /** Until the signal aborts. Calls after `listen` returned, never from within `publish`. A listener that throws is dropped and reported. */
  listen(handle: (observations: readonly Observation[]) => void, signal: AbortSignal): void;
}

export interface Bus extends Publisher, LiveFeed {
  close(): Promise<void>;
}
