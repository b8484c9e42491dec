import type { ExportLanguage } from "./export-format.ts";
import type { TableColumn, TableShape } from "./table.ts";
import { unitSymbol } from "./unit-symbol.ts";

export interface PeopleHeader {
  /** A timestamp with both clocks has two columns: wall clock of the zone, then UTC. */
  readonly titles: readonly string[];
  /** As printed, `°C`; empty where the column has none. */
  readonly units: readonly string[];
}

/** How the columns are headed where people read them: the office dialect of CSV and XLSX. */
export function headerOf(
  { columns }: TableShape,
  { language, timeZone }: { readonly language: ExportLanguage; readonly timeZone: string },
): PeopleHeader {
  const titles = columns.flatMap((column) => {
    const label = column.label?.[language] ?? column.name;
    if (column.type !== "timestamp") return [label];
    return hasLocalTime(column) ? [`${label} (${timeZone})`, `${label} (UTC)`] : [`${label} (UTC)`];
  });
  const units = columns.flatMap((column) => {
    const unit = unitSymbol(column.unit ?? "");
    return hasLocalTime(column) ? [unit, unit] : [unit];
  });
  return { titles, units };
}

export function hasLocalTime({ type, clock }: TableColumn): boolean {
  return type === "timestamp" && clock !== "utc";
}
