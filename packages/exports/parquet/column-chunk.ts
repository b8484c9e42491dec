import { ByteSink, utf8 } from "../byte-sink.ts";
import type { Runs } from "../runs.ts";
import type { TableColumn } from "../table.ts";
import { BitPacker, bitWidth } from "./bit-packer.ts";
import { putDeltaBinaryPacked } from "./delta-binary-packed.ts";
import type { DoubleIndexer } from "./double-dictionary.ts";
import { putHybridRuns } from "./hybrid-runs.ts";
import { encodings, pageTypes, physicalType } from "./schema.ts";
import { binary, i32, i64, list, putStruct, struct, type ThriftField, type ThriftValue } from "./thrift-compact.ts";

/** Values of one column in one row group. `present[row]` is 0 or 1, absent where every row has a value; `values` hold the present ones only. */
export type ColumnValues =
  | TextValues
  | (Presence & { readonly type: "timestamp" | "integer" | "double" | "boolean"; readonly values: Float64Array });

interface Presence {
  readonly present?: Uint8Array | Runs;
}

export interface TextValues extends Presence {
  readonly type: "text";
  readonly dictionary: readonly string[];
  readonly indices: Runs;
}

export interface ColumnChunk {
  readonly column: TableColumn & { readonly facts: ThriftValue | undefined };
  /** Of the row group. */
  readonly rows: number;
  readonly values: ColumnValues;
  readonly indexDoubles: DoubleIndexer;
}

/**
 * Puts the pages of one column: one dictionary page perhaps, and one data page (version 1, uncompressed: every reader takes it, and
 * delta and dictionary have done most of a compressor's work). Returns its entry in the row group's metadata. `base`: offset in the
 * file of the sink's first byte.
 */
export function putColumnChunk(
  sink: ByteSink,
  { column, rows, values, indexDoubles }: ColumnChunk,
  base: number,
): ThriftValue {
  const start = sink.length;
  const body = encodeValues(values, indexDoubles);
  let dictionaryOffset: number | undefined;
  if (body.dictionary !== undefined) {
    dictionaryOffset = base + sink.length;
    putPage(sink, body.dictionary.bytes, [
      [1, i32(pageTypes.dictionary)],
      [7, struct([1, i32(body.dictionary.count)], [2, i32(encodings.plain)])],
    ]);
  }
  const dataOffset = base + sink.length;
  const page = new ByteSink(body.data.length + (1 << 10));
  if (column.presence !== "required") putDefinitionLevels(page, values.present, rows);
  page.raw(body.data);
  putPage(sink, page.whole(), [
    [1, i32(pageTypes.data)],
    [5, struct([1, i32(rows)], [2, i32(body.encoding)], [3, i32(encodings.rle)], [4, i32(encodings.rle)])],
  ]);
  const size = sink.length - start;
  return struct(
    [2, i64(base + start)],
    [
      3,
      struct(
        [1, i32(physicalType(column.type))],
        [2, list("i32", [...new Set([encodings.rle, encodings.plain, body.encoding])].map(i32))],
        [3, list("binary", [binary(column.name)])],
        [4, i32(0)],
        [5, i64(rows)],
        [6, i64(size)],
        [7, i64(size)],
        [8, column.facts],
        [9, i64(dataOffset)],
        [11, dictionaryOffset === undefined ? undefined : i64(dictionaryOffset)],
        [12, statistics(values, rows)],
      ),
    ],
  );
}

interface EncodedValues {
  readonly encoding: number;
  readonly data: Uint8Array;
  readonly dictionary?: { readonly bytes: Uint8Array; readonly count: number };
}

function encodeValues(values: ColumnValues, indexDoubles: DoubleIndexer): EncodedValues {
  const sink = new ByteSink();
  if (values.type === "text") {
    putIndices(sink, values.indices, values.dictionary.length);
    return {
      encoding: encodings.rleDictionary,
      data: sink.whole(),
      dictionary: { bytes: plainTexts(values.dictionary), count: values.dictionary.length },
    };
  }
  if (values.type === "timestamp" || values.type === "integer") {
    putDeltaBinaryPacked(sink, values.values);
    return { encoding: encodings.deltaBinaryPacked, data: sink.whole() };
  }
  if (values.type === "boolean") {
    putBits(sink, values.values);
    return { encoding: encodings.plain, data: sink.whole() };
  }
  const indexed = indexDoubles(values.values);
  if (indexed === undefined) return { encoding: encodings.plain, data: doubleBytes(values.values) };
  putIndices(sink, indexed.indices, indexed.dictionary.length);
  const bytes = doubleBytes(indexed.dictionary);
  return {
    encoding: encodings.rleDictionary,
    data: sink.whole(),
    dictionary: { bytes, count: indexed.dictionary.length },
  };
}

/** Plain booleans: a bit each, lowest first; the last byte is filled up. */
function putBits(sink: ByteSink, values: Float64Array): void {
  const packer = new BitPacker(sink);
  for (let n = 0; n < Math.ceil(values.length / 8) * 8; n++) packer.put(values[n] === 1 ? 1 : 0, 1);
}

/** Width 0 would be allowed for a dictionary of one entry; some readers take 1 only. */
function putIndices(sink: ByteSink, indices: Uint32Array | Runs, dictionaryLength: number): void {
  const width = Math.max(1, bitWidth(dictionaryLength - 1));
  sink.byte(width);
  putHybridRuns(sink, indices, width);
}

function putDefinitionLevels(sink: ByteSink, present: Uint8Array | Runs | undefined, rows: number): void {
  const levels = new ByteSink(64);
  putHybridRuns(levels, present ?? new Uint8Array(rows).fill(1), 1);
  putUint32(sink, levels.length);
  sink.raw(levels.whole());
}

/** The header has the type of the page, its sizes, and a struct that only this type has. */
function putPage(sink: ByteSink, body: Uint8Array, [type, ofType]: readonly [ThriftField, ThriftField]): void {
  putStruct(sink, [type, [2, i32(body.length)], [3, i32(body.length)], ofType]);
  sink.raw(body);
}

function plainTexts(texts: readonly string[]): Uint8Array {
  const sink = new ByteSink();
  for (const text of texts) {
    const bytes = utf8(text);
    putUint32(sink, bytes.length);
    sink.raw(bytes);
  }
  return sink.whole();
}

/** Little-endian, as every machine is that this runs on. */
function doubleBytes(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function putUint32(sink: ByteSink, value: number): void {
  for (let shift = 0; shift < 32; shift += 8) sink.byte((value >>> shift) & 0xff);
}

/** Least and greatest time of the row group, so that a reader that looks for a day skips the others. */
function statistics(values: ColumnValues, rows: number): ThriftValue {
  const nullCount: ThriftField = [3, i64(rows - valueCount(values))];
  if (values.type !== "timestamp" || values.values.length === 0) return struct(nullCount);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.values.length; row++) {
    const value = values.values[row]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return struct(nullCount, [5, binary(int64Bytes(max))], [6, binary(int64Bytes(min))]);
}

function valueCount(values: ColumnValues): number {
  return values.type === "text" ? values.indices.length : values.values.length;
}

function int64Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
  return bytes;
}
