import type { FormatFigures, FormatsFigures } from "./measure-formats.ts";
import type { Rate } from "./rate-of.ts";

/** What decoding has to reach, messages a second and core. */
const targets: ReadonlyMap<string, number> = new Map([
  ["senml", 100_000],
  ["things-stack-v3", 100_000],
]);
const codecTarget = 5_000;

/** The figures as a table; each with its target, where it has one. */
export function reportFormats({ formats, mixed, layouts, codec }: FormatsFigures): string {
  const head = ["bytes", "readings", "JSON.parse", "decoded", "slowest", "fastest", "road", "decoded, wall"]
    .map(inColumn)
    .join("");
  return [
    "\nDecoding, messages a second of processor time on one core (JSON.parse of the same bytes is the yardstick), the last column by the clock;\n",
    "the middle of seven rounds through all formats (of decoded also the slowest and the fastest), in a process that has seen all of them\n",
    `${"format".padEnd(nameWidth)}${head}\n`,
    ...formats.map(rowOf),
    lineOf("a mixed town, whole road", mixed),
    lineOf("frames by layouts", layouts),
    `${lineOf("frames by a codec in the sandbox", codec).trimEnd()}${verdict(codec.cpu, codecTarget)}\n`,
  ].join("");
}

const nameWidth = 24;

function rowOf({ name, bytes, readings, parsed, decoded, road }: FormatFigures): string {
  const figures = [parsed?.cpu, decoded.cpu, decoded.cpuFrom, decoded.cpuTo, road.cpu, decoded.wall];
  const cells = [bytes, readings, ...figures].map((figure) => inColumn(cell(figure)));
  const least = targets.get(name);
  return `${name.padEnd(nameWidth)}${cells.join("")}${least === undefined ? "" : verdict(decoded.cpu, least)}\n`;
}

function lineOf(what: string, { cpu, cpuFrom, cpuTo, wall }: Rate): string {
  return `${what.padEnd(34)}${cell(cpu).padStart(12)} (${cell(cpuFrom)} to ${cell(cpuTo)}), by the clock ${cell(wall)}\n`;
}

function inColumn(text: string): string {
  return text.padStart(text.length > 11 ? text.length + 2 : 12);
}

function cell(figure: number | undefined): string {
  return figure === undefined ? "-" : Math.round(figure).toLocaleString("en");
}

function verdict(figure: number, least: number): string {
  return `   target ≥ ${least.toLocaleString("en")}: ${figure >= least ? "met" : "MISSED"}`;
}
