import { type AggregateChunk, type EpochMs, type Interval, type ObservationChunk, qualities } from "@messnetz/model";
import type { PlannedQuery } from "./plan.ts";
import type { GuardedStore } from "./store-guard.ts";
import {
  type Buckets,
  bucketOf,
  type ChartPoint,
  createThinner,
  type Thinning,
  type ThinSeries,
} from "./thin-series.ts";

export interface ChartQuery {
  readonly plan: PlannedQuery;
  readonly interval: Interval;
  /** Most points of one series. */
  readonly points: number;
}

export interface NamedSeries extends ThinSeries {
  readonly datastream: string;
  /** That count: good and suspect ones. */
  readonly observations: number;
}

const bad = qualities.indexOf("bad");
const baseWindows = [3_600_000, 900_000] as const;

/**
 * The fixed windows that the curve of a span is drawn from: undefined where its buckets are shorter, and single observations are to be
 * read.
 */
export function chartWindowMs({ interval, points }: Omit<ChartQuery, "plan">): number | undefined {
  return baseWindows.find((windowMs) => windowMs <= bucketOf(interval, points));
}

/** One series for each datastream that has observations in the span, ascending. */
export async function chartSeries(
  observations: Pick<GuardedStore["observations"], "read" | "aggregate">,
  query: ChartQuery,
): Promise<readonly NamedSeries[]> {
  const { plan, interval, points } = query;
  const windowMs = chartWindowMs(query);
  if (windowMs === undefined) return rawSeries(observations.read(plan), query);
  const buckets = alignedBuckets(interval, { points, windowMs });
  const thinned = await windowSeries(observations.aggregate(plan, windowMs), { interval, points, buckets });
  const whole = new Set(thinned.filter(({ observations: all }) => all <= points).map(({ datastream }) => datastream));
  if (whole.size === 0) return thinned;
  const raw = await rawSeries(observations.read(plan.only([...whole])), query);
  const others = thinned.filter(({ datastream }) => !whole.has(datastream));
  return [...others, ...raw].toSorted((a, b) => (a.datastream < b.datastream ? -1 : 1));
}

/** From single observations, one series after the other, as they come. */
async function rawSeries(
  chunks: AsyncIterable<ObservationChunk>,
  { interval, points }: Pick<ChartQuery, "interval" | "points">,
): Promise<NamedSeries[]> {
  const series = collectSeries(() => createThinner({ interval, points }));
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row++) {
      if (chunk.quality[row] === bad) continue;
      const time: EpochMs = chunk.phenomenonTime[row]!;
      const thinner = series.of(chunk.datastreams[chunk.datastream[row]!]!, 1);
      thinner.add({ time, value: chunk.word?.[row] ?? chunk.value[row]! });
    }
  }
  return series.all();
}

/** From what fixed windows tell: their lowest and highest numbers, or their first and last words, each with its time. */
async function windowSeries(chunks: AsyncIterable<AggregateChunk>, thinning: Thinning): Promise<NamedSeries[]> {
  const series = collectSeries(() => createThinner(thinning));
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row++) {
      if (chunk.count[row] === 0) continue;
      const thinner = series.of(chunk.datastreams[chunk.datastream[row]!]!, chunk.count[row]!);
      for (const point of pointsOf(chunk, row)) thinner.add(point, chunk.from[row]);
    }
  }
  return series.all();
}

/** Ascending by time, each once: the first and the last, and between them the lowest and the highest number. */
function pointsOf(chunk: AggregateChunk, row: number): readonly ChartPoint[] {
  const words = chunk.states?.get(row);
  const at = (times: Float64Array, values: Float64Array, word?: string): ChartPoint => {
    const value = values[row]!;
    return { time: times[row]!, value: Number.isNaN(value) ? (word ?? "") : value };
  };
  const begin = at(chunk.firstTime, chunk.first, words?.first);
  const end = at(chunk.lastTime, chunk.last, words?.last);
  const between = Number.isNaN(chunk.min[row]!) ? [] : [at(chunk.minTime, chunk.min), at(chunk.maxTime, chunk.max)];
  return [begin, ...between.toSorted((a, b) => a.time - b.time), end].filter(
    (point, place, all) => all.findIndex(({ time, value }) => time === point.time && value === point.value) === place,
  );
}

/** Of whole windows, so that no window has part in two of them; no more than the points allow. */
function alignedBuckets(
  { from, to }: Interval,
  { points, windowMs }: { readonly points: number; readonly windowMs: number },
): Buckets {
  const begin = Math.floor(from / windowMs) * windowMs;
  return { from: begin, lengthMs: Math.ceil(bucketOf({ from: begin, to }, points) / windowMs) * windowMs };
}

/** Series as they come one after the other. */
function collectSeries(open: () => ReturnType<typeof createThinner>) {
  const done: NamedSeries[] = [];
  let datastream: string | undefined;
  let observations = 0;
  let thinner = open();

  function finish(): void {
    if (datastream !== undefined) done.push({ datastream, observations, ...thinner.series() });
  }

  return {
    /** What takes the next points of the datastream, which are of `count` observations. */
    of(name: string, count: number) {
      if (name !== datastream) {
        finish();
        datastream = name;
        observations = 0;
        thinner = open();
      }
      observations += count;
      return thinner;
    },
    all(): NamedSeries[] {
      finish();
      datastream = undefined;
      return done;
    },
  };
}
