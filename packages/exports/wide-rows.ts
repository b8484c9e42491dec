import { qualities } from "@messnetz/model";
import type { NumberColumn, TableChunk, TableColumn, TextColumn } from "./table.ts";
import type { WideCursor } from "./wide-cursor.ts";

/** Rows of a wide table while they are merged. */
export interface WideRows {
  readonly length: number;
  /** Begins the next row. */
  begin(time: number): void;
  /** Puts the observation in hand of cursor `at` into the row that was begun. */
  put(at: number, cursor: WideCursor): void;
  take(): TableChunk;
}

/** Rows of a chunk: 200 columns of it are 1.6 MB. */
export const wideChunkRows = 1024;
const capacity = wideChunkRows;
const absent = qualities.length;
const qualityTexts: readonly (string | undefined)[] = [...qualities, undefined];

export function createWideRows(
  shown: readonly { readonly result: TableColumn; readonly quality: TableColumn | undefined }[],
): WideRows {
  const times = new Float64Array(capacity);
  const columns = shown.map(({ result, quality }) => ({
    result: result.type === "text" ? createWords() : createNumbers(),
    quality: quality === undefined ? undefined : new Uint8Array(capacity).fill(absent),
  }));
  const rows = {
    length: 0,
    begin(time: number) {
      times[rows.length++] = time;
    },
    put(at: number, { chunk, row }: WideCursor) {
      const { result, quality } = columns[at]!;
      const to = rows.length - 1;
      result.put(to, chunk.word?.[row] ?? chunk.value[row]!);
      if (quality !== undefined) quality[to] = chunk.quality[row]!;
    },
    take(): TableChunk {
      const { length } = rows;
      return {
        length,
        columns: [
          times,
          ...columns.flatMap(({ result, quality }) =>
            quality === undefined ? [result.column()] : [result.column(), { keys: quality, texts: qualityTexts }],
          ),
        ],
      };
    },
  };
  return rows;
}

interface ResultCells {
  put(row: number, result: number | string): void;
  column(): TextColumn | NumberColumn;
}

/** Of a property with numbers a word has no place: absent. */
function createNumbers(): ResultCells {
  const values = new Float64Array(capacity).fill(Number.NaN);
  return {
    put(row, result) {
      if (typeof result === "number") values[row] = result;
    },
    column: () => values,
  };
}

/** A flag is a word here: `1`. */
function createWords(): ResultCells {
  const keys = new Uint16Array(capacity);
  const texts: (string | undefined)[] = [undefined];
  const known = new Map<string, number>();
  return {
    put(row, result) {
      const text = String(result);
      const key = known.get(text) ?? texts.push(text) - 1;
      known.set(text, key);
      keys[row] = key;
    },
    column: () => ({ keys, texts }),
  };
}
