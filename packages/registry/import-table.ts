import { CsvError, type Info, parse } from "csv-parse/sync";
import { type ImportMistake, quote } from "./import-entry.ts";

/**
 * The columns of a table of things and devices; their order is free, those that are not needed may be missing. One row for each word of a
 * device; rows of the same thing or device repeat its cells or leave them empty. `tags` are divided by spaces.
 */
export const importColumns = [
  "thing",
  "name",
  "domain",
  "operator",
  "lat",
  "lon",
  "tags",
  "device",
  "profile",
  "timezone",
  "word",
  "property",
  "channel",
  "unit",
] as const;
export type ImportColumn = (typeof importColumns)[number];

export interface ImportRow {
  readonly line: number;
  /** Empty where the row has no such cell. */
  cell(column: ImportColumn): string;
}

export interface ImportTable {
  readonly rows: readonly ImportRow[];
  readonly mistakes: readonly ImportMistake[];
}

interface Record {
  readonly record: readonly string[];
  readonly info: Info;
}

const delimiters = [";", ",", "\t"] as const;
/** A record longer than this is a quote that was not closed. */
const maxRecordBytes = 20_000;

/** Reads a table with a header, divided by `;`, `,` or tabs, whichever the header has most of, or what an office's `sep=` line says. */
export function readTable(text: string): ImportTable {
  const [, announced] = /^sep=([;,\t])\r?\n/.exec(text) ?? [];
  // The line stays, empty, so that the others keep their numbers.
  const body = announced === undefined ? text : text.slice(text.indexOf("\n"));
  const delimiter = announced ?? delimiterOf(body);
  let records: readonly Record[];
  try {
    const options = { delimiter, relax_column_count: true, skip_empty_lines: true, trim: true } as const;
    // Its types do not know what `info` does to the result.
    records = parse(body, { ...options, info: true, max_record_size: maxRecordBytes }) as unknown as readonly Record[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as { readonly lines?: unknown };
    return { rows: [], mistakes: [{ line: typeof lines === "number" ? lines : 1, message: error.message }] };
  }
  const [header, ...filled] = records.filter(({ record }) => record.some((cell) => cell !== ""));
  const names = (header?.record ?? []).map((name) => name.toLowerCase());
  while (names.at(-1) === "") names.pop();
  const mistakes = headerMistakes(names).map((message) => ({ line: header?.info.lines ?? 1, message }));
  const hint = delimiter === "," ? "; a decimal comma needs quotes, or ; between the cells" : "";
  for (const { record, info } of filled) {
    if (record.slice(names.length).every((cell) => cell === "")) continue;
    mistakes.push({ line: info.lines, message: `expected ${names.length} cells, came ${record.length}${hint}` });
  }
  const index = new Map(names.map((name, n) => [name, n]));
  const toRow = ({ record, info }: Record): ImportRow => ({
    line: info.lines,
    cell: (column) => record[index.get(column) ?? -1] ?? "",
  });
  return { rows: mistakes.length > 0 ? [] : filled.map(toRow), mistakes };
}

function delimiterOf(text: string): string {
  const header = /[^\r\n]*/.exec(text.trimStart())?.[0] ?? "";
  const count = (delimiter: string): number => header.split(delimiter).length;
  return delimiters.reduce((best, each) => (count(each) > count(best) ? each : best));
}

function headerMistakes(names: readonly string[]): readonly string[] {
  const known: readonly string[] = importColumns;
  const expected = `the header: expected columns of ${importColumns.join(", ")}`;
  return [
    ...(names.includes("thing") ? [] : [`${expected}, thing among them, came ${quote(names.join(" "))}`]),
    ...names.filter((name) => !known.includes(name)).map((name) => `${expected}, came ${quote(name)}`),
    ...names
      .filter((name, n) => names.indexOf(name) !== n)
      .map((name) => `the header: expected ${name} once, came twice`),
  ];
}
