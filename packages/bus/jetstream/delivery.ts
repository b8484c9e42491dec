import { declareConsumer, type NatsLink } from "@messnetz/nats";
import type { ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import type { PartitionSource } from "./partition.ts";
import type { BusMessage } from "./subscription.ts";

/** The server waits this long for an acknowledgement, or for `working`, before it delivers again. */
export const ackWaitMs = 60_000;
const pullExpiresMs = 10_000;
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

  function stop(): void {
    stopped = true;
    stopPulling();
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

  const pulling = await link.jetstream.consumers.get(stream, consumer);
  const messages = await pulling.consume({ max_messages: maxPending, expires: pullExpiresMs, callback: take });
  stopPulling = () => messages.stop();
  if (stopped) stopPulling();
  void watch(messages, gap);
  return { stop };
}

const noHeaders = { get: (): string => "" };

const gone = new Set(["consumer_deleted", "consumer_not_found", "stream_not_found"]);

async function watch(messages: ConsumerMessages, gap: (reason: string) => void): Promise<void> {
  for await (const { type } of messages.status()) if (gone.has(type)) gap(type);
  gap("the pulling ended");
}
