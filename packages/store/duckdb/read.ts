import type { DuckDBMaterializedResult } from "@duckdb/node-api";
import type { ObservationChunk } from "@messnetz/model";
import { compareText } from "../order.ts";
import type { ObservationQuery } from "../port.ts";
import type { Engine } from "./engine.ts";
import { copyRows, createRowBuffer, observationSelection } from "./observation-columns.ts";
import { afterCondition, planSlices, type Slice, streamCondition } from "./read-plan.ts";
import type { Stream, StreamIndex } from "./stream-index.ts";

/** Rows of one chunk: eight of DuckDB's vectors. */
const rowsPerChunk = 16_384;

function restrict(streams: readonly Stream[], query: ObservationQuery): readonly Stream[] {
  const { after } = query;
  return after === undefined ? streams : streams.filter(({ name }) => compareText(name, after.datastream) >= 0);
}

function sliceSql({ streams, from, to }: Slice, { after }: ObservationQuery, limit: number): string {
  const first = streams[0]!;
  const conditions = [streamCondition(streams, { from, to })];
  if (after !== undefined && first.name === after.datastream) conditions.push(afterCondition(first, after));
  const [table, words] = streams.some((stream) => stream.words) ? ["observation", ", word"] : ["measured", ""];
  // Numbers are given in order of first use, names sort otherwise: `rank` is the place by name.
  const ranks = streams.map(({ id }, rank) => `(${id}, ${rank})`).join(",");
  const [join, order] =
    streams.length === 1
      ? ["", "time, ordinal"]
      : [`JOIN (VALUES ${ranks}) AS ranked(id, rank) ON ranked.id = datastream`, "rank, time, ordinal"];
  const atMost = Number.isFinite(limit) ? `LIMIT ${limit}` : "";
  return `SELECT ${observationSelection}${words} FROM ${table} ${join} WHERE ${conditions.join(" AND ")} ORDER BY ${order} ${atMost}`;
}

/**
 * Each slice is one query whose result is in memory: no transaction stays open while the reader thinks. Without a limit the
 * next slice is fetched while the reader has one.
 */
export async function* readObservations(
  engine: () => Promise<Engine>,
  streams: () => StreamIndex,
  query: ObservationQuery,
): AsyncGenerator<ObservationChunk> {
  const selected = restrict(streams().select(query), query);
  if (selected.length === 0) return;
  const slices = planSlices(await engine(), selected, query);
  if (query.limit === undefined) yield* readAhead(engine, slices, query);
  else yield* readLimited(engine, slices, { ...query, limit: query.limit });
}

async function* readLimited(
  engine: () => Promise<Engine>,
  slices: AsyncIterable<Slice>,
  query: ObservationQuery & { readonly limit: number },
): AsyncGenerator<ObservationChunk> {
  let left = query.limit;
  for await (const slice of slices) {
    if (left <= 0) return;
    const result = await (await engine()).read(sliceSql(slice, query, left));
    for await (const chunk of chunksOf(result, slice)) {
      left -= chunk.length;
      yield chunk;
    }
  }
}

async function* readAhead(
  engine: () => Promise<Engine>,
  slices: AsyncIterable<Slice>,
  query: ObservationQuery,
): AsyncGenerator<ObservationChunk> {
  let ahead: { readonly slice: Slice; readonly result: Promise<DuckDBMaterializedResult> } | undefined;
  for await (const slice of slices) {
    const result = (await engine()).read(sliceSql(slice, query, Number.POSITIVE_INFINITY));
    // Its failure is met when its turn comes; a reader that stops before needs no answer.
    result.catch(() => undefined);
    if (ahead !== undefined) yield* chunksOf(await ahead.result, ahead.slice);
    ahead = { slice, result };
  }
  if (ahead !== undefined) yield* chunksOf(await ahead.result, ahead.slice);
}

async function* chunksOf(result: DuckDBMaterializedResult, { streams }: Slice): AsyncGenerator<ObservationChunk> {
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
