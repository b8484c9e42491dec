import type { IntakeBatch, IntakeResult, Observation } from "@messnetz/model";

/** `publish` resolves when the batch is durable; rejects when nothing of it may be acknowledged. Repeating a batch is safe. */
export interface Publisher {
  publish(batch: IntakeBatch): Promise<IntakeResult>;
}

/** For live views: each durable observation once, best effort, and never in the way of `publish`. */
export interface LiveFeed {
  /** Ends the listening when the signal aborts. A listener that throws is dropped and reported. */
  listen(handle: (observations: readonly Observation[]) => void, signal: AbortSignal): void;
}

export interface Bus extends Publisher, LiveFeed {
  close(): Promise<void>;
}
