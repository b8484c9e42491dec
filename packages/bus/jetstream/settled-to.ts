import type { NatsLink } from "@messnetz/nats";
import { partitionSource, writerConsumer } from "./partition.ts";

/** The sequence of the newest message of the partition; 0 where there is none, or where all have left the stream. */
export async function lastPublished(link: NatsLink, partition: string): Promise<number> {
  const { stream, subject } = partitionSource(partition);
  const message = await link.manager.streams.getMessage(stream, { last_by_subj: subject });
  return message?.seq ?? 0;
}

/**
 * Whether the partition's writer has acknowledged all up to the message: the server knows that before the ledger does. What others who follow the
 * stream acknowledge is theirs.
 */
export async function isSettledTo(link: NatsLink, partition: string, seq: number): Promise<boolean> {
  const name = writerConsumer(partition);
  for await (const consumer of link.manager.consumers.list(partitionSource(partition).stream))
    if (consumer.name === name) return consumer.ack_floor.stream_seq >= seq;
  return false;
}

/** Takes the messages up to this one, and itself, out of the partition. */
export async function purgeTo(link: NatsLink, partition: string, seq: number): Promise<void> {
  const { stream, subject } = partitionSource(partition);
  await link.manager.streams.purge(stream, { filter: subject, seq: seq + 1 });
}
