import type { IntakeBatch, IntakeResult } from "@messnetz/model";
import { createLiveQueue, type LiveEvent } from "./live-queue.ts";
import type { Bus } from "./port.ts";

/** The store's side of the direct bus: resolves when durable. */
export interface Committing {
  commit(batch: IntakeBatch): Promise<IntakeResult>;
}

export interface DirectBusOptions {
  /** Observations that wait for live listeners at most; the oldest batches make room. Default 10,000. */
  readonly maxQueued?: number;
  readonly onEvent?: (event: LiveEvent) => void;
}

const defaultMaxQueued = 10_000;

/** The bus of the embedded constellation: a call of the store. Nothing lies in between, so what it resolves is durable. */
export function createDirectBus(store: Committing, options: DirectBusOptions = {}): Bus {
  const live = createLiveQueue({ maxQueued: options.maxQueued ?? defaultMaxQueued, onEvent: options.onEvent });

  return {
    async publish(batch) {
      const result = await store.commit(batch);
      live.offer(batch.messages.flatMap((message) => (message.repeated ? [] : message.observations)));
      return result;
    },
    listen: live.listen,
    close() {
      live.close();
      return Promise.resolve();
    },
  };
}
