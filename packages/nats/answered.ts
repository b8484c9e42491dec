import { setTimeout as delay } from "node:timers/promises";
import { JetStreamApiError } from "@nats-io/jetstream";
import { ConsumerContradictionError, StreamContradictionError } from "./errors.ts";

const withinMs = 30_000;
const pauseMs = 250;

/** Repeats what JetStream did not answer: it may be electing a leader or coming up. What it refuses is final. */
export async function untilAnswered<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      if (cause instanceof StreamContradictionError || cause instanceof ConsumerContradictionError) throw cause;
      const isFinal = cause instanceof JetStreamApiError && cause.status < 500;
      if (isFinal || performance.now() >= end) {
        throw new Error(`expected ${what}, came: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      }
    }
    await delay(pauseMs);
  }
}
