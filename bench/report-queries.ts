import type { QueryFigures } from "./ask-store.ts";
import type { ExportFigures, QuestionFigures, Rounds } from "./measure-queries.ts";

const nameWidth = 34;
const cellWidth = 14;
const whole = (value: number) => Math.round(value).toLocaleString("en");

const leastParquetPerSecond = 2_000_000;
const mostExtraMb = 150;

/** Tables for people: how long each question takes, and what exports cost. `withTargets`: of the embedded store. */
export function reportQueries(figures: QueryFigures, withTargets: boolean): string {
  const { store, observations, datastreams, bytesPerObservation, questions, exports } = figures;
  const lines = [
    "",
    `${store}: ${whole(observations)} observations of ${whole(datastreams)} datastreams` +
      (bytesPerObservation !== undefined
        ? `, ${bytesPerObservation.toFixed(1)} bytes each on the disk, aggregates by hour among them`
        : ""),
    "Median and slowest of 5 to 25 rounds, each about another datastream; the first finds nothing read yet",
    "",
    row("", ["store ms", "slowest", "HTTP ms", "slowest", "rows", "KB", "target"]),
    ...questions.map((one) => row(one.name, questionCells(one, withTargets))),
    "",
    row("export by HTTP", ["rows", "rows/s", "s", "MB", "CPU us/row", "MB above idle", "target"]),
    ...exports.map((one) => row(one.format, exportCells(one, withTargets))),
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function questionCells(
  { store, http, rows, bytes, targetMs }: QuestionFigures,
  withTargets: boolean,
): readonly string[] {
  const target = withTargets && targetMs !== undefined ? `< ${targetMs} ms ${verdict(http.median < targetMs)}` : "";
  return [...roundCells(store), ...roundCells(http), whole(rows), whole(bytes / 1000), target];
}

function roundCells({ median, slowest }: Rounds): readonly string[] {
  return [median.toFixed(1), slowest.toFixed(1)];
}

function exportCells(one: ExportFigures, withTargets: boolean): readonly string[] {
  const perSecond = one.rows / one.seconds;
  const isFast = one.format !== "parquet" || perSecond >= leastParquetPerSecond;
  const target = [
    ...(one.format === "parquet" ? [`>= ${whole(leastParquetPerSecond)}/s ${verdict(isFast)}`] : []),
    `< ${mostExtraMb} MB ${verdict(one.extraMb < mostExtraMb)}`,
  ];
  return [
    whole(one.rows),
    whole(perSecond),
    one.seconds.toFixed(1),
    whole(one.bytes / 1e6),
    ((one.cpuSeconds / one.rows) * 1e6).toFixed(2),
    whole(one.extraMb),
    withTargets ? target.join(", ") : "",
  ];
}

function verdict(isReached: boolean): string {
  return isReached ? "reached" : "MISSED";
}

function row(name: string, cells: readonly string[]): string {
  const [last = "", ...others] = cells.toReversed();
  return `${name.padEnd(nameWidth)}${others
    .toReversed()
    .map((cell) => cell.padStart(cellWidth))
    .join("")}  ${last}`.trimEnd();
}
