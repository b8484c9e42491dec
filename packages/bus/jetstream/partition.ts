import { observationStream, observationSubject, quarantinePartition } from "./observation-stream.ts";

/** Where a partition's messages are. */
export interface PartitionSource {
  readonly stream: string;
  readonly subject: string;
  /** The raw bytes of the quarantine are for who looks at them, not for who counts them. */
  readonly headersOnly?: true;
}

export function partitionSource(partition: string): PartitionSource {
  return partition === quarantinePartition
    ? { stream: "QUARANTINE", subject: "quarantine.v1.>", headersOnly: true }
    : { stream: observationStream, subject: observationSubject(partition) };
}

/** The durable consumer by whose acknowledgements a partition is written. Everybody else follows with one of its own. */
export function writerConsumer(partition: string): string {
  return `writer-${partition}`;
}
