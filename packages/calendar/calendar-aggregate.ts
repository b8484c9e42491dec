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

/** Row `row` of the chunk. */
export function calendarAggregateAt(chunk: CalendarChunk, row: number): CalendarAggregate {
  const count = chunk.count[row]!;
  const all = count + chunk.bad[row]!;
  const { min, minTime, max, maxTime, first, firstTime, last, lastTime } = chunk;
  const words = { events: chunk.events.get(row), states: shares(chunk.states.get(row)) };
  const numbers = {
    expected: number(chunk.expected[row]!),
    sum: number(chunk.sum[row]!),
    mean: number(chunk.mean[row]!),
    min: extreme(min[row]!, minTime[row]!),
    max: extreme(max[row]!, maxTime[row]!),
    first: extreme(first[row]!, firstTime[row]!),
    last: extreme(last[row]!, lastTime[row]!),
    integral: number(chunk.integral[row]!),
    consumption: number(chunk.consumption[row]!),
    begin: boundary(chunk.begin[row]!, chunk.beginReading[row]!),
    end: boundary(chunk.end[row]!, chunk.endReading[row]!),
  };
  return {
    datastream: chunk.datastreams[chunk.datastream[row]!]!,
    window: chunk.window[row]!,
    count,
    suspect: all === 0 ? 0 : chunk.suspect[row]! / all,
    bad: all === 0 ? 0 : chunk.bad[row]! / all,
    covered: chunk.covered[row]!,
    complete: chunk.complete[row] === 1,
    ...present(numbers),
    ...present(words),
  };
}

type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Without the keys of what is undefined. */
function present<T extends object>(all: T): Present<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Present<T>;
}

function number(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function extreme(value: number, time: EpochMs): Extreme | undefined {
  return Number.isNaN(value) ? undefined : { value, time };
}

function boundary(kind: number, reading: number): Boundary | undefined {
  if (kind === 0) return undefined;
  return { kind: boundaryKinds[kind]!, ...present({ reading: number(reading) }) };
}

/** Of the time for which a state is known. */
function shares(durations: ReadonlyMap<string, number> | undefined): CalendarAggregate["states"] {
  if (durations === undefined) return undefined;
  const whole = durations.values().reduce((sum, duration) => sum + duration, 0);
  // Own properties even for a state called `__proto__`.
  return Object.fromEntries(Array.from(durations, ([state, duration]) => [state, duration / whole]));
}
