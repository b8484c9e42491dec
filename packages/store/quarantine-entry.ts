import { createHash } from "node:crypto";
import type { EpochMs, IntakeMessage, QuarantineEntry, RawMessage } from "@messnetz/model";
import type { QuarantineRemoval } from "./port.ts";

/** Bytes that every entry is counted with beside its content, so that empty messages do not come for free. */
const entryOverheadBytes = 64;

/** A message received once is one entry, however often it is committed: the id is made of what was received. */
export function quarantineId(message: RawMessage): string {
  const head = JSON.stringify([message.source, message.topic, message.receivedAt]);
  return createHash("sha256").update(head).update("\n").update(message.payload).digest("hex").slice(0, 32);
}

/** What an entry counts towards the limit of its credential. */
export function keptBytes(topic: string, refusalsJson: string, payloadBytes: number): number {
  return Buffer.byteLength(topic) + Buffer.byteLength(refusalsJson) + payloadBytes + entryOverheadBytes;
}

/** The same sum in SQL, over the columns of the quarantine table. */
export const keptBytesSql = `(strlen(topic) + strlen(refusals) + octet_length(payload) + ${entryOverheadBytes})`;

export interface KeptMessage {
  readonly entry: QuarantineEntry;
  readonly payload: Uint8Array;
  readonly refusalsJson: string;
  readonly bytes: number;
}

export function toKeptMessage({ message, device, refusals }: IntakeMessage): KeptMessage {
  const refusalsJson = JSON.stringify(refusals);
  const { topic, source, receivedAt, payload } = message;
  return {
    entry: { id: quarantineId(message), source, device, topic, receivedAt, refusals, payloadBytes: payload.length },
    payload,
    refusalsJson,
    bytes: keptBytes(topic, refusalsJson, payload.length),
  };
}

/** Entries received at or before this instant are too old. */
export function oldestKept(now: EpochMs, maxAgeMs: number): EpochMs {
  return now - maxAgeMs;
}

/** Newest first, then by id downwards. */
export function compareNewestFirst(a: QuarantineEntry, b: QuarantineEntry): number {
  if (a.receivedAt !== b.receivedAt) return b.receivedAt - a.receivedAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}

/** Whether the entry is one of those that are to go. */
export function namesEntry({ sources, devices, interval }: QuarantineRemoval, entry: QuarantineEntry): boolean {
  if (sources === undefined && devices === undefined && interval === undefined) return false;
  const { source, device, receivedAt } = entry;
  return (
    (sources?.includes(source) ?? true) &&
    (devices?.includes(device) ?? true) &&
    (interval === undefined || (receivedAt >= interval.from && receivedAt < interval.to))
  );
}
