import type { BadElement, DecodedBusMessage } from "@messnetz/bus";
import { type Observation, type ReceivedRow, rowFlags } from "@messnetz/model";
import type { StreamMessage } from "./ports.ts";

/** A row and where its observations begin among those of the batch. What could not be read is not counted among them. */
export interface PlacedRow {
  readonly message: StreamMessage;
  readonly row: ReceivedRow;
  readonly from: number;
  readonly bad: readonly BadElement[];
}

export interface PlacedBatch {
  readonly observations: readonly Observation[];
  /** Ascending by `from`. */
  readonly rows: readonly PlacedRow[];
  readonly poison: readonly { readonly message: StreamMessage; readonly reason: string }[];
}

const none: readonly never[] = [];

/** Lays the arrays of a batch end to end. */
export function placeRows(messages: readonly StreamMessage[], contents: readonly DecodedBusMessage[]): PlacedBatch {
  const observations: Observation[] = [];
  const rows: PlacedRow[] = [];
  const poison: { message: StreamMessage; reason: string }[] = [];
  for (const [at, message] of messages.entries()) {
    const content = contents[at]!;
    if (content.poison !== undefined) {
      poison.push({ message, reason: content.poison });
      continue;
    }
    let from = observations.length;
    let sentTo = 0;
    for (const row of content.rows) {
      const bad = badOf(content.bad, sentTo, sentTo + row.observations);
      sentTo += row.observations;
      const good = row.observations - bad.length;
      rows.push({ message, row: bad.length === 0 ? row : { ...row, observations: good }, from, bad });
      from += good;
    }
    for (const observation of content.observations) observations.push(observation);
  }
  return { observations, rows, poison };
}

function badOf(bad: readonly BadElement[], from: number, to: number): readonly BadElement[] {
  return bad.length === 0 ? none : bad.filter(({ index }) => index >= from && index < to);
}

/** The row with its bad elements in the quarantine, or kept out by its limit. */
export function withKept(placed: PlacedRow, where: "kept" | "full"): PlacedRow {
  return { ...placed, row: { ...placed.row, flags: placed.row.flags | rowFlags[where] } };
}

/** The row that the observation belongs to. */
export function rowOf(rows: readonly PlacedRow[], index: number): PlacedRow {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { from, row } = rows[middle]!;
    if (from + row.observations <= index) low = middle + 1;
    else high = middle;
  }
  return rows[low]!;
}
