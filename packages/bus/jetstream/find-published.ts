import type { NatsLink } from "@messnetz/nats";
import { DeliverPolicy } from "@nats-io/jetstream";
import type { PartitionSource } from "./partition.ts";
import { firstSeqSince } from "./stream-view.ts";

/** By which the server's clock and ours may differ. */
const clockDifferenceMs = 300_000;
const nanosecondsPerMs = 1_000_000;
const searchTimeoutMs = 30_000;

interface Attempted {
  readonly messageId: string;
  /** When it was published first, by our clock. */
  readonly since: number;
}

/**
 * The sequence of a message whose acknowledgement never came, where the server may have forgotten its id meanwhile; undefined where it is not there, or
 * where the server still knows it if it is. Reads headers only, of what came since.
 */
export async function findPublished(
  link: NatsLink,
  source: PartitionSource,
  { messageId, since }: Attempted,
): Promise<number | undefined> {
  const { stream, subject } = source;
  const { config } = await link.manager.streams.info(stream);
  // Half of it: the publish that follows takes time too.
  if (Date.now() - since < config.duplicate_window / nanosecondsPerMs / 2) return undefined;
  const consumer = await link.jetstream.consumers.get(stream, {
    filter_subjects: subject,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, await firstSeqSince(link, source, since - clockDifferenceMs)),
    headers_only: true,
  });
  if ((await consumer.info()).num_pending === 0) return undefined;
  const messages = await consumer.consume({ max_messages: 1000 });
  const end = setTimeout(() => messages.stop(), searchTimeoutMs);
  try {
    for await (const message of messages) {
      if (message.headers?.get("Nats-Msg-Id") === messageId) return message.seq;
      if (message.info.pending === 0) return undefined;
    }
  } finally {
    clearTimeout(end);
    await messages.close();
  }
  throw new Error(
    `expected to read ${subject} to its end within ${searchTimeoutMs} ms, to see whether ${messageId} is there`,
  );
}
