/**
 * First characters that make a spreadsheet take a cell for a formula, or that it drops to find one behind them: OWASP ASVS 1.2.10,
 * CWE-1236, and their full-width forms, which East Asian settings treat alike.
 */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const formulaStart = /^[=+\-@\t\r\n\0＝＋－＠]/;

/**
 * A text cell that stays a text: a leading `'` where a spreadsheet would see a formula, and quotes (RFC 4180, 2.6 and 2.7) where the
 * text holds the separator, a quote or a line break. Numbers of ours do not come through here: -3.5 stays a number.
 */
export function textCell(text: string, separator: string): string {
  const safe = formulaStart.test(text) ? `'${text}` : text;
  return /["\r\n]/.test(safe) || safe.includes(separator) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
