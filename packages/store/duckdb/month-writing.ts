import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { catalogue, checks, parseDatastreamId, qualities } from "@messnetz/model";
import { compareText } from "../order.ts";
import { columns } from "./column.ts";
import { monthName } from "./month.ts";
import type { Month } from "./month.ts";
import type { PartFile } from "./layout.ts";
import { hoursFolder, publishFile, unfinished } from "./part-folder.ts";
import { fileLiteral, textLiteral } from "./source-sql.ts";
import { createTableWriter } from "./table-writer.ts";

/** A datastream of the month that is being closed, with its place by name. */
export interface Series {
  readonly series: number;
  readonly stream: number;
  readonly name: string;
  readonly rows: number;
}

/** Datastreams that follow each other by name and share a file. */
export interface SeriesGroup {
  readonly series: readonly Series[];
  readonly rows: number;
}

/** Rows of each datastream as groups of at most `rowsPerFile`, or of one datastream; by name. */
export function groupSeries(counted: readonly Omit<Series, "series">[], rowsPerFile: number): readonly SeriesGroup[] {
  const sorted = counted.toSorted((a, b) => compareText(a.name, b.name));
  const groups: { series: Series[]; rows: number }[] = [];
  sorted.forEach((one, series) => {
    const last = groups.at(-1);
    const place = { ...one, series };
    if (last === undefined || last.rows + one.rows > rowsPerFile) groups.push({ series: [place], rows: one.rows });
    else {
      last.series.push(place);
      last.rows += one.rows;
    }
  });
  return groups;
}

/** `2026-03.r1.parquet`, or `2026-03.r1.2-of-3.parquet`. */
export function fileName({ month, revision }: { month: Month; revision: number }, at: number, of: number): string {
  return `${monthName(month)}.r${revision}${of === 1 ? "" : `.${at + 1}-of-${of}`}.parquet`;
}

/** Makes the temporary table `series` of the connection: name, unit and place of each datastream. */
export async function offerSeries(connection: DuckDBConnection, groups: readonly SeriesGroup[]): Promise<void> {
  await connection.run(
    "CREATE OR REPLACE TEMP TABLE series (number INTEGER, series UINTEGER, datastream VARCHAR, unit VARCHAR)",
  );
  const table = await createTableWriter(connection, "series", {
    number: columns.int32(),
    series: columns.uint32(),
    datastream: columns.text(),
    unit: columns.text(),
  });
  for (const { series, stream, name } of groups.flatMap((group) => group.series)) {
    const row = table.addRow();
    table.columns.number.set(row, stream);
    table.columns.series.set(row, series);
    table.columns.datastream.set(row, name);
    const unit = catalogue.get(parseDatastreamId(name)?.property ?? "")?.unit;
    if (unit === undefined) table.columns.unit.setNull(row);
    else table.columns.unit.set(row, unit);
  }
  table.append();
  table.close();
}

const qualityName = `CASE quality ${qualities.map((name, code) => `WHEN ${code} THEN '${name}'`).join(" ")} END`;
const checkNames = `nullif(concat_ws(',', ${checks.map((name, bit) => `CASE WHEN checks & ${1 << bit} <> 0 THEN '${name}' END`).join(", ")}), '')`;

/** How a person reads them, and what gives each observation back exactly. */
const fileSelection = `
  series.datastream,
  make_timestamptz(time * 1000) AS phenomenon_time,
  value AS result,
  word,
  CASE WHEN word IS NULL THEN unit END AS unit,
  ${qualityName} AS quality,
  ${checkNames} AS checks,
  make_timestamptz(received * 1000) AS result_time,
  make_timestamptz((time - span) * 1000) AS interval_start,
  make_timestamptz(device_time * 1000) AS device_time,
  ordinal,
  revision,
  series.series,
  number,
  (quality::USMALLINT | (checks::USMALLINT << 2)) AS codes`;

/** Rows of a row group: a datastream's day is found within one, and its columns are decoded as a whole. */
const rowGroupRows = 40_960;
/** Aggregates by hour are asked for many datastreams at once. */
const rowGroupHours = 20_480;

export interface FileTask {
  readonly folder: string;
  readonly name: string;
  readonly hours: boolean;
  /** The query, ordered. */
  readonly select: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** First and last place by name. */
  readonly range: readonly [number, number];
}

/** Writes the rows of `rows` (a relation as the hot tables are) that belong to the group, in order. */
export function observationsSelect(rows: string, { series }: SeriesGroup): string {
  const range = `series.series BETWEEN ${series[0]!.series} AND ${series.at(-1)!.series}`;
  return `SELECT ${fileSelection} FROM ${rows} AS rows JOIN series ON series.number = rows.datastream AND ${range}
    ORDER BY series.series, time, ordinal`;
}

/** A finished file with a durable name that nobody knows of yet. */
export async function writeFile(connection: DuckDBConnection, task: FileTask): Promise<PartFile> {
  const { folder, hours, select, metadata, range } = task;
  const name = hours ? join(hoursFolder, task.name) : task.name;
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await rm(path + unfinished, { force: true });
  const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${textLiteral(value)}`);
  const dictionaries = hours ? ", DICTIONARY_SIZE_LIMIT 1" : "";
  const result = await connection.run(
    `COPY (${select}) TO ${textLiteral(path + unfinished)}
     (FORMAT parquet, COMPRESSION ${hours ? "lz4_raw" : "zstd"}, ROW_GROUP_SIZE ${hours ? rowGroupHours : rowGroupRows}, KV_METADATA {${pairs.join(", ")}}${dictionaries})`,
  );
  const rows = Number((await result.getRows())[0]?.[0]);
  const [firstSeries, lastSeries] = range;
  return { name, hours, firstSeries, lastSeries, rows, ...(await publishFile(folder, name)) };
}

/** For reading a file back that is not known to anybody else yet. */
export function readBackSql(folder: string, name: string): string {
  return `read_parquet(${fileLiteral(join(folder, name))})`;
}
