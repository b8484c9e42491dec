import { type IntakeMessage, type ReceivedRow, rowFlags } from "@messnetz/model";
import { toObservationJson } from "./observation-json.ts";
import { createRowsHeader, type RowsHeader } from "./received-rows.ts";

/** One message on the bus, ready to be sent, and sent again as it is. */
export interface Parcel {
  readonly domain: string;
  readonly payload: Buffer;
  /** Value of the header `Messnetz-Messages`. */
  readonly rows: string;
}

/** What the quarantine said of a message; undefined: nothing of it was refused. */
export type KeepingFate = "kept" | "known" | "full" | undefined;

export interface PackOptions {
  readonly domainOf: (message: IntakeMessage) => string;
  readonly fateOf: (message: IntakeMessage) => KeepingFate;
  readonly maxBodyBytes: number;
  /** Of the header with the rows. */
  readonly maxRowsBytes: number;
}

/** More would make batches that a writer takes too long for. */
export const maxRows = 1000;

/** The batch as bus messages: each of one domain, in order of arrival. */
export function packParcels(messages: readonly IntakeMessage[], options: PackOptions): Parcel[] {
  const parcels: Parcel[] = [];
  const open = new Map<string, Box>();
  for (const message of messages) {
    const fate = options.fateOf(message);
    // The quarantine's own entry is what is counted.
    if (fate === "kept" && message.observations.length === 0) continue;
    const domain = options.domainOf(message);
    let box = open.get(domain);
    for (const part of partsOf(message, { flags: flagsOf(message, fate), maxBodyBytes: options.maxBodyBytes })) {
      if (box !== undefined && !box.takes(part)) {
        parcels.push(box.close());
        box = undefined;
      }
      if (box === undefined) {
        box = createBox(domain, options);
        open.set(domain, box);
      }
      box.add(part);
    }
  }
  for (const box of open.values()) if (!box.isClosed()) parcels.push(box.close());
  return parcels;
}

function flagsOf({ repeated, observations }: IntakeMessage, fate: KeepingFate): number {
  return (
    (repeated ? rowFlags.repeated : 0) |
    (fate === "kept" && observations.length > 0 ? rowFlags.kept : 0) |
    (fate === "full" ? rowFlags.full : 0) |
    (fate === "known" ? rowFlags.known : 0)
  );
}

interface Part {
  readonly row: ReceivedRow;
  /** JSON elements, with commas between them. */
  readonly text: string;
  readonly bytes: number;
}

interface PartLimits {
  readonly flags: number;
  readonly maxBodyBytes: number;
}

/** UTF-8 needs at most so many bytes for a unit of UTF-16. */
const maxBytesPerUnit = 3;

/** Usually one; more where a message alone is larger than what the server takes. */
function partsOf(message: IntakeMessage, limits: PartLimits): Iterable<Part> {
  const { observations, day, device } = message;
  const text = observations.map(toObservationJson).join(",");
  if (text.length * maxBytesPerUnit > limits.maxBodyBytes) return splitParts(message, limits);
  const row = { day, source: message.message.source, device, observations: observations.length, flags: limits.flags };
  return [{ row, text, bytes: Buffer.byteLength(text) + 1 }];
}

function* splitParts(message: IntakeMessage, limits: PartLimits): Generator<Part> {
  const { day, device, observations } = message;
  const base = { day, source: message.message.source, device };
  let texts: string[] = [];
  let bytes = 0;
  let { flags } = limits;
  for (const observation of observations) {
    const text = toObservationJson(observation);
    const size = Buffer.byteLength(text) + 1;
    if (bytes + size > limits.maxBodyBytes && texts.length > 0) {
      yield { row: { ...base, observations: texts.length, flags }, text: texts.join(","), bytes };
      flags |= rowFlags.continued;
      texts = [];
      bytes = 0;
    }
    texts.push(text);
    bytes += size;
  }
  yield { row: { ...base, observations: texts.length, flags }, text: texts.join(","), bytes };
}

interface Box {
  takes(part: Part): boolean;
  add(part: Part): void;
  isClosed(): boolean;
  close(): Parcel;
}

function createBox(domain: string, { maxBodyBytes, maxRowsBytes }: PackOptions): Box {
  const header: RowsHeader = createRowsHeader();
  const texts: string[] = [];
  let bytes = 0;
  let closed = false;
  return {
    takes: (part) =>
      header.count() < maxRows &&
      bytes + part.bytes <= maxBodyBytes &&
      header.bytes() + header.costOf(part.row) <= maxRowsBytes,
    add(part) {
      header.add(part.row);
      if (part.row.observations > 0) texts.push(part.text);
      bytes += part.bytes;
    },
    isClosed: () => closed,
    close() {
      closed = true;
      return { domain, payload: Buffer.from(`[${texts.join(",")}]`), rows: header.text() };
    },
  };
}
