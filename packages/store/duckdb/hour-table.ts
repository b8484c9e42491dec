import type { DuckDBMaterializedResult } from "@duckdb/node-api";
import type { AggregateChunk, Drop, EpochMs, StateSpan } from "@messnetz/model";
import { hourCounts, hourNumbers, isOffset } from "./hour-columns.ts";
import { hourMs } from "./hour-edge.ts";
import { copyColumn } from "./observation-columns.ts";

type Cells = Omit<AggregateChunk, "length" | "datastreams" | "datastream" | "drops" | "states">;

/** Aggregates by hour of some datastreams, those of each datastream together and in order. */
export interface HourTable extends Cells {
  readonly length: number;
  /** Where an hour is in two rows, the second is the amounts that end with it. */
  readonly atEnd: Uint8Array;
  readonly drops: Map<number, readonly Drop[]>;
  readonly states: Map<number, StateSpan>;
  /** By the number of the datastream: its first row and the one after its last. */
  readonly ranges: Map<number, readonly [number, number]>;
}

export function createHourTable(length: number): HourTable {
  const counts = Object.fromEntries(hourCounts.map(([field]) => [field, new Uint32Array(length)]));
  const numbers = Object.fromEntries(hourNumbers.map(([field]) => [field, new Float64Array(length)]));
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

/** What `readHourTable` takes, of a file of hours. */
export const hourSelection = [
  "number::UINTEGER",
  "epoch_ms(hour)::DOUBLE",
  "at_end::UTINYINT",
  ...hourCounts.map(([, name]) => `"${name}"`),
  ...hourNumbers.map(([, name]) => `coalesce(${readColumn(name)}, 'NaN'::DOUBLE)`),
].join(", ");

function readColumn(name: string): string {
  return isOffset(name) ? `(epoch_ms(hour) + "${name}")::DOUBLE` : `"${name}"`;
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

export async function readHourTable(result: DuckDBMaterializedResult): Promise<HourTable> {
  const table = createHourTable(result.rowCount);
  const numbers = new Uint32Array(table.length);
  const targets = [
    numbers,
    table.from,
    table.atEnd,
    ...hourCounts.map(([field]) => table[field]),
    ...hourNumbers.map(([field]) => table[field]),
  ];
  let at = 0;
  for (const chunk of await result.fetchAllChunks()) {
    targets.forEach((target, column) => copyColumn(chunk, column, target.subarray(at)));
    at += chunk.rowCount;
  }
  addRanges(table, numbers);
  return table;
}

function addRanges({ ranges }: HourTable, numbers: Uint32Array): void {
  for (let begin = 0, row = 1; row <= numbers.length; row++) {
    if (row < numbers.length && numbers[row] === numbers[begin]) continue;
    ranges.set(numbers[begin]!, [begin, row]);
    begin = row;
  }
}

/** Chunks of a fold, each datastream's rows together, as one table. */
export function toHourTable(chunks: readonly AggregateChunk[], idOf: (name: string) => number): HourTable {
  const table = createHourTable(chunks.reduce((sum, { length }) => sum + length, 0));
  const numbers = new Uint32Array(table.length);
  let at = 0;
  for (const chunk of chunks) {
    table.from.set(chunk.from, at);
    for (const [field] of hourCounts) table[field].set(chunk[field], at);
    for (const [field] of hourNumbers) table[field].set(chunk[field], at);
    for (const [row, drops] of chunk.drops ?? []) table.drops.set(at + row, drops);
    for (const [row, states] of chunk.states ?? []) table.states.set(at + row, states);
    const ids = chunk.datastreams.map(idOf);
    for (let row = 0; row < chunk.length; row++) numbers[at + row] = ids[chunk.datastream[row]!]!;
    at += chunk.length;
  }
  addRanges(table, numbers);
  return table;
}
