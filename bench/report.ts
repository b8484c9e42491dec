import type { MosquittoFigures } from "./measure-mosquitto.ts";
import type { TownFigures } from "./measure-town.ts";

/** What the figures are held against. `atLeast` or `atMost`, in the unit of the row. */
interface Row {
  readonly name: string;
  readonly unit: string;
  readonly of: (town: TownFigures) => number;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly digits?: number;
}

const rows: readonly Row[] = [
  { name: "messages durably acknowledged", unit: "/s", of: (town) => town.full.perSecond, atLeast: 60_000 },
  { name: "observations of them", unit: "/s", of: (town) => town.full.perSecond * 3, atLeast: 180_000 },
  { name: "mixed load, an export running", unit: "/s", of: (town) => town.mixed.perSecond, atLeast: 40_000 },
  { name: "CPU a message in the town", unit: "us", of: (town) => town.cpuMicrosPerMessage, atMost: 12, digits: 1 },
  { name: "CPU a message, mixed, export included", unit: "us", of: (town) => town.mixedCpuMicrosPerMessage, digits: 1 },
  { name: "PUBACK p50 at a tenth of the load", unit: "ms", of: (town) => town.tenth.p50Ms, digits: 1 },
  { name: "PUBACK p99 at a tenth of the load", unit: "ms", of: (town) => town.tenth.p99Ms, digits: 1 },
  {
    name: "PUBACK p99 with an export, times that without",
    unit: "",
    of: (town) => town.tenthDuringExport.p99Ms / town.tenth.p99Ms,
    atMost: 2,
    digits: 2,
  },
  { name: "memory idle", unit: "MB", of: (town) => town.idleMb, atMost: 200 },
  { name: "memory at the most", unit: "MB", of: (town) => town.loadedMb },
  { name: "disk an observation", unit: "bytes", of: (town) => town.bytesPerObservation, atMost: 8, digits: 1 },
  { name: "a million observations as CSV", unit: "s", of: (town) => town.csvSecondsPerMillion, atMost: 1.5, digits: 2 },
  {
    name: "a million observations as Parquet",
    unit: "s",
    of: (town) => town.parquetSecondsPerMillion,
    atMost: 0.5,
    digits: 2,
  },
  {
    name: "newest of 10,000 datastreams",
    unit: "ms",
    of: (town) => (town.latestMs / town.latestCount) * 10_000,
    atMost: 20,
    digits: 1,
  },
];

/** A small server's core under load, mainboard and power supply included: an assumption that is stated, not measured. */
const wattsPerCore = 10;
/** A small town's load, messages a second. */
const townPerSecond = 70;
const secondsPerYear = 31_557_600;
const observationsPerMessage = 3;

/** A table for people: figure, target, and whether it was reached. */
export function report(figures: {
  readonly yardstick: MosquittoFigures | undefined;
  readonly free: TownFigures;
  readonly held: TownFigures | undefined;
}): string {
  const { yardstick, free, held } = figures;
  const lines = ["", `${pad("", 48)}${right("free")}${right("in 2 GB")}${right("target")}`];
  const missed: string[] = [];
  for (const row of rows) {
    const value = row.of(free);
    const target = row.atLeast ?? row.atMost;
    const isMissed = (row.atLeast ?? -Infinity) > value || (row.atMost ?? Infinity) < value;
    if (isMissed) missed.push(`${row.name}: ${format(value, row)} (target ${format(target!, row)})`);
    lines.push(
      pad(`${row.name}${row.unit === "" ? "" : `, ${row.unit}`}`, 48) +
        right(format(value, row)) +
        right(held === undefined ? "" : format(row.of(held), row)) +
        right(target === undefined ? "" : `${row.atLeast === undefined ? "<=" : ">="} ${format(target, row)}`),
    );
  }
  lines.push("");
  if (yardstick !== undefined) {
    const { load, cpuMicrosPerMessage } = yardstick;
    lines.push(
      `mosquitto with one subscriber, the same load, acknowledged in RAM and kept nowhere: ${Math.round(load.perSecond)} messages/s, ` +
        `${cpuMicrosPerMessage.toFixed(1)} us CPU a message.`,
      `The town stores what it acknowledges, at ${(free.full.perSecond / load.perSecond).toFixed(2)} times that rate ` +
        `and ${(free.cpuMicrosPerMessage / cpuMicrosPerMessage).toFixed(2)} times that CPU.`,
    );
  }
  const cpuSeconds = (free.cpuMicrosPerMessage / 1e6) * townPerSecond * secondsPerYear;
  const gigabytes = (free.bytesPerObservation * observationsPerMessage * townPerSecond * secondsPerYear) / 1e9;
  lines.push(
    `A town's year of ${townPerSecond} messages/s: ${Math.round(cpuSeconds)} CPU seconds above idle, ` +
      `${((cpuSeconds * wattsPerCore) / 3600).toFixed(0)} Wh at ${wattsPerCore} W a core, ${gigabytes.toFixed(0)} GB of disk.`,
    `${free.observations} observations of the full load on the disk; ${free.exportsDuringLoad} exports were begun during the tenth, ${free.mixedExports} during the mixed load.`,
    missed.length === 0 ? "All targets reached." : `Missed:\n${missed.map((text) => `  ${text}`).join("\n")}`,
    "",
  );
  return `${lines.join("\n")}\n`;
}

function format(value: number, row: Row): string {
  return row.digits === undefined ? Math.round(value).toLocaleString("en") : value.toFixed(row.digits);
}

const pad = (text: string, width: number) => text.padEnd(width);
const columnWidth = 14;
const right = (text: string) => text.padStart(columnWidth);
