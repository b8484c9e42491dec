import { utf8 } from "../byte-sink.ts";
import type { TableColumnType } from "../table.ts";
import type { BatchNumbers, BatchText } from "../table-batch.ts";
import type { BatchBody, FieldNode } from "./messages.ts";

/** One column of a batch as its buffers (https://arrow.apache.org/docs/format/Columnar.html): which rows are there, then their values. */
export interface ColumnBuffers {
  readonly node: FieldNode;
  readonly buffers: readonly Uint8Array[];
}

const none = new Uint8Array(0);

/** The indices into its dictionary: `dictionaryBuffers`. Absent rows have index 0. */
export function textBuffers({ runs }: BatchText, rows: number): ColumnBuffers {
  const values = new Int32Array(rows);
  let begin = 0;
  let isAnyAbsent = false;
  for (let run = 0; run < runs.count; run++) {
    const end = runs.ends[run]!;
    values.fill(runs.values[run]!, begin, end);
    isAnyAbsent ||= runs.values[run]! < 0;
    begin = end;
  }
  const { absent, validity } = isAnyAbsent ? present(rows, (row) => values[row]! >= 0) : { absent: 0, validity: none };
  if (absent > 0) for (let row = 0; row < rows; row++) if (values[row]! < 0) values[row] = 0;
  return { node: { length: rows, absent }, buffers: [validity, bytesOf(values)] };
}

export function numberBuffers({ values }: BatchNumbers, rows: number, type: TableColumnType): ColumnBuffers {
  const { absent, validity } = present(rows, (row) => !Number.isNaN(values[row]!));
  const encoded =
    type === "double"
      ? bytesOf(values.slice(0, rows))
      : type === "boolean"
        ? bits(rows, (row) => values[row] === 1).bytes
        : int64Bytes(values, rows);
  return { node: { length: rows, absent }, buffers: [validity, encoded] };
}

export function dictionaryBuffers(texts: readonly string[]): ColumnBuffers {
  const encoded = texts.map(utf8);
  const offsets = new Int32Array(texts.length + 1);
  encoded.forEach((bytes, n) => {
    offsets[n + 1] = offsets[n]! + bytes.length;
  });
  return { node: { length: texts.length, absent: 0 }, buffers: [none, bytesOf(offsets), Buffer.concat(encoded)] };
}

/** Buffers begin at multiples of 8. */
export function layOut(rows: number, columns: readonly ColumnBuffers[]): BatchBody {
  let bytes = 0;
  const buffers = columns.flatMap((column) =>
    column.buffers.map((buffer) => {
      const place = [bytes, buffer.length] as const;
      bytes += padded(buffer.length);
      return place;
    }),
  );
  return { rows, nodes: columns.map(({ node }) => node), buffers, bytes };
}

export function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** Where every row is there, the buffer may be left out. */
function present(rows: number, isThere: (row: number) => boolean): { absent: number; validity: Uint8Array } {
  const { bytes, count } = bits(rows, isThere);
  return count === rows ? { absent: 0, validity: none } : { absent: rows - count, validity: bytes };
}

/** A bit for each row, lowest first. */
function bits(rows: number, isSet: (row: number) => boolean): { bytes: Uint8Array; count: number } {
  const bytes = new Uint8Array(Math.ceil(rows / 8));
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (!isSet(row)) continue;
    bytes[row >>> 3]! |= 1 << (row & 7);
    count++;
  }
  return { bytes, count };
}

/** Without a BigInt for each: integers within 2^53 in two halves; NaN as 0. */
function int64Bytes(values: Float64Array, rows: number): Uint8Array {
  const halves = new Uint32Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    const high = Math.floor(value / 0x1_0000_0000);
    halves[row * 2] = value - high * 0x1_0000_0000;
    halves[row * 2 + 1] = high;
  }
  return bytesOf(halves);
}

/** Little-endian, as every machine is that this runs on. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
