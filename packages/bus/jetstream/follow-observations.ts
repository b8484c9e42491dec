import { setTimeout as delay } from "node:timers/promises";
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { Observation } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import { type BadElement, decodeBusMessage } from "./decode-bus-message.ts";
import { observationStream, observationSubject } from "./observation-stream.ts";
import type { LedgerRows } from "./received-rows.ts";
import type { PartitionSource } from "./partition.ts";
import { createLineage, StreamReplacedError } from "./stream-lineage.ts";

export interface FollowedMessage {
  readonly seq: number;
  /** Those that are right, in order. */
  readonly observations: readonly Observation[];
  /** Their counts are those of the observations that are given. */
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
  /** The source was lost, or is another one (StreamReplacedError); it begins again by itself where it was, or where the other has what is new. */
  readonly onInterrupted?: (cause: unknown) => void;
}

/** Messages that are asked for at once; each may have a megabyte. */
const maxMessages = 16;
const retryDelayMs = 500;

/**
 * Hands over all observations of the stream in order, without acknowledging anything: for projections and live views. Resolves when the signal
 * aborts; rejects when `handle` does. Poison and bad elements are left out: the writer tells of them.
 */
export async function followObservations(options: FollowOptions): Promise<void> {
  const { link, from, handle, signal } = options;
  const source = { stream: observationStream, subject: observationSubject(options.partition ?? ">") };
  let lineage = createLineage(link, source);
  let next = typeof from === "number" ? from : undefined;
  let newestAt = 0;
  let current: ConsumerMessages | undefined;
  let failure: { readonly cause: unknown } | undefined;

  async function take(message: JsMsg): Promise<void> {
    next = message.seq + 1;
    newestAt = Math.max(newestAt, message.time.getTime());
    const decoded = decodeBusMessage({ headers: message.headers ?? { get: () => "" }, payload: message.data });
    if (decoded.poison !== undefined) return;
    const { observations, rows, bad } = decoded;
    try {
      await handle({ seq: message.seq, observations, rows: bad.length === 0 ? rows : withoutBad(rows, bad) });
    } catch (cause) {
      failure = { cause };
      throw cause;
    }
  }

  async function readOn(): Promise<void> {
    // What is asked while the connection is lost is answered by nobody, and waits for its timeout.
    if (!link.isConnected()) return;
    next ??= typeof from === "number" ? from : await from();
    await lineage.check({ to: next - 1, newestAt });
    current = await open(link, source, next);
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
        }
      }
      await delay(retryDelayMs, undefined, { signal }).catch(() => {}); // rejects for one reason: the end
    }
  } finally {
    stopListening();
    signal.removeEventListener("abort", stop);
  }
}

function withoutBad(rows: LedgerRows, bad: readonly BadElement[]): LedgerRows {
  let end = 0;
  return rows.map((row) => {
    const begin = end;
    end += row.observations;
    const badOnes = bad.filter(({ index }) => index >= begin && index < end).length;
    return { ...row, observations: row.observations - badOnes };
  });
}

async function open(link: NatsLink, { stream, subject }: PartitionSource, from: number): Promise<ConsumerMessages> {
  const consumer = await link.jetstream.consumers.get(stream, {
    filter_subjects: subject,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, from),
  });
  return consumer.consume({ max_messages: maxMessages });
}
