import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { NatsLink } from "@messnetz/nats";

/** Sequences of the first and the last message; of an empty stream, the first is the one that would come next. */
export interface StreamRange {
  readonly first: number;
  readonly last: number;
}

export async function streamRange(link: NatsLink, stream: string): Promise<StreamRange> {
  const { state } = await unlessLost(link, link.manager.streams.info(stream));
  const { messages, first_seq: first, last_seq: last } = state;
  return { first: messages === 0 ? last + 1 : first, last };
}

/** The answer; rejects at once when the connection is lost, over which no answer can come any more. */
async function unlessLost<T>(link: NatsLink, answer: Promise<T>): Promise<T> {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  const stopListening = link.onDisconnect(() => reject(new Error(connectionLost)));
  if (!link.isConnected()) reject(new Error(connectionLost));
  return Promise.race([answer, lost]).finally(stopListening);
}

export const connectionLost = "the connection to NATS is lost; it is tried again by itself";

export interface StreamReader {
  /** Resolves when it was stopped; rejects with what `take` threw, or with why nothing comes any more. */
  readonly ended: Promise<void>;
  stop(): void;
}

export interface StreamReading {
  readonly stream: string;
  /** Sequence of the first message wanted. */
  readonly from: number;
  /** How many messages may be on the way at once. */
  readonly window: number;
  readonly take: (message: JsMsg) => void;
}

/** How soon a consumer that the server has lost is noticed: after two of these. */
const heartbeatMs = 2_000;
/** How long the server holds a request for more. */
const pullMs = 30_000;

/** Reads the stream's messages in order, each once, as they come. */
export async function readStream(link: NatsLink, { stream, from, window, take }: StreamReading): Promise<StreamReader> {
  const options = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from };
  const consumer = await unlessLost(link, link.jetstream.consumers.get(stream, options));
  const messages = await consumer.consume({
    callback: take,
    expires: pullMs,
    idle_heartbeat: heartbeatMs,
    max_messages: window,
  });
  const ended = messages.closed().then((cause) => {
    void consumer.delete().catch(() => undefined); // gone with the connection, or ends by itself
    if (cause instanceof Error) throw cause;
  });
  ended.catch(() => undefined); // told to who awaits it
  return { ended, stop: () => messages.stop() };
}

export interface StreamPart extends StreamReading {
  /** Sequence of the last message wanted; it must be there. */
  readonly to: number;
  readonly withinMs: number;
}

/** Resolves when the messages from one sequence to another were taken. */
export async function readStreamPart(link: NatsLink, part: StreamPart): Promise<void> {
  const { stream, from, to, window, take, withinMs } = part;
  if (from > to) return;
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new Error(`expected the messages ${from} to ${to} of ${stream} within ${withinMs} ms`)),
    withinMs,
  );
  const stopListening = link.onDisconnect(() => reject(new Error(connectionLost)));
  done.catch(() => undefined); // told below
  let reader: StreamReader | undefined;
  try {
    reader = await readStream(link, {
      stream,
      from,
      window,
      take(message) {
        if (message.seq <= to) take(message);
        if (message.seq >= to) resolve();
      },
    });
    reader.ended.then(() => reject(new Error(`expected to read ${stream} to its end, it was cut off`)), reject);
    await done;
  } finally {
    clearTimeout(timer);
    stopListening();
    reader?.stop();
  }
}
