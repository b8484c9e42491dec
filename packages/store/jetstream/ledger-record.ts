import { outcomes } from "@messnetz/model";
import { z } from "zod";
import { emptyCounts, type Tally } from "../ledger-tally.ts";
import { partSchema } from "./assembly.ts";
import { chunkBySize } from "./chunk-by-size.ts";

/** How far a partition has come, as sequences of the stream that it counts: counted, written to the store, corrected. */
const positionSchema = z.object({
  countedTo: z.int(),
  writtenTo: z.int(),
  correctedTo: z.int(),
  /** When the newest message that was counted was stored, by the server's clock. */
  newestAt: z.number().optional(),
});
export type LedgerPosition = Readonly<z.infer<typeof positionSchema>>;
export const ledgerBegin: LedgerPosition = { countedTo: 0, writtenTo: 0, correctedTo: 0 };

const columns = [...outcomes, "observations"] as const;
const rowLength = 3 + columns.length;

/** Indexes of day and source, the device, and the counts in the order of `columns`. */
type PackedRow = [number, number, string, ...number[]];

const packedTalliesSchema = z.object({
  days: z.array(z.string()),
  sources: z.array(z.string()),
  // By hand: there are tens of thousands of them a second, and the general way takes ten times as long.
  rows: z.custom<PackedRow[]>((rows) => Array.isArray(rows) && rows.every(isPackedRow)),
});
export type PackedTallies = z.infer<typeof packedTalliesSchema>;

function isPackedRow(row: unknown): row is PackedRow {
  if (!Array.isArray(row) || row.length !== rowLength) return false;
  return row.every((value, index) => (index === 2 ? typeof value === "string" : Number.isSafeInteger(value)));
}

/** One message of LEDGER_DELTAS: the position after it, and what it adds to the counts. */
const ledgerRecordSchema = z.object({
  position: positionSchema,
  tallies: packedTalliesSchema.optional(),
  part: partSchema.optional(),
  /** The days hold all up to this sequence of LEDGER_DELTAS. */
  foldedTo: z.int().optional(),
});
export type LedgerRecord = z.infer<typeof ledgerRecordSchema>;

const rowOverheadBytes = 60;

/** As few parts as fit; at least one. */
export function packTallies(tallies: Iterable<Tally>, maxBytes: number): PackedTallies[] {
  // A character may take six bytes (`\u0000`), and a source is written once at most for each row.
  const sizeOf = ({ source, device }: Tally): number => rowOverheadBytes + 6 * (source.length + device.length);
  const parts = chunkBySize(tallies, sizeOf, maxBytes);
  return (parts.length === 0 ? [[]] : parts).map(pack);
}

function pack(tallies: readonly Tally[]): PackedTallies {
  const days = new Map<string, number>();
  const sources = new Map<string, number>();
  const rows = tallies.map(({ day, source, device, counts }): PackedTallies["rows"][number] => [
    indexOf(days, day),
    indexOf(sources, source),
    device,
    ...columns.map((column) => counts[column]),
  ]);
  return { days: [...days.keys()], sources: [...sources.keys()], rows };
}

function indexOf(indexes: Map<string, number>, text: string): number {
  const index = indexes.get(text) ?? indexes.size;
  indexes.set(text, index);
  return index;
}

/** All of them, or those of one day. */
export function unpackTallies({ days, sources, rows }: PackedTallies, only?: string): Tally[] {
  const tallies: Tally[] = [];
  for (const [dayIndex, source, device, ...values] of rows) {
    const day = days[dayIndex] ?? "";
    if (only !== undefined && only !== day) continue;
    const counts = emptyCounts();
    for (const [index, column] of columns.entries()) counts[column] = values[index] ?? 0;
    tallies.push({ day, source: sources[source] ?? "", device, counts });
  }
  return tallies;
}

export function toLedgerRecord(record: LedgerRecord): string {
  return JSON.stringify(record);
}

/** Throws where the message is not of our making. */
export function readLedgerRecord(text: string): LedgerRecord {
  return ledgerRecordSchema.parse(JSON.parse(text));
}

/** One message of LEDGER_DAYS: all that one partition counted for one day, or a part of it. */
const dayRecordSchema = z.object({
  /** It holds the deltas up to this sequence of LEDGER_DELTAS. */
  foldedTo: z.int(),
  part: partSchema,
  /** Sequences of the parts before this one. */
  parts: z.array(z.int()),
  /** Sequence of the last part of the whole before; 0 where there was none. */
  previous: z.int(),
  tallies: packedTalliesSchema,
});
export type DayRecord = z.infer<typeof dayRecordSchema>;

export function toDayRecord(record: DayRecord): string {
  return JSON.stringify(record);
}

/** Throws where the message is not of our making. */
export function readDayRecord(text: string): Omit<DayRecord, "tallies"> & { readonly tallies: readonly Tally[] } {
  const record = dayRecordSchema.parse(JSON.parse(text));
  return { ...record, tallies: unpackTallies(record.tallies) };
}
