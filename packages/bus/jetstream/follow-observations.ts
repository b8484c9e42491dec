import { setTimeout as delay } from "node:timers/promises";
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { Observation } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import { decodeBusMessage } from "./decode-bus-message.ts";
import { observationStream, observationSubject } from "./observation-stream.ts";
import type { LedgerRows } from "./received-rows.ts";

export interface FollowedMessage {
  readonly seq: number;
  readonly observations: readonly Observation[];
  readonly rows: LedgerRows;
}

export interface FollowOptions {
  readonly link: NatsLink;
  /** Only this domain's. Absent: all. */
  readonly partition?: string;
  /** Stream sequence of the first message wanted. What was purged meanwhile does not come. */
  readonly from: number | (() => Promise<number>);
  /** Awaited before the next message is handed over, and, after some that are under way, before the next is asked for. */
  readonly handle: (message: FollowedMessage) => void | Promise<void>;
  readonly signal: AbortSignal;
  /** The source was lost; it begins again by itself where it was. */
  readonly onInterrupted?: (cause: unknown) => void;
}

/** Messages that are asked for at once; each may have a megabyte. */
const maxMessages = 16;
const retryDelayMs = 500;

/**
 * Hands over all observations of the stream in order, without acknowledging anything: for projections and live views. Resolves when the signal
 * aborts; rejects when `handle` does. Messages with poison or bad elements are left out: the writer tells of them.
 */
export async function followObservations(options: FollowOptions): Promise<void> {
  const { from, handle, signal } = options;
  let next = typeof from === "number" ? from : undefined;
  let failure: { readonly cause: unknown } | undefined;

  async function take(message: JsMsg): Promise<void> {
    next = message.seq + 1;
    const decoded = decodeBusMessage({ headers: message.headers ?? { get: () => "" }, payload: message.data });
    if (decoded.poison !== undefined || decoded.bad.length > 0) return;
    try {
      await handle({ seq: message.seq, observations: decoded.observations, rows: decoded.rows });
    } catch (cause) {
      failure = { cause };
      throw cause;
    }
  }

  while (!signal.aborted) {
    try {
      next ??= typeof from === "number" ? from : await from();
      for await (const message of await open(options, next)) await take(message);
    } catch (cause) {
      if (failure !== undefined) throw failure.cause;
      if (!signal.aborted) options.onInterrupted?.(cause);
    }
    await delay(retryDelayMs, undefined, { signal }).catch(() => {}); // rejects for one reason: the end
  }
}

async function open({ link, partition, signal }: FollowOptions, from: number): Promise<ConsumerMessages> {
  const consumer = await link.jetstream.consumers.get(observationStream, {
    filter_subjects: observationSubject(partition ?? ">"),
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, from),
  });
  const messages = await consumer.consume({ max_messages: maxMessages });
  const stop = (): void => messages.stop();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return messages;
}
