import type { DuckDBMaterializedResult } from "@duckdb/node-api";
import type { AggregateChunk, AggregateColumn, Drop, EpochMs, StateSpan } from "@messnetz/model";
import { hourCounts, hourNumbers, isOffset } from "./hour-columns.ts";
import { hourMs } from "./hour-edge.ts";
import { copyColumn } from "./observation-columns.ts";

type Cells = Omit<AggregateChunk, "length" | "datastreams" | "datastream" | "drops" | "states">;

/** Columns that are filled; undefined: all. */
export type WantedColumns = ReadonlySet<AggregateColumn> | undefined;

/** Aggregates by hour of some datastreams, those of each datastream together and in order. */
export interface HourTable extends Cells {
  readonly length: number;
  /** Where an hour is in two rows, the second is the amounts that end with it. */
  readonly atEnd: Uint8Array;
  readonly drops: Map<number, readonly Drop[]>;
  readonly states: Map<number, StateSpan>;
  /** By the number of the datastream, in the order of the rows: its first row and the one after its last. */
  readonly ranges: Map<number, readonly [number, number]>;
}

/** Columns that are not wanted are one, full of NaN. */
export function createHourTable(length: number, wanted: WantedColumns): HourTable {
  const nothing = wanted === undefined ? undefined : new Float64Array(length).fill(Number.NaN);
  const counts = Object.fromEntries(hourCounts.map(([field]) => [field, new Uint32Array(length)]));
  const numbers = Object.fromEntries(
    hourNumbers.map(([field]) => [field, wanted?.has(field) === false ? nothing : new Float64Array(length)]),
  );
  return {
    length,
    atEnd: new Uint8Array(length),
    drops: new Map(),
    states: new Map(),
    ranges: new Map(),
    from: new Float64Array(length),
    ...(counts as Record<(typeof hourCounts)[number][0], Uint32Array>),
    ...(numbers as Record<(typeof hourNumbers)[number][0], Float64Array>),
  };
}

/** Of a table: those that are filled. */
export function filledNumbers(wanted: WantedColumns): readonly AggregateColumn[] {
  return hourNumbers.map(([field]) => field).filter((field) => wanted?.has(field) ?? true);
}

/** −1 as the unsigned integer that it is read as: no instant lies before its hour. */
const noOffset = 0xff_ff_ff_ff;

/** What `readHourTable` takes, of a file of hours. */
export function hourSelection(wanted: WantedColumns): string {
  return [
    "number::UINTEGER",
    "epoch_ms(hour)::DOUBLE",
    "at_end::UTINYINT",
    ...hourCounts.map(([, name]) => `"${name}"`),
    ...hourNumbers.filter(([field]) => wanted?.has(field) ?? true).map(([, name]) => readColumn(name)),
  ].join(", ");
}

function readColumn(name: string): string {
  return isOffset(name) ? `coalesce("${name}", -1)::INTEGER` : `coalesce("${name}", 'NaN'::DOUBLE)`;
}

/** The rows that a query selects: an amount that ends with its hour has the time of the next one. */
export function hourCondition({ from, to }: { readonly from: EpochMs; readonly to: EpochMs }): string {
  const shifted = `epoch_ms(hour) + CASE WHEN at_end THEN ${hourMs} ELSE 0 END`;
  return [
    // What the statistics of the file understand, before what is exact.
    ...(Number.isFinite(from)
      ? [`hour >= make_timestamptz(${from - hourMs}::BIGINT * 1000) AND ${shifted} >= ${from}`]
      : []),
    ...(Number.isFinite(to) ? [`hour < make_timestamptz(${to}::BIGINT * 1000) AND ${shifted} < ${to}`] : []),
  ].join(" AND ");
}

export function readHourTable(result: DuckDBMaterializedResult, wanted: WantedColumns): HourTable {
  const table = createHourTable(result.rowCount, wanted);
  const numbers = new Uint32Array(table.length);
  const offsets = new Uint32Array(rowsPerVector);
  const plain = [numbers, table.from, table.atEnd, ...hourCounts.map(([field]) => table[field])];
  const rest = hourNumbers.filter(([field]) => wanted?.has(field) ?? true);
  let at = 0;
  for (let place = 0; place < result.chunkCount; place++) {
    // At once: to fetch them by other threads takes a turn of this one for each, and who merges what came before takes long turns.
    const chunk = result.getChunk(place);
    plain.forEach((target, column) => copyColumn(chunk, column, target.subarray(at)));
    rest.forEach(([field, name], n) => {
      if (!isOffset(name)) return copyColumn(chunk, plain.length + n, table[field].subarray(at));
      copyColumn(chunk, plain.length + n, offsets);
      addOffsets(table, field, { offsets, at, length: chunk.rowCount });
    });
    at += chunk.rowCount;
  }
  addRanges(table, numbers);
  return table;
}

/** Rows of a chunk of DuckDB, at most. */
const rowsPerVector = 2048;

/** In the file an instant is as long after its hour. Here: the addition in SQL takes longer than all the rest of the query. */
function addOffsets(
  table: HourTable,
  field: AggregateColumn,
  { offsets, at, length }: { readonly offsets: Uint32Array; readonly at: number; readonly length: number },
): void {
  const { from, [field]: times } = table;
  for (let row = 0; row < length; row++) {
    const offset = offsets[row]!;
    times[at + row] = offset === noOffset ? Number.NaN : from[at + row]! + offset;
  }
}

function addRanges({ ranges }: HourTable, numbers: Uint32Array): void {
  for (let begin = 0, row = 1; row <= numbers.length; row++) {
    if (row < numbers.length && numbers[row] === numbers[begin]) continue;
    ranges.set(numbers[begin]!, [begin, row]);
    begin = row;
  }
}

/** Chunks of a fold, each datastream's rows together, as one table. */
export function toHourTable(
  chunks: readonly AggregateChunk[],
  { wanted, idOf }: { readonly wanted: WantedColumns; readonly idOf: (name: string) => number },
): HourTable {
  const table = createHourTable(
    chunks.reduce((sum, { length }) => sum + length, 0),
    wanted,
  );
  const numbers = new Uint32Array(table.length);
  const filled = filledNumbers(wanted);
  let at = 0;
  for (const chunk of chunks) {
    table.from.set(chunk.from, at);
    for (const [field] of hourCounts) table[field].set(chunk[field], at);
    for (const field of filled) table[field].set(chunk[field], at);
    for (const [row, drops] of chunk.drops ?? []) table.drops.set(at + row, drops);
    for (const [row, states] of chunk.states ?? []) table.states.set(at + row, states);
    const ids = chunk.datastreams.map(idOf);
    for (let row = 0; row < chunk.length; row++) numbers[at + row] = ids[chunk.datastream[row]!]!;
    at += chunk.length;
  }
  addRanges(table, numbers);
  return table;
}
