import type { RegisterEvent } from "./register.ts";

/**
 * Aggregates of calendar windows, column by column: row `i` is index `i` of every column. By datastream in the order in which they came, then
 * by window: one row for every window, also for one without observations. `bad` observations are counted and left out of
 * everything else. Values have the canonical unit of the property; NaN where there is nothing to say.
 */
export interface CalendarChunk {
  readonly length: number;
  /** The datastream ids that `datastream` points into. */
  readonly datastreams: readonly string[];
  readonly datastream: Uint32Array;
  /** Index into the windows that the merger was made with. */
  readonly window: Uint32Array;
  /** `good` and `suspect` observations. */
  readonly count: Uint32Array;
  readonly suspect: Uint32Array;
  readonly bad: Uint32Array;
  /** How many observations the rhythm of the datastream lets expect; NaN where no rhythm is known. */
  readonly expected: Float64Array;
  /** Share of the window's time, 0 to 1, for which a value is known: held, or the interval of an amount. */
  readonly covered: Float64Array;
  /** 1 where enough of the window is known, 0 where it must not be taken for the whole. */
  readonly complete: Uint8Array;
  /** Not of counters. Of an amount exact to 6 decimals, so that parts add up. */
  readonly sum: Float64Array;
  /** By the time that each value was held, or by count; of an amount by count. Not of counters. */
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly minTime: Float64Array;
  readonly max: Float64Array;
  readonly maxTime: Float64Array;
  readonly first: Float64Array;
  readonly firstTime: Float64Array;
  readonly last: Float64Array;
  readonly lastTime: Float64Array;
  /** Value × hours held, what was held into the window included; see `heldUnit` for the unit that people expect. Not of amounts and
   * counters. */
  readonly integral: Float64Array;
  /** Of a counter, between its readings at the two boundaries. */
  readonly consumption: Float64Array;
  readonly beginReading: Float64Array;
  readonly endReading: Float64Array;
  /** How the readings at the boundaries are known: index into `boundaryKinds`. */
  readonly begin: Uint8Array;
  readonly end: Uint8Array;
  /** By row, in the order of time: what a register did other than grow, in `(from, to]`. */
  readonly events: ReadonlyMap<number, readonly RegisterEvent[]>;
  /** By row: milliseconds that each state (a word, or a flag as `0` or `1`) was held. */
  readonly states: ReadonlyMap<number, ReadonlyMap<string, number>>;
}

export interface Columns extends CalendarChunk {
  length: number;
  readonly datastreams: string[];
  readonly events: Map<number, readonly RegisterEvent[]>;
  readonly states: Map<number, Map<string, number>>;
}

/** Room for `capacity` rows, none of them filled. */
export function createColumns(capacity: number): Columns {
  const float64 = () => new Float64Array(capacity).fill(Number.NaN);
  const uint32 = () => new Uint32Array(capacity);
  return {
    length: 0,
    datastreams: [],
    datastream: uint32(),
    window: uint32(),
    count: uint32(),
    suspect: uint32(),
    bad: uint32(),
    expected: float64(),
    covered: new Float64Array(capacity),
    complete: new Uint8Array(capacity),
    sum: float64(),
    mean: float64(),
    min: float64(),
    minTime: float64(),
    max: float64(),
    maxTime: float64(),
    first: float64(),
    firstTime: float64(),
    last: float64(),
    lastTime: float64(),
    integral: float64(),
    consumption: float64(),
    beginReading: float64(),
    endReading: float64(),
    begin: new Uint8Array(capacity),
    end: new Uint8Array(capacity),
    events: new Map(),
    states: new Map(),
  };
}
