import bindings from "@duckdb/node-bindings";
import { type DuckDBAppender, type DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import type { Column } from "./column.ts";

/** Rows staged for one table, appended inside the transaction that is open on the connection. */
export interface TableWriter<C extends Record<string, Column>> {
  readonly columns: C;
  readonly rows: number;
  /** The index of a new row, all of whose columns are to be set. */
  addRow(): number;
  append(): void;
  clear(): void;
  close(): void;
}

const initialRows = 512;

/** The keys of `columns` are the table's columns, in its order. */
export async function createTableWriter<C extends Record<string, Column>>(
  connection: DuckDBConnection,
  table: string,
  columns: C,
): Promise<TableWriter<C>> {
  const appender: DuckDBAppender = await connection.createAppender(table);
  const list = Object.values(columns);
  const types = list.map((column) => column.type);
  const chunkRows = bindings.vector_size();
  let rows = 0;
  let reserved = initialRows;
  for (const column of list) column.reserve(reserved);

  return {
    columns,
    get rows() {
      return rows;
    },
    addRow() {
      if (rows === reserved) {
        reserved *= 2;
        for (const column of list) column.reserve(reserved);
      }
      return rows++;
    },
    append() {
      if (rows === 0) return;
      for (let from = 0; from < rows; from += chunkRows) {
        const count = Math.min(chunkRows, rows - from);
        const chunk = DuckDBDataChunk.create(types, count);
        list.forEach((column, index) => column.copyTo(bindings.data_chunk_get_vector(chunk.chunk, index), from, count));
        appender.appendDataChunk(chunk);
      }
      appender.flushSync();
    },
    clear() {
      rows = 0;
      for (const column of list) column.clear();
    },
    close() {
      appender.clear();
      appender.closeSync();
    },
  };
}
