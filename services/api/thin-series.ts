import type { EpochMs, Interval } from "@messnetz/model";

export interface ChartPoint {
  readonly time: EpochMs;
  readonly value: number | string;
}

/** `raw`: every observation. `extremes`: of each bucket the lowest and the highest number, or the first and the last word. */
export type ThinningMethod = "raw" | "extremes";

export interface ThinSeries {
  readonly method: ThinningMethod;
  /** Of a bucket. Absent where all points are there. */
  readonly bucketMs?: number;
  /** At most as many as were asked for, ascending by time. */
  readonly points: readonly ChartPoint[];
}

/** The first and last observation of the span are always kept. */
const ends = 2;

/** How long the buckets of a span are, so that two points of each and the ends are at most `points`. */
export function bucketOf({ from, to }: Interval, points: number): number {
  return (to - from) / Math.max(1, Math.floor((points - ends) / 2));
}

interface Bucket {
  /** The lowest number; the first word. */
  low: ChartPoint;
  /** The highest number; the last word. */
  high: ChartPoint;
}

export interface Buckets {
  readonly from: EpochMs;
  readonly lengthMs: number;
}

export interface Thinning {
  readonly interval: Interval;
  /** Most points. */
  readonly points: number;
  /** Absent: equal parts of the interval, as many as the points allow. Present: the points are of more observations, and are always thinned. */
  readonly buckets?: Buckets | undefined;
}

/**
 * Takes the points of one series, ascending by time, and keeps so few that a chart of that many pixels looks as if all were there: peaks are
 * never lost, nothing is computed that was not measured. In memory that does not grow with the series.
 */
export function createThinner({ interval, points: maxPoints, buckets: given }: Thinning) {
  const { from, lengthMs: bucketMs } = given ?? { from: interval.from, lengthMs: bucketOf(interval, maxPoints) };
  const buckets = new Map<number, Bucket>();
  let all: ChartPoint[] | undefined = given === undefined ? [] : undefined;
  let first: ChartPoint | undefined;
  let last: ChartPoint | undefined;

  function isLower(one: ChartPoint, other: ChartPoint): boolean {
    return typeof one.value === "number" && typeof other.value === "number" && one.value < other.value;
  }

  function isHigher(one: ChartPoint, other: ChartPoint): boolean {
    if (typeof one.value === "number" && typeof other.value === "number") return one.value > other.value;
    return true;
  }

  return {
    /** `within`: an instant of its bucket, where that is not its own time. */
    add(point: ChartPoint, within = point.time): void {
      first ??= point;
      last = point;
      if (all !== undefined && all.push(point) > maxPoints) all = undefined;
      const at = Math.max(0, Math.floor((within - from) / bucketMs));
      const bucket = buckets.get(at);
      if (bucket === undefined) buckets.set(at, { low: point, high: point });
      else {
        if (isLower(point, bucket.low)) bucket.low = point;
        if (isHigher(point, bucket.high)) bucket.high = point;
      }
    },
    series(): ThinSeries {
      if (all !== undefined) return { method: "raw", points: all };
      const kept = new Set<ChartPoint>([first!, last!]);
      for (const { low, high } of buckets.values()) kept.add(low).add(high);
      return { method: "extremes", bucketMs, points: [...kept].toSorted((a, b) => a.time - b.time) };
    },
  };
}
