import { stripVTControlCharacters } from "node:util";

/** What comes from others cannot speak to the terminal. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, " ");
}

/** Lines with columns as wide as their widest cell, in plain text. */
export function writeTable(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map(plainText));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
