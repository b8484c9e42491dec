import { catalogue } from "./catalogue.ts";
import { parseDatastreamId } from "./datastream.ts";
import type { Kind } from "./property.ts";
import type { EpochMs } from "./time.ts";

/** A step down of a counter, between two neighbours in one window. */
export interface Drop {
  readonly beforeTime: EpochMs;
  readonly before: number;
  readonly time: EpochMs;
  readonly after: number;
}

/** What words or flags (`"0"`, `"1"`) did in one window. */
export interface StateSpan {
  /** Milliseconds that each state was held, until the next observation of the window. Without states that were not held at all. */
  readonly durations: ReadonlyMap<string, number>;
  readonly first: string;
  readonly firstTime: EpochMs;
  readonly last: string;
  readonly lastTime: EpochMs;
  /** The state held through `longestGap`; absent where that gap is 0 or began with a number that is no flag. */
  readonly longestGapState?: string;
}

/**
 * What datastreams did in fixed UTC windows `[from, from + windowMs)`, column by column: row `i` is index `i` of every column.
 * Ascending by (datastream name by code unit, from), one row for a datastream and window that has any observation.
 *
 * An observation belongs to the window of its phenomenon time; one with an interval (an amount) belongs where its interval ends, and
 * an interval that ends with a window belongs to that window, not to the next one.
 *
 * `bad` observations are counted and left out of everything else. "Neighbours" are two `good` or `suspect` observations of the
 * window, one after the other by (phenomenonTime, ordinal). Of equal extremes, steps and gaps the first stands. Sums are added in
 * the order of time. Values have the canonical unit of the observed property, times and durations are milliseconds.
 */
export interface AggregateChunk {
  readonly length: number;
  /** The datastream ids that `datastream` points into. */
  readonly datastreams: readonly string[];
  readonly datastream: Uint32Array;
  /** Begin of the window, a multiple of `windowMs` since 1970. */
  readonly from: Float64Array;
  /** `good` and `suspect` observations. */
  readonly count: Uint32Array;
  /** Those of `count` that are `suspect`. */
  readonly suspect: Uint32Array;
  readonly bad: Uint32Array;
  /** Of the numbers; NaN where there is none. */
  readonly sum: Float64Array;
  /** NaN where there is no number; so are its time, `max` and its time. */
  readonly min: Float64Array;
  readonly minTime: Float64Array;
  readonly max: Float64Array;
  readonly maxTime: Float64Array;
  /** Value of the first observation; NaN where it is a word or there is none. */
  readonly first: Float64Array;
  /** NaN where `count` is 0. */
  readonly firstTime: Float64Array;
  readonly last: Float64Array;
  readonly lastTime: Float64Array;
  /** Value × ms between the first and the last observation, each number held until its neighbour. */
  readonly integral: Float64Array;
  /** Sum of the steps up between neighbours that are numbers. A step down adds nothing. */
  readonly increase: Float64Array;
  /** The longest time between neighbours; 0 where there are no two. */
  readonly longestGap: Float64Array;
  /** Value held through `longestGap`; NaN where that is 0 or the gap began with a word. */
  readonly longestGapValue: Float64Array;
  /** The largest step up between neighbours that are numbers; 0 where there is none, and the three below are NaN. */
  readonly maxStep: Float64Array;
  /** When the higher value of `maxStep` was there. */
  readonly maxStepTime: Float64Array;
  readonly maxStepBefore: Float64Array;
  readonly maxStepBeforeTime: Float64Array;
  /** Sum of the lengths of the intervals of amounts; 0 where there are none. */
  readonly coveredMs: Float64Array;
  /** By row, in the order of time: the steps down of datastreams whose property is a `counter`. Absent where no row has one. */
  readonly drops?: ReadonlyMap<number, readonly Drop[]>;
  /** By row: of words, and of flags of datastreams whose property is a `state`. Absent where no row has one. */
  readonly states?: ReadonlyMap<number, StateSpan>;
}

/** Columns that a reader may do without; the others come always. */
export const aggregateColumns = [
  "sum",
  "min",
  "minTime",
  "max",
  "maxTime",
  "first",
  "firstTime",
  "last",
  "lastTime",
  "integral",
  "increase",
  "longestGap",
  "longestGapValue",
  "maxStep",
  "maxStepTime",
  "maxStepBefore",
  "maxStepBeforeTime",
  "coveredMs",
] as const satisfies readonly (keyof AggregateChunk)[];
export type AggregateColumn = (typeof aggregateColumns)[number];

/** Kind of the observed property of a datastream; undefined for one that is not in the catalogue. */
export function kindOfDatastream(id: string): Kind | undefined {
  const property = parseDatastreamId(id)?.property;
  return property === undefined ? undefined : catalogue.get(property)?.kind;
}
