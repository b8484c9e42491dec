import { setTimeout as delay } from "node:timers/promises";
import { JetStreamApiError } from "@nats-io/jetstream";
import { ConsumerContradictionError, StreamContradictionError } from "./errors.ts";

const withinMs = 30_000;
const pauseMs = 250;

/** `err_code` of what waiting does not cure: JetStream reserves a stream's size from `max_file_store` or from the account's limit. */
const noRoom = new Set([10_002, 10_023, 10_028, 10_047]);

function explain(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const isTooLarge = cause instanceof JetStreamApiError && noRoom.has(cause.code);
  return isTooLarge
    ? `${text}. JetStream reserves the whole size: allow it more (max_file_store, a larger disk) or lower the sizes set by MESSNETZ_NATS_..._MB`
    : text;
}

/** Repeats what JetStream did not answer: it may be electing a leader or coming up. What it refuses is final. */
export async function untilAnswered<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      if (cause instanceof StreamContradictionError || cause instanceof ConsumerContradictionError) throw cause;
      const isFinal = cause instanceof JetStreamApiError && (cause.status < 500 || noRoom.has(cause.code));
      if (isFinal || performance.now() >= end) throw new Error(`expected ${what}, came: ${explain(cause)}`, { cause });
    }
    await delay(pauseMs);
  }
}
