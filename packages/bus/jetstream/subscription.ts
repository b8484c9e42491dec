import { setTimeout as delay } from "node:timers/promises";
import type { NatsLink } from "@messnetz/nats";
import { type Delivery, openDelivery } from "./delivery.ts";
import { partitionSource, writerConsumer } from "./partition.ts";
import { createLineage, StreamReplacedError } from "./stream-lineage.ts";
import { createStreamView } from "./stream-view.ts";

/** A message of the stream, in hand until it is acknowledged. */
export interface BusMessage {
  readonly seq: number;
  readonly subject: string;
  /** Last token of the subject. */
  readonly domain: string;
  /** `get` gives an empty text where the header is absent. */
  readonly headers: { get(name: string): string };
  readonly payload: Uint8Array;
  /** When the server stored it, by its clock. */
  readonly publishedAt: number;
  /** It is done with. Makes room for the next; a lost acknowledgement does no harm, because a subscription begins where it is told. */
  ack(): void;
  /** It is still in hand; to be said more often than every `ackWaitMs`, else it comes again (and is dropped here). */
  working(): void;
}

export type SubscriptionEvent =
  /** Deliveries were missing, or might be: the consumer was made anew at the first message that had not come. */
  | { readonly kind: "subscription_renewed"; readonly from: number; readonly reason: string }
  | { readonly kind: "subscription_failed"; readonly cause: unknown };

export interface SubscriptionOptions {
  readonly link: NatsLink;
  /** A domain, `other`, or `quarantine`. */
  readonly partition: string;
  /** Stream sequence of the first message wanted. */
  readonly from: number;
  /** When the newest message before `from` was stored, by the server's clock: tells whether the stream is still the same. Absent: not known. */
  readonly newestAt?: number;
  /** Messages that are delivered ahead at most, beside those that were taken; one may have a megabyte. */
  readonly maxPending: number;
  readonly onEvent?: (event: SubscriptionEvent) => void;
}

export interface Subscription {
  /**
   * All that has come and was not taken, in the order of the stream; waits for the first. Empty when the signal aborts. Rejects when the subscription is
   * closed, and with StreamReplacedError where the stream was made anew or put back from a copy.
   */
  next(signal: AbortSignal): Promise<BusMessage[]>;
  /** What this partition has not acknowledged, and the age of its oldest (0 where there is none). */
  lag(): Promise<{ readonly messages: number; readonly oldestMs: number }>;
  /** Bytes of the whole stream. */
  fill(): Promise<{ readonly bytes: number; readonly maxBytes: number }>;
  /** Sequence of this partition's first message at or after the instant, by the server's clock; where there is none, of what comes next. */
  firstSeqSince(instant: number): Promise<number>;
  /** Deletes this partition's messages up to and including the sequence. */
  purge(upToSeq: number): Promise<void>;
  /** Nothing comes any more; what is in hand may still be acknowledged. */
  close(): Promise<void>;
}

const renewPauseMs = 250;
const maxRenewPauseMs = 5000;

/**
 * The messages of one partition in the order of the stream, each once, whatever happens to connection and server: the durable consumer
 * `writer-<partition>` is made anew where a delivery is missing, because JetStream's own redelivery would bring what is newer first. There
 * must be one subscription to a partition at a time. Rejects where the stream is not there or the consumer's name is taken, and with
 * StreamReplacedError where the stream does not go on at `from`.
 */
export async function createSubscription(options: SubscriptionOptions): Promise<Subscription> {
  const { link, partition } = options;
  const source = partitionSource(partition);
  /** Delivered and not acknowledged, in the order of the stream. */
  const inHand = new Map<number, BusMessage>();
  let queue: BusMessage[] = [];
  const lineage = createLineage(link, source);
  let lastTaken = options.from - 1;
  let newestAt = options.newestAt ?? 0;
  let failure: StreamReplacedError | undefined;
  let delivery: Delivery | undefined;
  let renewing: Promise<void> | undefined;
  let isRenewalDue = false;
  const ending = new AbortController();
  const waiting = new Set<() => void>();

  function wake(): void {
    for (const resolve of waiting) resolve();
  }

  async function somethingNew(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wakeUp = (): void => resolve();
    waiting.add(wakeUp);
    signal.addEventListener("abort", wakeUp, { once: true });
    await promise;
    waiting.delete(wakeUp);
    signal.removeEventListener("abort", wakeUp);
  }

  async function begin(): Promise<void> {
    await lineage.check({ to: lastTaken, newestAt });
    const opened: Delivery = await openDelivery({
      link,
      source,
      consumer: writerConsumer(partition),
      from: lastTaken + 1,
      maxPending: options.maxPending,
      inHand,
      onMessage(message) {
        inHand.set(message.seq, message);
        queue.push(message);
        wake();
      },
      onGap: (reason) => void renew(reason),
    });
    if (ending.signal.aborted) opened.stop();
    else delivery = opened;
  }

  function renew(reason: string): Promise<void> {
    isRenewalDue = true;
    renewing ??= tryRenewing(reason).finally(() => (renewing = undefined));
    return renewing;
  }

  async function tryRenewing(reason: string): Promise<void> {
    stopDelivery();
    for (let pauseMs = renewPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxRenewPauseMs)) {
      // Also before the first try: whoever deleted the consumer may be about to use its name.
      await delay(pauseMs, undefined, { signal: ending.signal }).catch(() => {}); // rejects for one reason: the end
      if (isOver()) break;
      if (link.isConnected()) {
        isRenewalDue = false;
        try {
          await begin();
          options.onEvent?.({ kind: "subscription_renewed", from: lastTaken + 1, reason });
          // What was delivered may have ended before it was known here.
          if (!isRenewalDue) return;
          stopDelivery();
        } catch (cause) {
          options.onEvent?.({ kind: "subscription_failed", cause });
          if (cause instanceof StreamReplacedError) failure = cause;
        }
      }
    }
    wake();
  }

  /** What came and was not taken comes again, so that it is not held twice. */
  function stopDelivery(): void {
    delivery?.stop();
    delivery = undefined;
    for (const { seq } of queue) inHand.delete(seq);
    queue = [];
  }

  function isOver(): boolean {
    return ending.signal.aborted || failure !== undefined || link.connection.isClosed();
  }

  await begin();
  const stopWatching = [
    link.onDisconnect(() => stopDelivery()),
    link.onReconnect(() => void renew("the connection was lost")),
  ];

  return {
    async next(signal) {
      while (queue.length === 0) {
        if (signal.aborted) return [];
        if (isOver()) throw failure ?? new Error(`expected messages of ${partition}, but the subscription is closed`);
        await somethingNew(signal);
      }
      const taken = queue;
      queue = [];
      lastTaken = taken.at(-1)?.seq ?? lastTaken;
      for (const { publishedAt } of taken) newestAt = Math.max(newestAt, publishedAt);
      return taken;
    },
    ...createStreamView({
      link,
      source,
      consumer: writerConsumer(partition),
      inHand,
      lastTaken: () => lastTaken,
    }),
    async close() {
      ending.abort();
      for (const stop of stopWatching) stop();
      stopDelivery();
      wake();
      await renewing;
    },
  };
}
