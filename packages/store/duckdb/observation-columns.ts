import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import bindings from "@duckdb/node-bindings";
import { checksToBits, type Observation, type ObservationChunk, qualities } from "@messnetz/model";
import { type Column, columns } from "./column.ts";
import { createTableWriter, type TableWriter } from "./table-writer.ts";

/** In the order of the tables (schema.ts); what `result` holds depends on the table. */
export function observationColumns<R extends Column>(result: R) {
  return {
    datastream: columns.int32(),
    time: columns.int64(),
    ordinal: columns.uint32(),
    received: columns.int64(),
    result,
    quality: columns.uint8(),
    checks: columns.uint8(),
    revision: columns.uint32(),
    span: columns.int64(),
    deviceTime: columns.int64(),
  };
}

export type ObservationWriter<R extends Column = Column> = TableWriter<ReturnType<typeof observationColumns<R>>>;

export function createNumberWriter(connection: DuckDBConnection, table: string) {
  return createTableWriter(connection, table, observationColumns(columns.float64()));
}

export function createWordWriter(connection: DuckDBConnection, table: string) {
  return createTableWriter(connection, table, observationColumns(columns.text()));
}

/** Stages a row, all but its result. */
export function addObservation(writer: ObservationWriter, datastream: number, observation: Observation): number {
  const { phenomenonTime, intervalStart, deviceTime, checks } = observation;
  const row = writer.addRow();
  const cells = writer.columns;
  cells.datastream.set(row, datastream);
  cells.time.set(row, phenomenonTime);
  cells.ordinal.set(row, observation.ordinal);
  cells.received.set(row, observation.resultTime);
  cells.quality.set(row, qualities.indexOf(observation.quality));
  cells.checks.set(row, checks.length === 0 ? 0 : checksToBits(checks));
  cells.revision.set(row, observation.revision);
  if (intervalStart === undefined) cells.span.setNull(row);
  else cells.span.set(row, phenomenonTime - intervalStart);
  if (deviceTime === undefined) cells.deviceTime.setNull(row);
  else cells.deviceTime.set(row, deviceTime);
  return row;
}

/** What `copyRows` expects, in its order; 64-bit integers leave as doubles and absent ones as NaN, so that a column is one copy. */
const selected = {
  datastream: "datastream",
  phenomenonTime: "time::DOUBLE",
  ordinal: "ordinal",
  resultTime: "received::DOUBLE",
  value: "coalesce(value, 'NaN'::DOUBLE)",
  quality: "quality",
  checks: "checks",
  revision: "revision",
  intervalStart: "coalesce((time - span)::DOUBLE, 'NaN'::DOUBLE)",
  deviceTime: "coalesce(device_time::DOUBLE, 'NaN'::DOUBLE)",
} as const;
const selectedColumns = Object.keys(selected) as readonly (keyof typeof selected)[];

/** Those with one value need no selecting. */
export function observationSelection(plain: ReadonlyMap<string, number> = new Map()): string {
  return selectedColumns.flatMap((column) => (plain.has(column) ? [] : [selected[column]])).join(", ");
}

/** Columns of rows under way from DuckDB's chunks to one of ours; `datastream` still holds the store's numbers. */
export interface RowBuffer extends Omit<ObservationChunk, "datastreams" | "word"> {
  readonly word: (string | undefined)[];
}

export function createRowBuffer(length: number): RowBuffer {
  return {
    length,
    datastream: new Uint32Array(length),
    phenomenonTime: new Float64Array(length),
    intervalStart: new Float64Array(length),
    ordinal: new Uint32Array(length),
    resultTime: new Float64Array(length),
    value: new Float64Array(length),
    word: [],
    quality: new Uint8Array(length),
    checks: new Uint8Array(length),
    revision: new Uint32Array(length),
    deviceTime: new Float64Array(length),
  };
}

type Cells = Uint32Array | Float64Array | Uint8Array;

export function copyColumn(chunk: DuckDBDataChunk, column: number, target: Cells): void {
  const byteLength = chunk.rowCount * target.BYTES_PER_ELEMENT;
  const bytes = bindings.vector_get_data(bindings.data_chunk_get_vector(chunk.chunk, column), byteLength);
  new Uint8Array(target.buffer, target.byteOffset, byteLength).set(bytes);
}

/** Copies the chunk's rows into the buffer from row `at` on. A chunk may have the words as its last column, or not. */
export function copyRows(
  chunk: DuckDBDataChunk,
  {
    buffer,
    at,
    plain,
  }: { readonly buffer: RowBuffer; readonly at: number; readonly plain?: ReadonlyMap<string, number> },
): void {
  let column = 0;
  for (const name of selectedColumns) {
    const value = plain?.get(name);
    if (value === undefined) copyColumn(chunk, column++, buffer[name].subarray(at));
    else buffer[name].fill(value, at, at + chunk.rowCount);
  }
  if (chunk.columnCount <= column) return;
  chunk.visitColumnValues(column, (value, row) => {
    if (typeof value === "string") buffer.word[at + row] = value;
  });
}
