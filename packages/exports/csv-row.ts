import { type ByteSink, utf8 } from "./byte-sink.ts";
import { textCell } from "./csv-cell.ts";
import type { CsvLayout } from "./csv-layout.ts";
import { putDecimal } from "./decimal-text.ts";
import { hasLocalTime } from "./people-columns.ts";
import { createUtcWriter, type TimeWriter } from "./time-text.ts";
import {
  type NumberColumn,
  numberColumn,
  type TableChunk,
  type TableColumn,
  type TableShape,
  textColumn,
} from "./table.ts";

/** Puts one row of the chunk it was made for. */
export type RowWriter = (sink: ByteSink, row: number) => void;

/** Puts a cell, or neighbouring cells with the same keys, and the separator or line end after it. */
type CellWriter = RowWriter;

const lineEnd = "\r\n";

/** Gives for a chunk what puts its rows. */
export function createCsvRowWriter({ columns }: TableShape, layout: CsvLayout): (chunk: TableChunk) => RowWriter {
  const cellsOf = createTextCells(columns, layout);
  const clocks = columns.map((column): Clocks | undefined => {
    if (column.type !== "timestamp") return undefined;
    return { putUtc: createUtcWriter(), putLocal: hasLocalTime(column) ? layout.createLocal?.() : undefined };
  });
  return (chunk) => {
    const writers: CellWriter[] = [];
    for (let at = 0; at < columns.length;) {
      const column = columns[at]!;
      const next = column.type === "text" ? groupEnd(columns, chunk, at) : at + 1;
      const after = next === columns.length ? lineEnd : layout.separator;
      writers.push(
        column.type === "text"
          ? cellsOf(chunk, { from: at, to: next, after })
          : numberCell(column, { values: numberColumn(chunk, at), clocks: clocks[at], layout, after: utf8(after) }),
      );
      at = next;
    }
    const count = writers.length;
    return (sink, row) => {
      for (let n = 0; n < count; n++) writers[n]!(sink, row);
    };
  };
}

/** Behind the last of the text columns that begin at `first` and share their keys. */
function groupEnd(columns: readonly TableColumn[], chunk: TableChunk, first: number): number {
  const { keys } = textColumn(chunk, first);
  let end = first + 1;
  while (columns[end]?.type === "text" && textColumn(chunk, end).keys === keys) end++;
  return end;
}

interface Group {
  readonly from: number;
  readonly to: number;
  readonly after: string;
}

/** Cells are made once for each key of a chunk, and kept while chunks come with the very same texts. */
function createTextCells(
  columns: readonly TableColumn[],
  layout: CsvLayout,
): (chunk: TableChunk, group: Group) => CellWriter {
  const kept = new Map<string, { readonly texts: readonly unknown[]; readonly cells: (Uint8Array | undefined)[] }>();
  return (chunk, { from, to, after }) => {
    const { keys } = textColumn(chunk, from);
    const shown = columns.slice(from, to).map(({ shown: show }) => show);
    const texts = Array.from({ length: to - from }, (_, n) => textColumn(chunk, from + n).texts);
    const known = kept.get(`${from} ${to}`);
    const cells = known?.texts.every((list, n) => list === texts[n]) === true ? known.cells : [];
    kept.set(`${from} ${to}`, { texts, cells });
    const make = (key: number): Uint8Array => {
      const parts = texts.map((list, n) => {
        const text = list[key] ?? "";
        const show = layout.shownIn === undefined ? undefined : shown[n];
        return textCell(show === undefined || text === "" ? text : show(text, layout.shownIn!), layout.separator);
      });
      return utf8(parts.join(layout.separator) + after);
    };
    return (sink, row) => {
      const key = keys[row]!;
      sink.raw((cells[key] ??= make(key)));
    };
  };
}

interface Clocks {
  readonly putUtc: TimeWriter;
  readonly putLocal: TimeWriter | undefined;
}

interface NumberCell {
  readonly values: NumberColumn;
  /** Of a timestamp. */
  readonly clocks: Clocks | undefined;
  readonly layout: CsvLayout;
  readonly after: Uint8Array;
}

/** NaN leaves the cell empty. */
function numberCell({ type }: TableColumn, { values, clocks, layout, after }: NumberCell): CellWriter {
  if (clocks !== undefined) return timeCell(clocks, { values, after, between: layout.separator.charCodeAt(0) });
  if (type === "boolean") {
    const words = [layout.booleans.false, layout.booleans.true].map(utf8);
    return (sink, row) => {
      const value = values[row]!;
      if (!Number.isNaN(value)) sink.raw(words[value === 0 ? 0 : 1]!);
      sink.raw(after);
    };
  }
  const mark = layout.decimalMark.charCodeAt(0);
  return (sink, row) => {
    const value = values[row]!;
    if (!Number.isNaN(value)) putDecimal(sink, value, mark);
    sink.raw(after);
  };
}

interface TimeCell {
  readonly values: NumberColumn;
  readonly after: Uint8Array;
  readonly between: number;
}

function timeCell({ putUtc, putLocal }: Clocks, { values, after, between }: TimeCell): CellWriter {
  return (sink, row) => {
    const value = values[row]!;
    const isAbsent = Number.isNaN(value);
    if (putLocal !== undefined) {
      if (!isAbsent) putLocal(sink, value);
      sink.byte(between);
    }
    if (!isAbsent) putUtc(sink, value);
    sink.raw(after);
  };
}
