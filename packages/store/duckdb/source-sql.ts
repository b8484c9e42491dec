import { join } from "node:path";
import type { EpochMs } from "@messnetz/model";
import type { HotTable, Layout, MonthState, Part, PartFile } from "./layout.ts";
import type { Stream } from "./stream-index.ts";

/** Which rows. Bounds are half-open and may be infinite. */
export interface Wanted {
  /** Undefined: all. */
  readonly streams: readonly Pick<Stream, "id" | "words">[] | undefined;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly months?: ((state: MonthState) => boolean) | undefined;
}

export const allRows: Wanted = {
  streams: undefined,
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
};

const columns = "datastream, time, ordinal, received, value, word, quality, checks, revision, span, device_time";

const nothing = `SELECT 0::INTEGER AS datastream, 0::BIGINT AS time, 0::UINTEGER AS ordinal, 0::BIGINT AS received,
  0::DOUBLE AS value, NULL::VARCHAR AS word, 0::UTINYINT AS quality, 0::UTINYINT AS checks, 0::UINTEGER AS revision,
  NULL::BIGINT AS span, NULL::BIGINT AS device_time WHERE false`;

/** A relation with the columns of observations as the tables have them, of all that is hot and closed: for FROM. */
export function observationsSql(layout: Pick<Layout, "within">, folder: string, wanted: Wanted): string {
  const selects = layout.within(wanted).flatMap((state) => {
    if (wanted.months?.(state) === false) return [];
    const hot = state.hot.filter((table) => hasWanted(table, wanted)).map((table) => hotSql(state, table, wanted));
    return state.part === undefined ? hot : [...hot, ...partSql(state, state.part, { folder, wanted })];
  });
  return `(${selects.length === 0 ? nothing : selects.join(" UNION ALL ")})`;
}

/** The hot tables only, `undefined` where there is none. */
export function hotRowsSql(states: readonly MonthState[], wanted: Wanted): string | undefined {
  const selects = states.flatMap((state) =>
    state.hot.filter((table) => hasWanted(table, wanted)).map((table) => hotSql(state, table, wanted)),
  );
  return selects.length === 0 ? undefined : `(${selects.join(" UNION ALL ")})`;
}

function hasWanted({ kind }: HotTable, { streams }: Wanted): boolean {
  return kind !== "spoken" || streams === undefined || streams.some(({ words }) => words);
}

/** Conditions that the month's own bounds do not make needless. */
function cutBounds(state: MonthState, wanted: Wanted): { readonly from?: EpochMs; readonly to?: EpochMs } {
  return {
    ...(wanted.from > state.from ? { from: wanted.from } : {}),
    ...(wanted.to < state.to ? { to: wanted.to } : {}),
  };
}

/** Over the column `time` of tables. */
function timeConditions({ from, to }: ReturnType<typeof cutBounds>): string[] {
  return [...(from === undefined ? [] : [`time >= ${from}`]), ...(to === undefined ? [] : [`time < ${to}`])];
}

/** Over the column of files. */
export function instantConditions({ from, to }: ReturnType<typeof cutBounds>): string[] {
  return [
    ...(from === undefined ? [] : [`phenomenon_time >= ${instant(from)}`]),
    ...(to === undefined ? [] : [`phenomenon_time < ${instant(to)}`]),
  ];
}

/** As the end of a WHERE clause over `row`: leaves out what a later correction replaced. */
function unmasked({ month, maskedBy }: MonthState, generation: number): string[] {
  if (maskedBy <= generation) return [];
  return [
    `NOT EXISTS (SELECT 1 FROM masked WHERE masked.month = ${month} AND masked.generation > ${generation} AND
      masked.datastream = row.datastream AND masked.time = row.time AND masked.ordinal = row.ordinal)`,
  ];
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
}

export function idCondition(column: string, ids: readonly number[]): string {
  return ids.length === 0 ? "false" : `${column} IN (${ids.join(",")})`;
}

