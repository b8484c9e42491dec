import type { TableColumn, TableShape } from "../table.ts";
import {
  flatBuffer,
  type FlatTable,
  type FlatValue,
  i16,
  i32,
  i64,
  pairs,
  table,
  tables,
  text,
  u8,
} from "./flat-buffer.ts";

// Numbers and fields of Schema.fbs and Message.fbs, https://github.com/apache/arrow/tree/main/format

const version5 = 4;
const headers = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;
const types = { int: 2, floatingPoint: 3, utf8: 5, bool: 6, timestamp: 10 } as const;
const doublePrecision = 2;
const milliseconds = 1;

export type Facts = Readonly<Record<string, string>>;

export function schemaMessage(shape: TableShape, factsOf: (column: TableColumn) => Facts, facts: Facts): Uint8Array {
  const fields = shape.columns.map((column, at) => field(column, at, factsOf(column)));
  return message(headers.schema, table(undefined, tables(fields), keyValues(facts)), 0);
}

/** Rows of each column in a batch, and how many of them are absent. */
export interface FieldNode {
  readonly length: number;
  readonly absent: number;
}

/** Where the buffers of a batch stand in the body. */
export interface BatchBody {
  readonly rows: number;
  readonly nodes: readonly FieldNode[];
  readonly buffers: readonly (readonly [offset: number, length: number])[];
  readonly bytes: number;
}

export function recordBatchMessage(body: BatchBody): Uint8Array {
  return message(headers.recordBatch, recordBatch(body), body.bytes);
}

/** The texts of column `id`, in place of those of the batch before. */
export function dictionaryMessage(id: number, body: BatchBody): Uint8Array {
  return message(headers.dictionaryBatch, table(i64(id), recordBatch(body)), body.bytes);
}

/** Ends a stream. */
export const endOfStream = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

function recordBatch({ rows, nodes, buffers }: BatchBody): FlatTable {
  return table(i64(rows), pairs(nodes.map(({ length, absent }) => [length, absent] as const)), pairs(buffers));
}

/** Encapsulated: a mark, the length of the metadata, the metadata; the body comes behind it. */
function message(type: number, header: FlatTable, bodyBytes: number): Uint8Array {
  const metadata = flatBuffer(table(i16(version5), u8(type), header, i64(bodyBytes)));
  const bytes = new Uint8Array(8 + metadata.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xffff_ffff, true);
  view.setInt32(4, metadata.length, true);
  bytes.set(metadata, 8);
  return bytes;
}

function field({ name, type, presence }: TableColumn, id: number, facts: Facts): FlatTable {
  const [typeNumber, ofType] = fieldTypes[type];
  const int32 = table(i32(32), u8(1));
  return table(
    text(name),
    u8(presence === "required" ? 0 : 1),
    u8(typeNumber),
    ofType,
    type === "text" ? table(i64(id), int32, u8(0)) : undefined,
    tables([]),
    keyValues(facts),
  );
}

const fieldTypes: Readonly<Record<TableColumn["type"], readonly [number, FlatTable]>> = {
  text: [types.utf8, table()],
  timestamp: [types.timestamp, table(i16(milliseconds), text("UTC"))],
  double: [types.floatingPoint, table(i16(doublePrecision))],
  integer: [types.int, table(i32(64), u8(1))],
  boolean: [types.bool, table()],
};

function keyValues(facts: Facts): FlatValue | undefined {
  const entries = Object.entries(facts);
  return entries.length === 0 ? undefined : tables(entries.map(([key, value]) => table(text(key), text(value))));
}
