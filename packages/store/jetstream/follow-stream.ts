import { setTimeout as delay } from "node:timers/promises";
import { type ConsumerMessages, DeliverPolicy, type JsMsg, type OrderedConsumerOptions } from "@nats-io/jetstream";
import type { NatsLink } from "@messnetz/nats";
import { StoreUnavailableError } from "../errors.ts";
import { askServer } from "./ask-server.ts";

export interface StreamReading {
  readonly link: NatsLink;
  readonly stream: string;
  /** Only this subject; may hold wild cards. Default: all. */
  readonly subject?: string;
  readonly headersOnly?: true;
  /** Each message once, in the stream's order, from the first that there is. Must not throw. */
  take(message: JsMsg): void;
  /** The stream was made anew or put back from a copy: what was taken does not count any more, and all that is there now comes. */
  startOver(): void;
}

export interface StreamFollower {
  /** Resolves when everything has been taken that was in the stream at the time of the call. Rejects where the server does not answer or nothing comes. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

const retryPauseMs = 250;
const bytesAtOnce = 32_000_000;
const caughtUpTimeoutMs = 30_000;
const lookAgainMs = 1000;
const probeLifeMs = 5000;

/** Reads a stream from its beginning and goes on reading, whatever happens to the connection in between. */
export function followStream(reading: StreamReading): StreamFollower {
  const { link, stream, subject = ">", headersOnly = false, take } = reading;
  // nats-server cuts off who has more than 64 MB to read (`max_pending`). By number, since 2.9 may forget a request by bytes when the
  // stream is purged meanwhile.
  const amount = { max_messages: headersOnly ? 2000 : Math.max(1, Math.floor(bytesAtOnce / link.maxPayloadBytes)) };
  const ending = new AbortController();
  /** Of the stream, the last that was taken, and when it was stored. */
  let taken = 0;
  let takenAt = 0;
  let createdAt: string | undefined;
  let current: ConsumerMessages | undefined;
  let waiting: { readonly seq: number; readonly resolve: () => void }[] = [];

  function advance({ seq, time }: JsMsg): void {
    taken = seq;
    takenAt = time.getTime();
    if (waiting.length === 0) return;
    for (const one of waiting) if (one.seq <= seq) one.resolve();
    waiting = waiting.filter((one) => one.seq > seq);
  }

  function place(): Partial<OrderedConsumerOptions> {
    return {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: taken + 1,
      headers_only: headersOnly,
      ...(subject === ">" ? {} : { filter_subjects: subject }),
    };
  }

  async function isReplaced(): Promise<boolean> {
    const { created, state } = await link.manager.streams.info(stream);
    const isOther = createdAt !== undefined && createdAt !== created;
    createdAt = created;
    if (isOther || state.last_seq < taken) return true;
    const last = taken === 0 ? null : await link.manager.streams.getMessage(stream, { seq: taken });
    return last !== null && last.time.getTime() !== takenAt;
  }

  async function startOverIfReplaced(): Promise<void> {
    if (!(await isReplaced())) return;
    taken = 0;
    reading.startOver();
  }

  async function consume(): Promise<ConsumerMessages> {
    let isGivenUp = false;
    const begin = async (): Promise<ConsumerMessages> => {
      await startOverIfReplaced();
      const consumer = await link.jetstream.consumers.get(stream, place());
      const messages = await consumer.consume(amount);
      if (isGivenUp) void messages.close();
      return messages;
    };
    try {
      return await askServer(link, `the stream ${stream}`, begin);
    } catch (error) {
      isGivenUp = true;
      throw error;
    }
  }

  async function readOn(): Promise<void> {
    const messages = await consume();
    // It ends for who reads it only.
    if (ending.signal.aborted) return void messages.close();
    current = messages;
    for await (const message of messages) {
      if (message.seq <= taken) continue;
      take(message);
      advance(message);
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      // What went wrong is the connection's to tell; here it only means to begin again behind what was taken.
      await readOn().catch(() => undefined);
      current = undefined;
      await delay(retryPauseMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }

  // The consumer lived in the server's memory; to wait until its absence is noticed would take half a minute.
  const stopListening = link.onReconnect(() => void current?.close());
  const running = run();

  async function newestSeq(): Promise<number> {
    if (subject === ">") {
      // More may be taken while the question is on its way.
      const before = taken;
      const { state } = await link.manager.streams.info(stream);
      if (state.last_seq < before) {
        void current?.close();
        throw new Error("another stream than before: it is read anew");
      }
      return state.messages === 0 ? 0 : state.last_seq;
    }
    return (await link.manager.streams.getMessage(stream, { last_by_subj: subject }))?.seq ?? 0;
  }

  /** The last message may have been deleted, by hand for instance: then it never comes. */
  async function isAtEnd(): Promise<boolean> {
    const probe = await link.jetstream.consumers.get(stream, { ...place(), inactive_threshold: probeLifeMs });
    return (await probe.info(true)).num_pending === 0;
  }

  return {
    async caughtUp() {
      const seq = await askServer(link, `the end of the stream ${stream}`, newestSeq);
      if (seq <= taken) return;
      let end = performance.now() + caughtUpTimeoutMs;
      let before = taken;
      const { promise, resolve } = Promise.withResolvers<void>();
      const one = { seq, resolve };
      waiting.push(one);
      try {
        while (!(await settlesWithin(promise, lookAgainMs))) {
          if (await askServer(link, `the end of the stream ${stream}`, isAtEnd)) return;
          if (taken !== before) end = performance.now() + caughtUpTimeoutMs;
          before = taken;
          if (performance.now() >= end) {
            throw new StoreUnavailableError(
              `expected message ${seq} of ${stream}, came up to ${taken} and nothing more`,
            );
          }
        }
      } finally {
        waiting = waiting.filter((other) => other !== one);
      }
    },
    async close() {
      stopListening();
      ending.abort();
      await current?.close();
      await running;
    },
  };
}

/** Whether the promise resolves before the time is over. */
async function settlesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  const ending = new AbortController();
  const late = delay(ms, false, { signal: ending.signal }).catch(() => false);
  const settled = await Promise.race([promise.then(() => true), late]);
  ending.abort();
  return settled;
}
