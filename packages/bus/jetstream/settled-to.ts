import type { NatsLink } from "@messnetz/nats";
import { AckPolicy } from "@nats-io/jetstream";
import { partitionSource } from "./partition.ts";

/** The sequence of the newest message of the partition; 0 where there is none, or where all have left the stream. */
export async function lastPublished(link: NatsLink, partition: string): Promise<number> {
  const { stream, subject } = partitionSource(partition);
  const message = await link.manager.streams.getMessage(stream, { last_by_subj: subject });
  return message?.seq ?? 0;
}

/** Whether a writer has acknowledged all of the partition up to the message: the server knows that before the ledger does. */
export async function isSettledTo(link: NatsLink, partition: string, seq: number): Promise<boolean> {
  const { stream, subject } = partitionSource(partition);
  for await (const { config, ack_floor, num_pending, num_ack_pending } of link.manager.consumers.list(stream)) {
    // Who only looks acknowledges nothing.
    if (config.filter_subject !== subject || config.ack_policy === AckPolicy.None) continue;
    if (ack_floor.stream_seq >= seq || (num_pending === 0 && num_ack_pending === 0)) return true;
  }
  return false;
}

/** Takes the messages up to this one, and itself, out of the partition. */
export async function purgeTo(link: NatsLink, partition: string, seq: number): Promise<void> {
  const { stream, subject } = partitionSource(partition);
  await link.manager.streams.purge(stream, { filter: subject, seq: seq + 1 });
}
