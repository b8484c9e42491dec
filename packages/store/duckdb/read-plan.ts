import type { EpochMs } from "@messnetz/model";
import type { ObservationKey, ObservationQuery } from "../port.ts";
import type { Engine } from "./engine.ts";
import type { Stream } from "./stream-index.ts";

/** Rows that one query sorts and hands over at most (about): what a reader may hold in memory. */
const rowsPerSlice = 400_000;
/** Of the first slice; each next one has twice as many. The reader begins with the first while the second is sorted. */
const rowsOfFirstSlice = 50_000;
/** A limit up to here is a page: sought with a heap instead of a sort. */
const maxPageRows = 20_000;
const minSliceRows = 2_000;

/** Some datastreams and a span of time whose rows are read by one query. */
export interface Slice {
  readonly streams: readonly Stream[];
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly rows: number;
}

const beginOfTime: EpochMs = -Number.MAX_SAFE_INTEGER;
const endOfTime: EpochMs = Number.MAX_SAFE_INTEGER;

export function boundsOf(query: Pick<ObservationQuery, "interval">): { from: EpochMs; to: EpochMs } {
  return { from: Math.ceil(query.interval?.from ?? beginOfTime), to: Math.ceil(query.interval?.to ?? endOfTime) };
}

export function streamCondition(streams: readonly Stream[], { from, to }: { from: EpochMs; to: EpochMs }): string {
  const time = [...(from > beginOfTime ? [`time >= ${from}`] : []), ...(to < endOfTime ? [`time < ${to}`] : [])];
  return [`datastream IN (${streams.map(({ id }) => id).join(",")})`, ...time].join(" AND ");
}

/** Rows after the key: only matters for the datastream that the key names. */
export function afterCondition(stream: Stream, { phenomenonTime, ordinal }: ObservationKey): string {
  return `(datastream <> ${stream.id} OR time > ${phenomenonTime} OR (time = ${phenomenonTime} AND ordinal > ${ordinal}))`;
}

/** Slices in the order of reading, each small enough; made while the reader reads. */
export async function* planSlices(
  engine: Engine,
  streams: readonly Stream[],
  query: ObservationQuery,
): AsyncGenerator<Slice> {
  const bounds = boundsOf(query);
  const { limit = Number.POSITIVE_INFINITY, interval } = query;
  const isPage = limit <= maxPageRows;
  // A page of a short time is sought in one go. Without an interval the counts in memory tell where it ends.
  if (isPage && interval !== undefined) {
    yield { ...bounds, streams, rows: limit };
    return;
  }
  let wanted = isPage ? Math.max(limit, minSliceRows) : rowsOfFirstSlice;
  const counts = interval === undefined ? countsOf(streams) : await countRows(engine, streams, bounds);
  let group: Stream[] = [];
  let rows = 0;
  for (const [stream, count] of counts) {
    if (group.length > 0 && rows + count > wanted) {
      yield { ...bounds, streams: group, rows };
      group = [];
      rows = 0;
      if (!isPage) wanted = Math.min(2 * wanted, rowsPerSlice);
    }
    if (count > rowsPerSlice && !isPage) {
      yield* planSpans(engine, stream, { ...bounds, wanted });
      wanted = rowsPerSlice;
    } else if (count > 0) {
      group.push(stream);
      rows += count;
    }
  }
  if (group.length > 0) yield { ...bounds, streams: group, rows };
}

type Counts = readonly (readonly [Stream, number])[];

function countsOf(streams: readonly Stream[]): Counts {
  return streams.map((stream) => [stream, stream.count]);
}

async function countRows(
  engine: Engine,
  streams: readonly Stream[],
  bounds: { from: EpochMs; to: EpochMs },
): Promise<Counts> {
  const atMost = streams.reduce((sum, stream) => sum + stream.count, 0);
  if (atMost <= rowsPerSlice) return countsOf(streams);
  const result = await engine.read(
    `SELECT datastream, count(*)::DOUBLE FROM observation WHERE ${streamCondition(streams, bounds)} GROUP BY datastream`,
  );
  const counts = new Map((await result.getRows()).map(([id, count]) => [Number(id), Number(count)]));
  return streams.map((stream) => [stream, counts.get(stream.id) ?? 0]);
}

/** Width of the classes by which a long datastream is cut. */
const classMs = 3_600_000;

async function* planSpans(
  engine: Engine,
  stream: Stream,
  bounds: { readonly from: EpochMs; readonly to: EpochMs; readonly wanted: number },
): AsyncGenerator<Slice> {
  const result = await engine.read(
    `SELECT (time // ${classMs})::DOUBLE AS class, count(*)::DOUBLE FROM observation
     WHERE ${streamCondition([stream], bounds)} GROUP BY class ORDER BY class`,
  );
  let { from, wanted } = bounds;
  let rows = 0;
  for (const [hour, count] of await result.getRows()) {
    const begin = Number(hour) * classMs;
    if (rows > 0 && rows + Number(count) > wanted) {
      yield { streams: [stream], from, to: begin, rows };
      wanted = Math.min(2 * wanted, rowsPerSlice);
      from = begin;
      rows = 0;
    }
    rows += Number(count);
  }
  if (rows > 0) yield { streams: [stream], from, to: bounds.to, rows };
}
