import type { FormatsFigures } from "./measure-formats.ts";

/** What issue 6 asks of decoding, messages a second and core. */
const targets: ReadonlyMap<string, number> = new Map([
  ["senml", 100_000],
  ["things-stack-v3", 100_000],
]);
const codecTarget = 5_000;

/** The figures as a table; each with its target, where it has one. */
export function reportFormats({ formats, mixed, layouts, codec }: FormatsFigures): string {
  const rows = formats.map(({ name, bytes, readings, parsed, decoded, road }) => {
    const least = targets.get(name);
    const cells = [bytes, readings, parsed, decoded, road].map((figure) => cell(figure).padStart(11)).join("");
    return `${name.padEnd(22)}${cells}${least === undefined ? "" : verdict(decoded, least)}\n`;
  });
  const head = ["bytes", "readings", "JSON.parse", "decoded", "road"].map((text) => text.padStart(11)).join("");
  return [
    "\nDecoding, messages a second of one core (JSON.parse of the same bytes is the yardstick)\n",
    `${"format".padEnd(22)}${head}\n`,
    ...rows,
    `a mixed town, whole road          ${cell(mixed).padStart(12)}\n`,
    `frames by layouts                 ${cell(layouts).padStart(12)}\n`,
    `frames by a codec in the sandbox  ${cell(codec).padStart(12)}${verdict(codec, codecTarget)}\n`,
  ].join("");
}

function cell(figure: number | undefined): string {
  return figure === undefined ? "-" : Math.round(figure).toLocaleString("en");
}

function verdict(figure: number, least: number): string {
  return `   target ≥ ${least.toLocaleString("en")}: ${figure >= least ? "met" : "MISSED"}`;
}
