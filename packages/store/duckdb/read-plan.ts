import type { EpochMs } from "@messnetz/model";
import type { ObservationKey, ObservationQuery, ReadOptions } from "../port.ts";
import type { Holdings } from "./holdings.ts";
import { isTouched, type Layout, type MonthState } from "./layout.ts";
import { hotRowsSql, observationsSql } from "./source-sql.ts";
import type { Stream } from "./stream-index.ts";

/** Rows that one query sorts and hands over at most (about): what a reader may hold in memory. */
const rowsPerSlice = 98_304;
/** Of the first slice; each next one has twice as many. The reader begins with the first while the second is sorted. */
const rowsOfFirstSlice = 32_768;
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

export function boundsOf(query: Pick<ObservationQuery, "interval">): { from: EpochMs; to: EpochMs } {
  return {
    from: Math.ceil(query.interval?.from ?? Number.NEGATIVE_INFINITY),
    to: Math.ceil(query.interval?.to ?? Number.POSITIVE_INFINITY),
  };
}

/** Rows after the key: only matters for the datastream that the key names. */
export function afterCondition(stream: Stream, { phenomenonTime, ordinal }: ObservationKey): string {
  return `(datastream <> ${stream.id} OR time > ${phenomenonTime} OR (time = ${phenomenonTime} AND ordinal > ${ordinal}))`;
}

/** What a reader wants of the months that it looks at. */
export interface ReadScope extends ReadOptions {
  readonly query: ObservationQuery;
  /** Months that are left out have been read otherwise. Default: none is. */
  readonly months?: ((state: MonthState) => boolean) | undefined;
}

/** The months that have something of the slice, without hot tables that have nothing of its datastreams. */
export function statesOf(
  layout: Pick<Layout, "within">,
  { streams, months, ...span }: Pick<Slice, "streams"> & Span,
): readonly MonthState[] {
  return layout.within(span).flatMap((state) => {
    if (months?.(state) === false) return [];
    // Of a month that is open nobody has noted who is in it.
    const isHot = state.part === undefined || streams.some(({ id }) => isTouched(state, id));
    if (isHot) return [state];
    return streams.some(({ id }) => state.part!.streams.rowsOf(id) > 0) ? [{ ...state, hot: [] }] : [];
  });
}

/** Whether rows come in order by themselves: from the files of one closed month, or of one datastream from those of several. */
export function isSorted(states: readonly MonthState[], streams: readonly Stream[]): boolean {
  if (states.length > 1 && streams.length > 1) return false;
  return states.every(
    ({ part, hot, maskedBy }) => part !== undefined && hot.length === 0 && maskedBy <= part.generation,
  );
}

/** Slices in the order of reading, each small enough; made while the reader reads. */
export async function* planSlices(
  holdings: Holdings,
  streams: readonly Stream[],
  { query, months }: ReadScope,
): AsyncGenerator<Slice> {
  const bounds = boundsOf(query);
  const { limit = Number.POSITIVE_INFINITY, interval } = query;
  const isPage = limit <= maxPageRows;
  // A page of a short time is sought in one go. Without an interval the counts in memory tell where it ends.
  if (isPage && interval !== undefined) {
    yield* byMonth(holdings, { ...bounds, streams, rows: limit });
    return;
  }
  let wanted = isPage ? Math.max(limit, minSliceRows) : rowsOfFirstSlice;
  const isAll = interval === undefined && months === undefined;
  const counts = isAll ? countsOf(streams) : await countRows(holdings, streams, { ...bounds, months });
  let group: Stream[] = [];
  let rows = 0;
  for (const [stream, count] of counts) {
    if (group.length > 0 && rows + count > wanted) {
      yield* isPage ? byMonth(holdings, { ...bounds, streams: group, rows }) : [{ ...bounds, streams: group, rows }];
      group = [];
      rows = 0;
      if (!isPage) wanted = Math.min(2 * wanted, rowsPerSlice);
    }
    if (count > rowsPerSlice && !isPage) {
      yield* planSpans(holdings, stream, { ...bounds, wanted, months });
      wanted = rowsPerSlice;
    } else if (count > 0) {
      group.push(stream);
      rows += count;
    }
  }
  if (group.length > 0)
    yield* isPage ? byMonth(holdings, { ...bounds, streams: group, rows }) : [{ ...bounds, streams: group, rows }];
}

/** A page of one datastream ends in the first month that has enough for it. */
function byMonth({ layout }: Holdings, slice: Slice): Slice[] {
  if (slice.streams.length > 1) return [slice];
  return layout
    .within(slice)
    .map(({ from, to }) => ({ ...slice, from: Math.max(from, slice.from), to: Math.min(to, slice.to) }));
}

type Counts = readonly (readonly [Stream, number])[];

interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly months: ReadScope["months"];
}

function countsOf(streams: readonly Stream[]): Counts {
  return streams.map((stream) => [stream, stream.count]);
}

/** Rows of each datastream, or more than it has: of a closed month all of it. */
async function countRows({ engine, layout }: Holdings, streams: readonly Stream[], span: Span): Promise<Counts> {
  const atMost = streams.reduce((sum, stream) => sum + stream.count, 0);
  if (atMost <= rowsPerSlice) return countsOf(streams);
  const states = layout.within(span).filter((state) => span.months?.(state) ?? true);
  const hot = hotRowsSql(states, { ...span, streams });
  const counts = new Map<number, number>();
  if (hot !== undefined) {
    const result = await engine.read(`SELECT datastream, count(*)::DOUBLE FROM ${hot} GROUP BY datastream`);
    for (const [id, count] of await result.getRows()) counts.set(Number(id), Number(count));
  }
  return streams.map((stream) => [
    stream,
    states.reduce((sum, { part }) => sum + (part?.streams.rowsOf(stream.id) ?? 0), counts.get(stream.id) ?? 0),
  ]);
}

/** Width of the classes by which a long datastream is cut. */
const classMs = 3_600_000;

async function* planSpans(
  { engine, layout, folder }: Holdings,
  stream: Stream,
  bounds: Span & { readonly wanted: number },
): AsyncGenerator<Slice> {
  const rows = observationsSql(layout, folder, { ...bounds, streams: [stream] });
  const result = await engine.read(
    `SELECT (time // ${classMs})::DOUBLE AS class, count(*)::DOUBLE FROM ${rows} GROUP BY class ORDER BY class`,
  );
  let { from, wanted } = bounds;
  let gathered = 0;
  for (const [hour, count] of await result.getRows()) {
    const begin = Number(hour) * classMs;
    if (gathered > 0 && gathered + Number(count) > wanted) {
      yield { streams: [stream], from, to: begin, rows: gathered };
      wanted = Math.min(2 * wanted, rowsPerSlice);
      from = begin;
      gathered = 0;
    }
    gathered += Number(count);
  }
  if (gathered > 0) yield { streams: [stream], from, to: bounds.to, rows: gathered };
}
