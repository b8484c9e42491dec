/**
 * First characters that make a spreadsheet take a cell for a formula: OWASP ASVS 1.2.10, CWE-1236, and their full-width forms, which East
 * Asian settings treat alike. A cell begins where the text does, and behind whatever some program may take for a separator: a spreadsheet
 * with decimal comma splits RFC 4180 at `;`. Spaces and quotes between are dropped by some.
 */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const formulaStart = /(?<=(?:^|[,;\t\r\n])[\s"\0]*)[=+\-@＝＋－＠]/g;
/** What a spreadsheet drops at the beginning of a cell to find a formula behind it. */
// eslint-disable-next-line no-control-regex -- as above
const droppedStart = /^[\t\r\n\0]/;

/**
 * A text cell that stays a text: a `'` before each character that would begin a formula, and quotes (RFC 4180, 2.6 and 2.7) where the
 * text holds the separator, a quote or a line break. Numbers of ours do not come through here: -3.5 stays a number.
 */
export function textCell(text: string, separator: string): string {
  const inert = text.replaceAll(formulaStart, "'$&");
  const safe = droppedStart.test(inert) ? `'${inert}` : inert;
  return /["\r\n]/.test(safe) || safe.includes(separator) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
