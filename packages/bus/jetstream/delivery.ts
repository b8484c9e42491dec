import { declareConsumer, type NatsLink } from "@messnetz/nats";
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import type { PartitionSource } from "./partition.ts";
import type { BusMessage } from "./subscription.ts";

/** The server waits this long for an acknowledgement, or for `working`, before it delivers again. */
export const ackWaitMs = 60_000;
const pullExpiresMs = 10_000;
/** Asked of the server at once. It cuts off a client that it has more to send to than it may hold (`max_pending`, 64 MB): nine partitions are below. */
const pullBytes = 4_000_000;
/** Messages that are asked for at once, at most. */
const maxPulled = 256;
/** Beyond this nothing more is asked for until something is acknowledged. */
const maxBytesInHand = 16_000_000;
const nanosecondsPerMs = 1_000_000;

export interface DeliveryOptions {
  readonly link: NatsLink;
  readonly source: PartitionSource;
  readonly consumer: string;
  readonly from: number;
  readonly maxPending: number;
  /** What was delivered and is not acknowledged; the delivery takes out what is. */
  readonly inHand: Map<number, BusMessage>;
  readonly onMessage: (message: BusMessage) => void;
  /** Once; nothing is delivered any more. */
  readonly onGap: (reason: string) => void;
}

/** One life of the consumer: from `from` on without a gap, until something is missing. */
export interface Delivery {
  stop(): void;
}

export async function openDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { link, source, consumer, maxPending, inHand } = options;
  const { stream, subject: filterSubject, headersOnly } = source;
  await declareConsumer(link, {
    stream,
    name: consumer,
    filterSubject,
    from: options.from,
    ackWaitMs,
    maxAckPending: maxPending,
    ...(headersOnly === undefined ? {} : { headersOnly }),
  });
  let stopped = false;
  let delivered = 0;
  let lastSeq = options.from - 1;
  let stopPulling = (): void => {};
  let wake = (): void => {};

  function stop(): void {
    stopped = true;
    stopPulling();
    wake();
  }

  function gap(reason: string): void {
    if (stopped) return;
    stop();
    options.onGap(reason);
  }

  function take(message: JsMsg): void {
    if (stopped) return;
    const { deliverySequence, streamSequence } = message.info;
    delivered += 1;
    if (deliverySequence !== delivered) return gap(`delivery ${deliverySequence} came where ${delivered} was expected`);
    if (streamSequence > lastSeq) {
      lastSeq = streamSequence;
      return options.onMessage(toBusMessage(message));
    }
    // Delivered again: what is in hand will be acknowledged, of what is not the acknowledgement was lost.
    if (!inHand.has(streamSequence)) message.ack();
  }

  function toBusMessage(message: JsMsg): BusMessage {
    const { streamSequence: seq, timestampNanos } = message.info;
    const { subject } = message;
    const busMessage: BusMessage = {
      seq,
      subject,
      domain: subject.slice(subject.lastIndexOf(".") + 1),
      headers: message.headers ?? noHeaders,
      payload: message.data,
      publishedAt: Math.floor(timestampNanos / nanosecondsPerMs),
      ack() {
        if (inHand.get(seq) !== busMessage) return;
        inHand.delete(seq);
        wake();
        if (mayAnswer()) message.ack();
      },
      working() {
        if (mayAnswer()) message.working();
      },
    };
    return busMessage;
  }

  /** A consumer made anew knows nothing of what an earlier one delivered. */
  function mayAnswer(): boolean {
    return !stopped && !link.connection.isClosed();
  }

  function hasRoom(): boolean {
    if (inHand.size >= maxPending) return false;
    let bytes = 0;
    for (const { payload } of inHand.values()) bytes += payload.length;
    return bytes < maxBytesInHand;
  }

  async function room(): Promise<void> {
    while (!stopped && !hasRoom()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  }

  /**
   * As many messages as are likely to have so many bytes: after an outage one has a thousand times the size that it has on a quiet day. Asked by
   * number, since nats-server 2.9 may forget a request by bytes (`max_bytes`) when the stream is purged meanwhile.
   */
  async function pull(from: Consumer): Promise<void> {
    let largest = link.maxPayloadBytes;
    while (!stopped) {
      await room();
      if (stopped) return;
      const max_messages = Math.min(Math.max(1, Math.floor(pullBytes / largest)), maxPulled, maxPending);
      const messages = await from.fetch({ max_messages, expires: pullExpiresMs });
      stopPulling = () => messages.stop();
      if (stopped) stopPulling();
      let ofThese = 1;
      for await (const message of messages) {
        ofThese = Math.max(ofThese, message.data.length);
        take(message);
      }
      // Quick to ask for less, slow to ask for more.
      largest = Math.max(ofThese, largest / 2);
    }
  }

  const pulling = await link.jetstream.consumers.get(stream, consumer);
  pull(pulling).catch((error: unknown) => gap(error instanceof Error ? error.message : String(error)));
  return { stop };
}

const noHeaders = { get: (): string => "" };
