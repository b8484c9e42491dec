import type { ExportLanguage } from "./export-format.ts";

/**
 * - `text`: any words; few different ones beside many rows cost least.
 * - `timestamp`: instants in whole milliseconds since 1970 UTC.
 * - `double`, `integer` (whole, within 2^51), `boolean` (0 or 1).
 */
export type TableColumnType = "text" | "timestamp" | "double" | "integer" | "boolean";

export interface TableColumn {
  /** For programs: header of RFC 4180, name in Parquet and Arrow, member in NDJSON and GeoJSON. Each name once in a table. */
  readonly name: string;
  readonly type: TableColumnType;
  /** For people: header of the office dialect and of XLSX; the name where absent. */
  readonly label?: Readonly<Record<ExportLanguage, string>>;
  /** UCUM, of all values of the column. Absent where there is none, or where each row says its own. */
  readonly unit?: string;
  /** A sentence in English for the metadata of Parquet and Arrow and the second sheet of XLSX. */
  readonly description?: string;
  /** Of a text: how people read it, in the office dialect and in XLSX; `Cel` as `°C`. As it is where absent. */
  readonly shown?: (text: string, language: ExportLanguage) => string;
  /** `required`: no row is without a value. Default `optional`. */
  readonly presence?: "required" | "optional";
  /** Of a timestamp: `utc` where people need no wall clock beside it (a time of receipt). Default `both`. */
  readonly clock?: "both" | "utc";
}

export interface TableShape {
  /** One word in English, `observations`, `aggregates`: the root of the schema in Parquet. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
}

/** Texts of a column: row `i` has `texts[keys[i]]`, absent where that is undefined. Columns that share the same `keys` cost less. */
export interface TextColumn {
  readonly keys: Uint8Array | Uint16Array | Uint32Array;
  readonly texts: readonly (string | undefined)[];
}

/** Values of a column of any other type; NaN is absent. */
export type NumberColumn = Float64Array | Uint32Array | Uint8Array;

/** Many rows, column by column, in the order of the shape. Every column has `length` rows at least; what is beyond is not looked at. */
export interface TableChunk {
  readonly length: number;
  readonly columns: readonly (TextColumn | NumberColumn)[];
}

/** What any format writes. `chunks` are read once, from the first to the last; a writer that stops early closes them. */
export interface Table {
  readonly shape: TableShape;
  readonly chunks: AsyncIterable<TableChunk>;
  /** What is known only when all rows have gone by, for formats with metadata at their end (Parquet). */
  readonly closingFacts?: () => Readonly<Record<string, string>>;
}

/** The text column `column` of a chunk. Throws a TypeError where the shape has promised a text and numbers came. */
export function textColumn(chunk: TableChunk, column: number): TextColumn {
  const values = chunk.columns[column];
  if (values === undefined || !("texts" in values)) {
    throw new TypeError(
      `column ${column}: expected keys and texts, came ${values === undefined ? "nothing" : "numbers"}`,
    );
  }
  return values;
}

/** The column `column` of numbers of a chunk. Throws a TypeError where the shape has promised numbers and texts came. */
export function numberColumn(chunk: TableChunk, column: number): NumberColumn {
  const values = chunk.columns[column];
  if (values === undefined || "texts" in values) {
    throw new TypeError(
      `column ${column}: expected an array of numbers, came ${values === undefined ? "nothing" : "texts"}`,
    );
  }
  return values;
}

/** A TypeError where rows of a required column are without a value. */
export function checkPresence({ name, presence }: TableColumn, absent: number): void {
  if (presence !== "required" || absent === 0) return;
  throw new TypeError(`column ${name}: expected a value in each row, came ${absent} rows without`);
}
