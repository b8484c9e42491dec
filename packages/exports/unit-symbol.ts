/** Symbols as printed, of UCUM codes (https://ucum.org/ucum, tables of units) that print differently. */
const symbols: ReadonlyMap<string, string> = new Map([
  ["Cel", "°C"],
  ["deg", "°"],
  ["Ohm", "Ω"],
  ["'", "′"],
  ["''", "″"],
  ["[pH]", "pH"],
  ["[ppm]", "ppm"],
  ["bar", "bar"],
]);
const superscripts = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];

/** How an office prints a UCUM unit: `Cel` as `°C`, `m3/h` as `m³/h`, `uS/cm` as `µS/cm`, `{vehicles}` and `1` as nothing. */
export function unitSymbol(ucum: string): string {
  if (ucum === "1") return "";
  return ucum
    .replaceAll(/\{[^}]*\}/g, "")
    .split(/([./])/)
    .map((term) => symbols.get(term) ?? printTerm(term))
    .join("");
}

function printTerm(term: string): string {
  if (term === ".") return "·";
  if (term.startsWith("[")) return term;
  return term.replace(/^u(?=[A-Za-z])/, "µ").replace(/(?<=[A-Za-z])[0-9]$/, (digit) => superscripts[Number(digit)]!);
}
