import { ByteSink, pieceBytes } from "./byte-sink.ts";
import type { ExportFormat, TableOptions } from "./export-format.ts";
import { columnFacts, fileFacts } from "./file-facts.ts";
import { observationTable } from "./observation-table.ts";
import { createBatchColumns } from "./parquet/batch-columns.ts";
import { putColumnChunk } from "./parquet/column-chunk.ts";
import { createDoubleIndexer } from "./parquet/double-dictionary.ts";
import { schemaElements } from "./parquet/schema.ts";
import {
  binary,
  i16,
  i32,
  i64,
  keyValues,
  list,
  putStruct,
  struct,
  type ThriftValue,
} from "./parquet/thrift-compact.ts";
import type { Table } from "./table.ts";
import { batchesOf, type TableBatch } from "./table-batch.ts";

/**
 * Apache Parquet (https://parquet.apache.org/docs/file-format/): times as UTC instants in milliseconds, texts with dictionaries. Key-value
 * metadata of the file: `messnetz.units` (column → UCUM; of raw observations property → UCUM, of all properties in the file), source,
 * licence, span and the provenance given; of each column: unit, labels, description. Written here because the writers at hand take two to
 * three times the time allowed for a million rows.
 */
export const parquet: ExportFormat = {
  name: "parquet",
  contentType: "application/vnd.apache.parquet",
  extension: "parquet",
  compression: "inside",
  write: (chunks, options) => writeTable(observationTable(chunks, options), options),
  writeTable,
};

const magic = "PAR1";
const createdBy = "messnetz version 1";

async function* writeTable(table: Table, options: TableOptions): AsyncIterable<Uint8Array> {
  const { shape } = table;
  const columns = shape.columns.map((column) => ({ ...column, facts: keyValues(columnFacts(column)) }));
  const valuesOf = createBatchColumns(shape);
  const indexDoubles = createDoubleIndexer();
  const sink = new ByteSink();
  const rowGroups: ThriftValue[] = [];
  let written = 0;
  let rows = 0;
  // Column by column, so that whoever runs beside this never waits for a whole row group.
  function* put(batch: TableBatch): Generator<Uint8Array> {
    const offset = written;
    const entries: ThriftValue[] = [];
    for (const [at, column] of columns.entries()) {
      entries.push(
        putColumnChunk(sink, { column, rows: batch.rows, values: valuesOf(batch, at), indexDoubles }, written),
      );
      if (sink.length < pieceBytes) continue;
      written += sink.length;
      yield* pieces(sink.take());
    }
    written += sink.length;
    yield* pieces(sink.take());
    rowGroups.push(rowGroup(entries, { rows: batch.rows, bytes: written - offset, offset, ordinal: rowGroups.length }));
    rows += batch.rows;
  }

  sink.ascii(magic);
  written += sink.length;
  yield sink.take();
  for await (const batch of batchesOf(shape, table.chunks)) yield* put(batch);
  const facts = { ...fileFacts(shape, options), ...table.closingFacts?.() };
  putFooter(sink, { schema: schemaElements(shape), columns: columns.length, rows, rowGroups, facts: keyValues(facts) });
  yield* pieces(sink.take());
}

/** A long column is too much for a socket at once. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

interface RowGroupFacts {
  readonly rows: number;
  readonly bytes: number;
  readonly offset: number;
  readonly ordinal: number;
}

function rowGroup(entries: readonly ThriftValue[], { rows, bytes, offset, ordinal }: RowGroupFacts): ThriftValue {
  // The ordinal is 16 bits wide and optional.
  const ordinalField = ordinal < 0x8000 ? i16(ordinal) : undefined;
  return struct(
    [1, list("struct", entries)],
    [2, i64(bytes)],
    [3, i64(rows)],
    [5, i64(offset)],
    [6, i64(bytes)],
    [7, ordinalField],
  );
}

interface Footer {
  readonly schema: readonly ThriftValue[];
  readonly columns: number;
  readonly rows: number;
  readonly rowGroups: readonly ThriftValue[];
  readonly facts: ThriftValue | undefined;
}

function putFooter(sink: ByteSink, { schema, columns, rows, rowGroups, facts }: Footer): void {
  const start = sink.length;
  // TypeDefinedOrder for each column: without it readers must not use least and greatest values.
  const orders = Array.from({ length: columns }, () => struct([1, struct()]));
  putStruct(sink, [
    [1, i32(1)],
    [2, list("struct", schema)],
    [3, i64(rows)],
    [4, list("struct", rowGroups)],
    [5, facts],
    [6, binary(createdBy)],
    [7, list("struct", orders)],
  ]);
  const length = sink.length - start;
  for (let shift = 0; shift < 32; shift += 8) sink.byte((length >>> shift) & 0xff);
  sink.ascii(magic);
}
