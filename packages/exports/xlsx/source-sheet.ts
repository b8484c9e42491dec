import type { TableOptions } from "../export-format.ts";
import { fileFacts } from "../file-facts.ts";
import type { TableShape } from "../table.ts";
import { textRow } from "./sheet-row.ts";
import { sheetBegin, sheetEnd, styles } from "./workbook-parts.ts";

const widths = [34, 60, 24, 60];

const words = {
  de: {
    "messnetz.source": "Quelle",
    "messnetz.licence": "Lizenz",
    "messnetz.from": "Von (UTC, einschließlich)",
    "messnetz.to": "Bis (UTC, ausschließlich)",
    "messnetz.query": "Abfrage",
    "messnetz.created": "Erzeugt",
    zone: "Zeitzone der Ortszeiten",
    columns: ["Spalte", "Bezeichnung", "Einheit (UCUM)", "Beschreibung"],
  },
  en: {
    "messnetz.source": "Source",
    "messnetz.licence": "Licence",
    "messnetz.from": "From (UTC, inclusive)",
    "messnetz.to": "To (UTC, exclusive)",
    "messnetz.query": "Query",
    "messnetz.created": "Created",
    zone: "Time zone of local times",
    columns: ["Column", "Label", "Unit (UCUM)", "Description"],
  },
} as const;

/** Where the rows come from and what the columns mean, in words. */
export function sourceSheet(
  shape: TableShape,
  options: TableOptions & Required<Pick<TableOptions, "language" | "timeZone">>,
): string {
  const { language, timeZone } = options;
  const titles: Readonly<Record<string, string | readonly string[]>> = words[language];
  const { "messnetz.units": _, ...facts } = fileFacts(shape, options);
  const rows: (readonly string[])[] = [
    ...Object.entries(facts).map(([key, value]) => [String(titles[key] ?? key), value]),
    [words[language].zone, timeZone],
    [],
    words[language].columns,
    ...shape.columns.map(({ name, label, unit, description }) => [
      name,
      label?.[language] ?? "",
      unit ?? "",
      description ?? "",
    ]),
  ];
  const titleRow = rows.indexOf(words[language].columns);
  return (
    sheetBegin({ widths, frozen: 0 }) +
    rows.map((row, at) => textRow(row, at + 1, at === titleRow ? styles.title : undefined)).join("") +
    sheetEnd
  );
}
