import { textCell } from "./csv-cell.ts";
import type { ExportLanguage, TableOptions } from "./export-format.ts";
import { headerOf } from "./people-columns.ts";
import type { TableShape } from "./table.ts";
import { createLocalWriter, type TimeWriter } from "./time-text.ts";

/** What the dialects of CSV differ in. */
export interface CsvLayout {
  readonly separator: "," | ";";
  readonly decimalMark: "." | ",";
  /** All that stands before the first row. */
  readonly head: string;
  readonly booleans: { readonly true: string; readonly false: string };
  /** In which language texts are shown to people; absent where programs read them. */
  readonly shownIn?: ExportLanguage;
  /** Absent where times are in UTC alone. A writer remembers the last day: each column has its own. */
  readonly createLocal?: () => TimeWriter;
}

export function csvLayout(shape: TableShape, options: TableOptions): CsvLayout {
  return options.dialect === "office" ? officeLayout(shape, options) : rfc4180Layout(shape);
}

function rfc4180Layout({ columns }: TableShape): CsvLayout {
  return {
    separator: ",",
    decimalMark: ".",
    head: line(
      columns.map(({ name }) => name),
      ",",
    ),
    booleans: { true: "true", false: "false" },
  };
}

const byteOrderMark = "\u{FEFF}";

/** Reads without a question in a spreadsheet with decimal comma; Europe/Berlin and German words unless told otherwise. */
function officeLayout(shape: TableShape, options: TableOptions): CsvLayout {
  const language = options.language ?? "de";
  const timeZone = options.timeZone ?? "Europe/Berlin";
  const { titles, units } = headerOf(shape, { language, timeZone });
  const unitRow = units.some((unit) => unit !== "") ? line(units, ";") : "";
  return {
    separator: ";",
    decimalMark: ",",
    head: byteOrderMark + line(titles, ";") + unitRow,
    booleans: language === "de" ? { true: "WAHR", false: "FALSCH" } : { true: "TRUE", false: "FALSE" },
    shownIn: language,
    createLocal: () => createLocalWriter(timeZone),
  };
}

function line(cells: readonly string[], separator: string): string {
  return `${cells.map((text) => textCell(text, separator)).join(separator)}\r\n`;
}
