import { setTimeout as delay } from "node:timers/promises";
import type { NatsLink } from "@messnetz/nats";
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { observationStream, observationSubject } from "./observation-stream.ts";
import type { PartitionSource } from "./partition.ts";
import { createLineage, StreamReplacedError } from "./stream-lineage.ts";

export interface StreamFollowing {
  readonly link: NatsLink;
  /** Only this domain's. Absent: all. */
  readonly partition?: string;
  /** Stream sequence of the first message wanted. What was purged meanwhile does not come. */
  readonly from: number | (() => Promise<number>);
  readonly signal: AbortSignal;
  /** The source was lost, or is another one (StreamReplacedError); it begins again by itself where it was, or where the other has what is new. */
  readonly onInterrupted?: (cause: unknown) => void;
  /** Something may have been missed, most likely because it was taken out of the stream before it came here: it is where it was written to. */
  readonly onGap?: () => void;
}

interface Taking {
  /** Awaited before the next message is handed over, and, after some that are under way, before the next is asked for. */
  readonly take: (message: JsMsg) => void | Promise<void>;
}

/** Messages that are asked for at once; each may have a megabyte. */
const maxMessages = 16;
const retryDelayMs = 500;

/**
 * Hands over all messages of observations of the stream in order, without acknowledging anything. Resolves when the signal aborts; rejects when
 * `take` does.
 */
export async function followStream(options: StreamFollowing & Taking): Promise<void> {
  const { link, from, signal } = options;
  const source = { stream: observationStream, subject: observationSubject(options.partition ?? ">") };
  let lineage = createLineage(link, source);
  let next = typeof from === "number" ? from : undefined;
  let newestAt = 0;
  let isFirst = true;
  /** Messages behind the last one; they become fewer by coming, or by being taken out. */
  let pending: number | undefined;
  let current: ConsumerMessages | undefined;
  let failure: { readonly cause: unknown } | undefined;

  async function take(message: JsMsg): Promise<void> {
    const { streamSequence, pending: behind } = message.info;
    next = streamSequence + 1;
    newestAt = Math.max(newestAt, message.time.getTime());
    if (pending !== undefined && behind < pending - 1) options.onGap?.();
    pending = behind;
    try {
      await options.take(message);
    } catch (cause) {
      failure = { cause };
      throw cause;
    }
  }

  /** A writer takes messages out from the oldest on: as long as the last that came is there, so is what came after it. */
  async function isLastThere(last: number): Promise<boolean> {
    return last < 1 || (await link.manager.direct.getMessage(source.stream, { seq: last })) !== null;
  }

  async function readOn(): Promise<void> {
    // What is asked while the connection is lost is answered by nobody, and waits for its timeout.
    if (!link.isConnected()) return;
    next ??= typeof from === "number" ? from : await from();
    const isAgain = !isFirst;
    isFirst = false;
    pending = undefined;
    await lineage.check({ to: next - 1, newestAt });
    current = await open(link, source, next);
    // Asked when the consumer is there: what is taken out later shows in its count.
    if (isAgain && options.onGap !== undefined && !(await isLastThere(next - 1))) options.onGap();
    if (signal.aborted) current.stop();
    for await (const message of current) await take(message);
  }

  const stop = (): void => current?.stop();
  // The consumer lived in the server's memory, and the stream may be another one now.
  const stopListening = link.onReconnect(stop);
  signal.addEventListener("abort", stop, { once: true });
  try {
    while (!signal.aborted) {
      try {
        await readOn();
      } catch (cause) {
        if (failure !== undefined) throw failure.cause;
        if (!signal.aborted) options.onInterrupted?.(cause);
        if (cause instanceof StreamReplacedError) {
          next = cause.resumeAt;
          lineage = createLineage(link, source);
          options.onGap?.();
        }
      }
      await delay(retryDelayMs, undefined, { signal }).catch(() => {}); // rejects for one reason: the end
    }
  } finally {
    stopListening();
    signal.removeEventListener("abort", stop);
  }
}

async function open(link: NatsLink, { stream, subject }: PartitionSource, from: number): Promise<ConsumerMessages> {
  const consumer = await link.jetstream.consumers.get(stream, {
    filter_subjects: subject,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, from),
  });
  return consumer.consume({ max_messages: maxMessages });
}