function hotSql(state: MonthState, { kind, name, generation }: HotTable, wanted: Wanted): string {
  const [value, word] = kind === "spoken" ? ["NULL::DOUBLE AS value", "word"] : ["value", "NULL::VARCHAR AS word"];
  const list = columns.replace("value, word", `${value}, ${word}`);
  const conditions = [
    ...(wanted.streams === undefined ? [] : [idCondition("datastream", idsOf(wanted.streams))]),
    ...timeConditions(cutBounds(state, wanted)),
    ...unmasked(state, generation),
  ];
  return `SELECT ${list} FROM ${name} AS row${where(conditions)}`;
}

function idsOf(streams: readonly Pick<Stream, "id">[]): number[] {
  return streams.map(({ id }) => id);
}

/** Of a list up to here: comparing one after the other is quicker. */
const fewSeries = 3;

/**
 * Sorted places by name; first of all as a range: the statistics of the files say more then. Among many of them each row's bit is looked up: a long
 * IN would become a join, and a join does not keep the order of the rows.
 */
export function seriesCondition(series: readonly number[]): string {
  const first = series[0]!;
  const last = series.at(-1)!;
  if (first === last) return `series = ${first}`;
  const range = `series BETWEEN ${first} AND ${last}`;
  if (last - first + 1 === series.length) return range;
  if (series.length <= fewSeries) return `${range} AND (${series.map((one) => `series = ${one}`).join(" OR ")})`;
  const bits = new Uint8Array(last - first + 1).fill(0x30);
  for (const one of series) bits[one - first] = 0x31;
  return `${range} AND get_bit('${Buffer.from(bits).toString("latin1")}'::BIT, (series - ${first})::INTEGER) = 1`;
}

/** Places of the datastreams in the part, ascending. */
export function seriesOf(part: Part, streams: readonly Pick<Stream, "id">[]): number[] {
  return streams.flatMap(({ id }) => part.streams.get(id)?.series ?? []).sort((a, b) => a - b);
}

export function filesWith(files: readonly PartFile[], series: readonly number[]): PartFile[] {
  return files.filter(({ firstSeries, lastSeries }) => series.some((one) => one >= firstSeries && one <= lastSeries));
}

/** The files with observations of the datastreams; undefined: of all. */
export function observationFiles(part: Part, streams: Wanted["streams"]): PartFile[] {
  const files = streams === undefined ? part.files : filesWith(part.files, seriesOf(part, streams));
  return files.filter(({ hours }) => !hours);
}

export function readFilesSql(folder: string, files: readonly PartFile[]): string {
  return `read_parquet([${files.map(({ name }) => fileLiteral(join(folder, name))).join(", ")}])`;
}

/** DuckDB takes a path for a pattern. */
export function fileLiteral(path: string): string {
  return textLiteral(path.replaceAll(/[*?[]/g, "[$&]"));
}

export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function instant(time: EpochMs): string {
  return `make_timestamptz(${time}::BIGINT * 1000)`;
}

/** The columns of a file as the hot tables have them. */
export const fileColumns = `number AS datastream, epoch_ms(phenomenon_time) AS time, ordinal,
  epoch_ms(result_time) AS received, result AS value, word, (codes & 3)::UTINYINT AS quality, (codes >> 2)::UTINYINT AS checks, revision,
  (epoch_ms(phenomenon_time) - epoch_ms(interval_start)) AS span, epoch_ms(device_time) AS device_time`;

function partSql(state: MonthState, part: Part, { folder, wanted }: { folder: string; wanted: Wanted }): string[] {
  const series = wanted.streams === undefined ? undefined : seriesOf(part, wanted.streams);
  const observations = observationFiles(part, wanted.streams);
  if (observations.length === 0) return [];
  const conditions = [
    ...(series === undefined ? [] : [seriesCondition(series)]),
    ...instantConditions(cutBounds(state, wanted)),
  ];
  const rows = `SELECT ${fileColumns} FROM ${readFilesSql(folder, observations)}${where(conditions)}`;
  const masks = unmasked(state, part.generation);
  return [masks.length === 0 ? rows : `SELECT ${columns} FROM (${rows}) AS row${where(masks)}`];
}
