import { setTimeout as delay } from "node:timers/promises";
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { Observation } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import { createLiveQueue, type LiveEvent } from "../live-queue.ts";
import type { LiveFeed } from "../port.ts";
import { decodeBusMessage } from "./decode-bus-message.ts";
import { observationSchemaName, observationStream } from "./observation-stream.ts";
import { rowFlags } from "./received-rows.ts";

export interface JetStreamLiveFeedOptions {
  readonly link: NatsLink;
  /** Observations that wait for listeners at most; the oldest make room. Default 10,000. */
  readonly maxQueued?: number;
  readonly onEvent?: (event: LiveEvent) => void;
}

export interface JetStreamLiveFeed extends LiveFeed {
  /** Tells that this process stored a message: who listens from before it must get it. */
  noteStored(seq: number): void;
  close(): Promise<void>;
}

const defaultMaxQueued = 10_000;
/** Messages that are asked for at once; each may have a megabyte. */
const maxMessages = 16;
const retryDelayMs = 500;

/** What is stored from now on, while anybody listens. Consumes nothing before the first listener and nothing after the last. */
export function createJetStreamLiveFeed(options: JetStreamLiveFeedOptions): JetStreamLiveFeed {
  const queue = createLiveQueue({ maxQueued: options.maxQueued ?? defaultMaxQueued, onEvent: options.onEvent });
  const listening = new Set<AbortSignal>();
  /** The first message that this process stored since it began to follow. */
  let firstOwn: number | undefined;
  let following: { readonly end: AbortController; readonly done: Promise<void> } | undefined;

  function follow(): void {
    if (following !== undefined) return;
    const end = new AbortController();
    firstOwn = undefined;
    following = { end, done: run(end.signal) };
  }

  async function pause(): Promise<void> {
    const ended = following;
    following = undefined;
    ended?.end.abort();
    await ended?.done;
  }

  async function run(signal: AbortSignal): Promise<void> {
    let next: number | undefined;
    while (!signal.aborted) {
      try {
        next ??= await firstNew();
        for await (const message of await open(next, signal)) {
          next = message.seq + 1;
          offer(message);
        }
      } catch (cause) {
        if (!signal.aborted) options.onEvent?.({ kind: "live_interrupted", cause });
      }
      await delay(retryDelayMs, undefined, { signal }).catch(() => {}); // rejects for one reason: the end
    }
  }

  /** What this process stored meanwhile is new, though it may be the stream's last message already. */
  async function firstNew(): Promise<number> {
    const { state } = await options.link.manager.streams.info(observationStream);
    // So that the answer to a publish that the state already shows is here too.
    await options.link.connection.flush();
    return Math.min(state.last_seq + 1, firstOwn ?? Number.POSITIVE_INFINITY);
  }

  async function open(from: number, signal: AbortSignal): Promise<ConsumerMessages> {
    const consumer = await options.link.jetstream.consumers.get(observationStream, {
      filter_subjects: `${observationSchemaName}.>`,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
    });
    const messages = await consumer.consume({ max_messages: maxMessages });
    const stop = (): void => messages.stop();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    return messages;
  }

  function offer(message: JsMsg): void {
    const decoded = decodeBusMessage({ headers: message.headers ?? { get: () => "" }, payload: message.data });
    if (decoded.poison !== undefined || decoded.bad.length > 0) return; // the writer's to tell
    const observations: Observation[] = [];
    let index = 0;
    for (const row of decoded.rows) {
      const isRepeat = (row.flags & rowFlags.repeated) !== 0;
      if (!isRepeat) observations.push(...decoded.observations.slice(index, index + row.observations));
      index += row.observations;
    }
    queue.offer(observations);
  }

  function leave(signal: AbortSignal): void {
    listening.delete(signal);
    if (listening.size === 0) void pause();
  }

  return {
    noteStored(seq) {
      firstOwn ??= seq;
    },
    listen(handle, signal) {
      if (signal.aborted) return;
      queue.listen(handle, signal);
      listening.add(signal);
      follow();
      signal.addEventListener("abort", () => leave(signal), { once: true });
    },
    async close() {
      queue.close();
      await pause();
    },
  };
}
