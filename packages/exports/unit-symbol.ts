/** Symbols as printed, of UCUM codes (https://ucum.org/ucum, tables of units) that print differently. */
const terms: ReadonlyMap<string, string> = new Map([
  ["Cel", "°C"],
  ["deg", "°"],
  ["Ohm", "Ω"],
  ["[pH]", "pH"],
  ["[ppm]", "ppm"],
  ["[ppb]", "ppb"],
]);
/** Codes that have a symbol of their own as a whole. */
const wholes: ReadonlyMap<string, string> = new Map([
  ["1", ""],
  ["dB[mW]", "dBm"],
  ["V.A{reactive}", "var"],
  ["kV.A{reactive}", "kvar"],
  ["kV.A{reactive}.h", "kvarh"],
  ["{NTU}", "NTU"],
  ["{FNU}", "FNU"],
  ["{HCA}", "HCA"],
]);
const superscripts = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];

/** How an office prints a UCUM unit: `Cel` as `°C`, `m3/h` as `m³/h`, `uS/cm` as `µS/cm`; what is only counted, and `1`, as nothing. */
export function unitSymbol(ucum: string): string {
  const whole = wholes.get(ucum);
  if (whole !== undefined) return whole;
  const printed = ucum
    .replaceAll(/\{[^}]*\}/g, "")
    .split(/([./])/)
    .map((term) => terms.get(term) ?? printTerm(term))
    .join("");
  return printed.startsWith("/") ? `1${printed}` : printed;
}

function printTerm(term: string): string {
  if (term === ".") return "·";
  if (term.startsWith("[")) return term;
  return term.replace(/^u(?=[A-Za-z])/, "µ").replace(/(?<=[A-Za-z])[0-9]$/, (digit) => superscripts[Number(digit)]!);
}
