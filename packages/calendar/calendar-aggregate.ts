import type { EpochMs } from "@messnetz/model";
import type { CalendarChunk } from "./calendar-chunk.ts";
import type { RegisterEvent } from "./register.ts";
import { type BoundaryKind, boundaryKinds } from "./register-track.ts";

/** One row of a chunk, for who wants it in words. What there is not is absent. */
export interface CalendarAggregate {
  readonly datastream: string;
  /** Index into the windows. */
  readonly window: number;
  readonly count: number;
  readonly expected?: number;
  /** Shares, 0 to 1, of the observations that came. */
  readonly suspect: number;
  readonly bad: number;
  /** Share of the window's time. */
  readonly covered: number;
  readonly complete: boolean;
  readonly sum?: number;
  readonly mean?: number;
  readonly min?: Extreme;
  readonly max?: Extreme;
  readonly first?: Extreme;
  readonly last?: Extreme;
  /** Value × hours. */
  readonly integral?: number;
  readonly consumption?: number;
  readonly begin?: Boundary;
  readonly end?: Boundary;
  readonly events?: readonly RegisterEvent[];
  /** Shares of the time for which a state is known, 0 to 1. */
  readonly states?: Readonly<Record<string, number>>;
}

export interface Extreme {
  readonly value: number;
  readonly time: EpochMs;
}

export interface Boundary {
  readonly kind: BoundaryKind;
  /** What the register showed, or is taken to have shown. Absent where nothing is known. */
  readonly reading?: number;
}

type Unfinished = { -readonly [K in keyof CalendarAggregate]: CalendarAggregate[K] };

/** Row `row` of the chunk. */
export function calendarAggregateAt(chunk: CalendarChunk, row: number): CalendarAggregate {
  const count = chunk.count[row]!;
  const all = count + chunk.bad[row]!;
  const aggregate: Unfinished = {
    datastream: chunk.datastreams[chunk.datastream[row]!]!,
    window: chunk.window[row]!,
    count,
    suspect: all === 0 ? 0 : chunk.suspect[row]! / all,
    bad: all === 0 ? 0 : chunk.bad[row]! / all,
    covered: chunk.covered[row]!,
    complete: chunk.complete[row] === 1,
  };
  // One after the other: this runs for every row of an answer, and a list of entries takes ten times as long.
  setNumber(aggregate, "expected", chunk.expected[row]!);
  setNumber(aggregate, "sum", chunk.sum[row]!);
  setNumber(aggregate, "mean", chunk.mean[row]!);
  setExtreme(aggregate, "min", { value: chunk.min[row]!, time: chunk.minTime[row]! });
  setExtreme(aggregate, "max", { value: chunk.max[row]!, time: chunk.maxTime[row]! });
  setExtreme(aggregate, "first", { value: chunk.first[row]!, time: chunk.firstTime[row]! });
  setExtreme(aggregate, "last", { value: chunk.last[row]!, time: chunk.lastTime[row]! });
  setNumber(aggregate, "integral", chunk.integral[row]!);
  setNumber(aggregate, "consumption", chunk.consumption[row]!);
  if (chunk.begin[row] !== 0) aggregate.begin = boundary(chunk.begin[row]!, chunk.beginReading[row]!);
  if (chunk.end[row] !== 0) aggregate.end = boundary(chunk.end[row]!, chunk.endReading[row]!);
  const events = chunk.events.get(row);
  if (events !== undefined) aggregate.events = events;
  const durations = chunk.states.get(row);
  if (durations !== undefined) aggregate.states = sharesOf(durations);
  return aggregate;
}

function setNumber(
  aggregate: Unfinished,
  name: "expected" | "sum" | "mean" | "integral" | "consumption",
  value: number,
): void {
  if (!Number.isNaN(value)) aggregate[name] = value;
}

function setExtreme(aggregate: Unfinished, name: "min" | "max" | "first" | "last", extreme: Extreme): void {
  if (!Number.isNaN(extreme.value)) aggregate[name] = extreme;
}

function boundary(kind: number, reading: number): Boundary {
  return Number.isNaN(reading) ? { kind: boundaryKinds[kind]! } : { kind: boundaryKinds[kind]!, reading };
}

/** Of the time for which a state is known: of each state, 0 to 1. */
export function sharesOf(durations: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const whole = durations.values().reduce((sum, duration) => sum + duration, 0);
  // Own properties even for a state called `__proto__`.
  return Object.fromEntries(Array.from(durations, ([state, duration]) => [state, duration / whole]));
}
