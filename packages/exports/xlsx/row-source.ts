import type { TableChunk } from "../table.ts";

/** Rows of a table that several sheets take one after the other. */
export interface RowSource {
  readonly chunk: TableChunk;
  /** Of the chunk, the next to take; whoever takes it moves on. */
  row: number;
  /** Whether there is a row: fetches the next chunk where the one in hand is used up. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

export function openRowSource(chunks: AsyncIterable<TableChunk>): RowSource {
  let iterator: AsyncIterator<TableChunk> | undefined = chunks[Symbol.asyncIterator]();
  const source = {
    chunk: { length: 0, columns: [] } as TableChunk,
    row: 0,
    async ready() {
      while (source.row >= source.chunk.length) {
        const next = await iterator?.next();
        if (next === undefined || next.done === true) {
          iterator = undefined;
          return false;
        }
        source.chunk = next.value;
        source.row = 0;
      }
      return true;
    },
    async close() {
      await iterator?.return?.();
    },
  };
  return source;
}
