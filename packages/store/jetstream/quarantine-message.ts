import type { IntakeMessage, QuarantineEntry } from "@messnetz/model";
import { z } from "zod";
import { type KeptMessage, toKeptMessage } from "../quarantine-entry.ts";
import { asciiJson } from "./ascii-json.ts";

/** `Nats-Msg-Id`, which is the entry's id. */
const idHeader = "Nats-Msg-Id";
/** JSON in ASCII: `[source, device, day, receivedAt, kept bytes, 1 where the message also had observations]` */
const entryHeader = "Messnetz-Entry";

/** What an entry of the quarantine says without its payload: enough to count it and to find it. */
export interface QuarantineHeaders {
  readonly id: string;
  readonly source: string;
  readonly device: string;
  /** Day of receipt in the town's time zone, `YYYY-MM-DD`. */
  readonly day: string;
  readonly receivedAt: number;
  /** What it counts towards the limit of its credential. */
  readonly keptBytes: number;
  /** The message also had observations: it is counted with them, not here. */
  readonly isPartial: boolean;
}

export interface QuarantineMessage extends KeptMessage {
  readonly headers: Readonly<Record<string, string>>;
  /** One line of JSON, which is the entry, and the raw payload. */
  readonly body: Uint8Array;
}

const lineFeed = 0x0a;

export function toQuarantineMessage(message: IntakeMessage): QuarantineMessage {
  const kept = toKeptMessage(message);
  const { source, device, receivedAt } = kept.entry;
  const isPartial = message.observations.length > 0 ? 1 : 0;
  return {
    ...kept,
    headers: { [entryHeader]: asciiJson([source, device, message.day, receivedAt, kept.bytes, isPartial]) },
    body: Buffer.concat([Buffer.from(`${JSON.stringify(kept.entry)}\n`), kept.payload]),
  };
}

/** A day is a token of the ledger's subjects. */
const calendarDay = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const entryHeaderSchema = z.tuple([z.string(), z.string(), calendarDay, z.number(), z.number(), z.literal([0, 1])]);
type EntryHeader = z.infer<typeof entryHeaderSchema>;

/** Undefined where the message is not of our making: somebody may publish by hand. */
export function readQuarantineHeaders(headers: { get(name: string): string }): QuarantineHeaders | undefined {
  const id = headers.get(idHeader);
  const fields = parseFields(headers.get(entryHeader));
  if (id === "" || fields === undefined) return undefined;
  const [source, device, day, receivedAt, keptBytes, isPartial] = fields;
  return { id, source, device, day, receivedAt, keptBytes, isPartial: isPartial === 1 };
}

function parseFields(text: string): EntryHeader | undefined {
  try {
    return entryHeaderSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // not of our making
  }
}

export function readQuarantineBody(body: Uint8Array): QuarantineEntry & { readonly payload: Uint8Array } {
  const end = body.indexOf(lineFeed);
  const entry = JSON.parse(Buffer.from(body.subarray(0, end)).toString()) as QuarantineEntry;
  return { ...entry, payload: body.slice(end + 1) };
}
