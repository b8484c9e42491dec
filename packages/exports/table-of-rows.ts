import type { NumberColumn, Table, TableChunk, TableColumn, TableShape, TextColumn } from "./table.ts";

/** A cell as a program has it at hand: of a timestamp the milliseconds since 1970. Undefined and NaN are absent. */
export type Cell = string | number | boolean | undefined;

const rowsPerChunk = 2048;

/**
 * A table of rows that come one by one, each with a cell for each column of the shape: for what is computed as objects, such as calendar
 * aggregates. Raw observations have columns already: `observationTable`. Throws a TypeError for a cell that is not of its column's type.
 */
export function tableOfRows(
  shape: TableShape,
  rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>,
): Table {
  return { shape, chunks: chunksOf(shape, rows) };
}

async function* chunksOf(
  { columns }: TableShape,
  rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>,
): AsyncIterable<TableChunk> {
  let pending: (readonly Cell[])[] = [];
  const take = (): TableChunk => {
    const taken = pending;
    pending = [];
    return { length: taken.length, columns: columns.map((column, at) => columnOf(column, taken, at)) };
  };
  for await (const row of rows) {
    if (pending.push(row) === rowsPerChunk) yield take();
  }
  if (pending.length > 0) yield take();
}

function columnOf(column: TableColumn, rows: readonly (readonly Cell[])[], at: number): TextColumn | NumberColumn {
  if (column.type === "text") return textsOf(column, rows, at);
  const values = new Float64Array(rows.length);
  rows.forEach((cells, row) => {
    const cell = cells[at];
    const isOfType = typeof cell === (column.type === "boolean" ? "boolean" : "number");
    if (cell !== undefined && !isOfType) throw mismatch(column, cell);
    values[row] = cell === undefined ? Number.NaN : Number(cell);
  });
  return values;
}

function textsOf(column: TableColumn, rows: readonly (readonly Cell[])[], at: number): TextColumn {
  const keys = new Uint32Array(rows.length);
  const texts: (string | undefined)[] = [];
  const known = new Map<string | undefined, number>();
  rows.forEach((cells, row) => {
    const cell = cells[at];
    if (cell !== undefined && typeof cell !== "string") throw mismatch(column, cell);
    const key = known.get(cell) ?? texts.push(cell) - 1;
    known.set(cell, key);
    keys[row] = key;
  });
  return { keys, texts };
}

function mismatch({ name, type }: TableColumn, cell: Cell): TypeError {
  return new TypeError(`column ${name}: expected a cell of type ${type}, came ${typeof cell} ${JSON.stringify(cell)}`);
}
