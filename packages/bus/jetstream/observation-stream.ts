import { declareStream, type NatsLink } from "@messnetz/nats";

export const observationStream = "OBSERVATIONS";
export const observationSchemaName = "observations.v1";

/** Headers of a message on `observations.v1.<domain>`. */
export const busHeaders = {
  contentType: "Content-Type",
  schema: "Messnetz-Schema",
  /** The received messages that the array came from, so that the ledger is atomic with the observations. */
  messages: "Messnetz-Messages",
  /** W3C Trace Context. */
  traceparent: "traceparent",
} as const;

/** The partition of messages whose domain nobody knows. */
export const otherDomain = "other";

/** The partition of the entries of the quarantine. */
export const quarantinePartition = "quarantine";

/** One token of a subject (NATS: no dot, space, `*` or `>`). */
const token = /^[A-Za-z0-9_-]{1,64}$/;

export function safeDomain(domain: string): string {
  return token.test(domain) && domain !== quarantinePartition ? domain : otherDomain;
}

export function observationSubject(domain: string): string {
  return `${observationSchemaName}.${domain}`;
}

/**
 * How long a repeated publish is recognised by its message id; after an outage that is longer it is looked for in the stream. Each id costs the server
 * about 200 bytes of memory; at 100 messages a second this is 24 MB.
 */
const duplicateWindowMs = 20 * 60_000;

export interface ObservationStreamOptions {
  readonly link: NatsLink;
  readonly replicas: number;
  readonly maxBytes: number;
}

/** Idempotent; rejects with StreamContradictionError where the stream that is there is of another nature. */
export async function declareObservationStream({ link, replicas, maxBytes }: ObservationStreamOptions): Promise<void> {
  await declareStream(link, {
    name: observationStream,
    subjects: [`${observationSchemaName}.>`],
    maxBytes,
    duplicateWindowMs,
    replicas,
  });
}
