/** Excel's limit of one cell: https://support.microsoft.com/office/excel-specifications-and-limits. */
const maxCellLength = 32_767;

/** What XML 1.0 (2.2) has no place for, and the line end that parsers change (2.11). */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const unprintable = /[\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]/g;

const escapes = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);

/**
 * The content of a cell or an attribute: as ISO/IEC 29500-1, 22.9.2.19 (ST_Xstring), what XML cannot hold is `_xHHHH_`, and what looks so by
 * itself keeps its look. Longer texts than a cell holds end in `…`.
 */
export function xmlText(text: string): string {
  const whole = text.length > maxCellLength ? `${text.slice(0, maxCellLength - 1)}…` : text;
  return whole
    .toWellFormed()
    .replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, "_x005F_")
    .replaceAll(unprintable, (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`)
    .replaceAll(/[&<>"]/g, (character) => escapes.get(character)!);
}

/** A spreadsheet would take the text for a formula when somebody goes into its cell and out again. */
export function looksLikeFormula(text: string): boolean {
  return /^[\s'"]*[=+\-@＝＋－＠]/.test(text);
}
