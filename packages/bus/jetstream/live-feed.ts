import { rowFlags } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import { createLiveQueue, type LiveEvent } from "../live-queue.ts";
import type { LiveFeed } from "../port.ts";
import { type FollowedMessage, followObservations } from "./follow-observations.ts";
import { observationStream } from "./observation-stream.ts";

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

/** What is stored from now on, while anybody listens. Consumes nothing before the first listener and nothing after the last. */
export function createJetStreamLiveFeed(options: JetStreamLiveFeedOptions): JetStreamLiveFeed {
  const { link, onEvent } = options;
  const queue = createLiveQueue({ maxQueued: options.maxQueued ?? defaultMaxQueued, onEvent });
  const listening = new Set<AbortSignal>();
  /** The first message that this process stored since it began to follow. */
  let firstOwn: number | undefined;
  let following: { readonly end: AbortController; readonly done: Promise<void> } | undefined;

  function follow(): void {
    if (following !== undefined) return;
    const end = new AbortController();
    firstOwn = undefined;
    const done = followObservations({
      link,
      from: firstNew,
      handle: offer,
      signal: end.signal,
      onInterrupted: (cause) => onEvent?.({ kind: "live_interrupted", cause }),
    });
    following = { end, done };
  }

  async function pause(): Promise<void> {
    const ended = following;
    following = undefined;
    ended?.end.abort();
    await ended?.done;
  }

  /** What this process stored meanwhile is new, though it may be the stream's last message already. */
  async function firstNew(): Promise<number> {
    const { state } = await link.manager.streams.info(observationStream);
    // So that the answer to a publish that the state already shows is here too.
    await link.connection.flush();
    return Math.min(state.last_seq + 1, firstOwn ?? Number.POSITIVE_INFINITY);
  }

  function offer({ observations, rows }: FollowedMessage): void {
    let index = 0;
    queue.offer(
      rows.flatMap(({ observations: count, flags }) => {
        const own = observations.slice(index, index + count);
        index += count;
        return (flags & rowFlags.repeated) === 0 ? own : [];
      }),
    );
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
