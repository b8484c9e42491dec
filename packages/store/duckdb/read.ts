import type { DuckDBMaterializedResult } from "@duckdb/node-api";
import type { ObservationChunk } from "@messnetz/model";
import { compareText } from "../order.ts";
import type { ObservationQuery } from "../port.ts";
import type { Holdings } from "./holdings.ts";
import { copyRows, createRowBuffer, observationSelection } from "./observation-columns.ts";
import { afterCondition, boundsOf, planSlices, type ReadScope, type Slice } from "./read-plan.ts";
import { observationsSql } from "./source-sql.ts";
import type { Stream } from "./stream-index.ts";

/** Rows of one chunk: eight of DuckDB's vectors. */
const rowsPerChunk = 16_384;

function restrict(streams: readonly Stream[], query: ObservationQuery): readonly Stream[] {
  const { after } = query;
  return after === undefined ? streams : streams.filter(({ name }) => compareText(name, after.datastream) >= 0);
}

/**
 * Each slice is one query whose result is in memory: no transaction stays open while the reader thinks. Without a limit the
 * next slice is fetched while the reader has one.
 */
export async function* readObservations(holdings: () => Holdings, scope: ReadScope): AsyncGenerator<ObservationChunk> {
  const { query } = scope;
  const now = holdings();
  const selected = restrict(now.streams.select(query), query);
  if (selected.length === 0) return;
  const slices = planSlices(now, selected, scope);
  if (query.limit === undefined) yield* readAhead(holdings, slices, scope);
  else yield* readLimited(holdings, slices, { ...scope, limit: query.limit });
}

/** The query is made of the layout as it is in the moment in which it begins: what it names stays until it has ended. */
function readSlice(
  { engine, layout, folder }: Holdings,
  { streams, from, to }: Slice,
  { query: { after }, months, limit }: ReadScope & { readonly limit: number },
): Promise<DuckDBMaterializedResult> {
  const first = streams[0]!;
  const isInside = after !== undefined && first.name === after.datastream;
  // The key as a bound lets whole files and row groups be skipped.
  const begin = isInside && streams.length === 1 ? Math.max(from, after.phenomenonTime) : from;
  const condition = isInside ? `WHERE ${afterCondition(first, after)}` : "";
  const rows = observationsSql(layout, folder, { from: begin, to, months, streams });
  const words = streams.some((stream) => stream.words) ? ", word" : "";
  // Numbers are given in order of first use, names sort otherwise: `rank` is the place by name.
  const ranks = streams.map(({ id }, rank) => `(${id}, ${rank})`).join(",");
  const [join, order] =
    streams.length === 1
      ? ["", "time, ordinal"]
      : [`JOIN (VALUES ${ranks}) AS ranked(id, rank) ON ranked.id = datastream`, "rank, time, ordinal"];
  const atMost = Number.isFinite(limit) ? `LIMIT ${limit}` : "";
  return engine.read(
    `SELECT ${observationSelection}${words} FROM ${rows} ${join} ${condition} ORDER BY ${order} ${atMost}`,
  );
}

async function* readLimited(
  holdings: () => Holdings,
  slices: AsyncIterable<Slice>,
  scope: ReadScope & { readonly limit: number },
): AsyncGenerator<ObservationChunk> {
  let left = scope.limit;
  if (left <= 0) return;
  for await (const slice of slices) {
    const result = await readSlice(holdings(), slice, { ...scope, limit: left });
    for await (const chunk of chunksOf(result, slice)) {
      left -= chunk.length;
      yield chunk;
    }
    if (left <= 0) return;
  }
}

async function* readAhead(
  holdings: () => Holdings,
  slices: AsyncIterable<Slice>,
  scope: ReadScope,
): AsyncGenerator<ObservationChunk> {
  let ahead: { readonly slice: Slice; readonly result: Promise<DuckDBMaterializedResult> } | undefined;
  for await (const slice of slices) {
    const result = readSlice(holdings(), slice, { ...scope, limit: Number.POSITIVE_INFINITY });
    // Its failure is met when its turn comes; a reader that stops before needs no answer.
    result.catch(() => undefined);
    if (ahead !== undefined) yield* chunksOf(await ahead.result, ahead.slice);
    ahead = { slice, result };
  }
  if (ahead !== undefined) yield* chunksOf(await ahead.result, ahead.slice);
}

export async function* chunksOf(
  result: DuckDBMaterializedResult,
  { streams }: { readonly streams: readonly Pick<Stream, "id" | "name">[] },
): AsyncGenerator<ObservationChunk> {
  const datastreams = streams.map(({ name }) => name);
  const places = new Uint32Array(1 + streams.reduce((last, { id }) => Math.max(last, id), 0));
  streams.forEach(({ id }, place) => (places[id] = place));
  let buffer = createRowBuffer(rowsPerChunk);
  let rows = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    if (rows + chunk.rowCount > rowsPerChunk) {
      yield finish();
      buffer = createRowBuffer(rowsPerChunk);
      rows = 0;
    }
    copyRows(chunk, buffer, rows);
    rows += chunk.rowCount;
  }
  if (rows > 0) yield finish();

  function finish(): ObservationChunk {
    const { word, ...cells } = buffer;
    const datastream = buffer.datastream;
    for (let row = 0; row < rows; row++) datastream[row] = places[datastream[row]!]!;
    const full = { ...cells, length: rows, datastreams };
    const trimmed = rows === rowsPerChunk ? full : { ...full, ...trim(buffer, rows) };
    return word.length > 0 ? { ...trimmed, word: Object.assign(word, { length: rows }) } : trimmed;
  }
}

function trim(buffer: ReturnType<typeof createRowBuffer>, rows: number) {
  return {
    datastream: buffer.datastream.subarray(0, rows),
    phenomenonTime: buffer.phenomenonTime.subarray(0, rows),
    intervalStart: buffer.intervalStart.subarray(0, rows),
    ordinal: buffer.ordinal.subarray(0, rows),
    resultTime: buffer.resultTime.subarray(0, rows),
    value: buffer.value.subarray(0, rows),
    quality: buffer.quality.subarray(0, rows),
    checks: buffer.checks.subarray(0, rows),
    revision: buffer.revision.subarray(0, rows),
    deviceTime: buffer.deviceTime.subarray(0, rows),
  };
}

/** How many the query selects. */
export async function countObservations(holdings: () => Holdings, query: ObservationQuery): Promise<number> {
  if (query.limit !== undefined || query.after !== undefined) {
    let count = 0;
    for await (const chunk of readObservations(holdings, { query })) count += chunk.length;
    return count;
  }
  const { engine, layout, folder, streams } = holdings();
  const selected = streams.select(query);
  if (selected.length === 0) return 0;
  const rows = observationsSql(layout, folder, { ...boundsOf(query), streams: selected });
  const result = await engine.read(`SELECT count(*)::DOUBLE FROM ${rows}`);
  return Number((await result.getRows())[0]?.[0]);
}
