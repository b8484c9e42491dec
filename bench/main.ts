import { parseArgs } from "node:util";
import { findProgram } from "@messnetz/testing";
import { measureQueries } from "./bench-queries.ts";
import { measureFormats } from "./measure-formats.ts";
import { measureMosquitto } from "./measure-mosquitto.ts";
import { measureServers, missingServers } from "./measure-servers.ts";
import { measureTown } from "./measure-town.ts";
import { reportFormats } from "./report-formats.ts";
import { reportServers } from "./report-servers.ts";
import { measureInfluxQueries } from "./query-influx.ts";
import { reportQueries } from "./report-queries.ts";
import { report } from "./report.ts";

/**
 * `npm run bench`: what the town does with a load, beside what Debian's mosquitto does with it in the same run; and what the servers do with
 * it, beside other roads from mosquitto to InfluxDB. Prints figures and targets; it never fails for being slow, because machines are shared.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    /** `town`, `formats`, `queries` or `servers`; all when absent. */
    only: { type: "string" },
    /** Of the servers: kills nothing. */
    "no-losses": { type: "boolean", default: false },
    /** Of the queries. Absent: 100 million when only they are asked for, else 5 million; on InfluxDB a tenth. */
    observations: { type: "string" },
    /** Of the queries: `duckdb`, `influx` or `both`. */
    store: { type: "string", default: "both" },
    /** Of the queries: a folder that is filled once and asked again by later runs. */
    folder: { type: "string" },
    /** Of the queries: formats of the exports, with commas; empty for none. */
    formats: { type: "string", default: "csv,xlsx,ndjson,parquet,arrow,geojson" },
  },
});
const seconds = Number(values.seconds);
/** InfluxDB is asked about a tenth: it takes a tenth of what DuckDB takes in a second. */
const influxPart = 10;
const exportRows = 10_000_000;
const heldToBytes = 2 * 1024 ** 3;

const isWanted = (part: string): boolean => values.only === undefined || values.only === part;

if (isWanted("town")) await benchTown();
if (isWanted("formats")) {
  say("Decoding");
  process.stdout.write(reportFormats(await measureFormats()));
}
if (isWanted("queries")) await benchQueries();
if (isWanted("servers")) {
  say("The servers");
  const figures = await measureServers({ seconds, withLosses: !values["no-losses"], say });
  if (figures !== undefined) process.stdout.write(reportServers(figures));
}

async function benchTown(): Promise<void> {
  say("Yardstick: mosquitto with one subscriber, acknowledged in RAM and kept nowhere");
  const yardstick = await measureMosquitto(seconds);
  if (yardstick === undefined) say("  LEFT OUT: mosquitto is not installed (Debian: mosquitto, mosquitto-clients)");
  say("The town");
  const free = await measureTown({ seconds, say });
  say("The town held to 2 GB of memory");
  const held = findProgram("prlimit") === undefined ? undefined : await measureTown({ seconds, say, heldToBytes });
  if (held === undefined) say("  LEFT OUT: prlimit (Debian: util-linux) is not installed");
  process.stdout.write(report({ yardstick, free, held }));
}

async function benchQueries(): Promise<void> {
  const observations = Number(values.observations ?? (values.only === "queries" ? 100_000_000 : 5_000_000));
  const formats = values.formats.split(",").filter((format) => format !== "");
  const options = {
    observations,
    exportRows: Math.min(exportRows, observations / 2),
    formats,
    ...(values.folder !== undefined && { folder: values.folder }),
    say,
  };
  if (values.store !== "influx") {
    say("Questions to the embedded store");
    process.stdout.write(reportQueries(await measureQueries(options), true));
  }
  if (values.store !== "duckdb") {
    const fewer = observations / influxPart;
    say(`Questions to InfluxDB, with ${fewer.toLocaleString("en")} observations`);
    const missing = missingServers();
    if (missing.length > 0) say(`  LEFT OUT: ${missing.join(", ")} not installed`);
    else {
      const influx = { ...options, observations: fewer, exportRows: Math.min(exportRows, fewer / 2) };
      process.stdout.write(reportQueries(await measureInfluxQueries(influx), false));
    }
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
