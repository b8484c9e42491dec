import { type AggregateChunk, type EpochMs, type Observation, type Quality, toChunk } from "@messnetz/model";
import { foldWindows } from "@messnetz/store";
import { type CalendarAggregate, calendarAggregateAt } from "./calendar-aggregate.ts";
import { type MergeOptions, mergeWindows } from "./merger.ts";

export const minuteMs = 60_000;
export const quarterMs = 15 * minuteMs;
export const hourMs = 60 * minuteMs;

export interface Sample {
  readonly time: EpochMs;
  readonly result: number | string;
  readonly quality?: Quality;
  /** Begin of the interval of an amount. */
  readonly since?: EpochMs;
}

export function berlin(local: string): EpochMs {
  return Temporal.PlainDateTime.from(local).toZonedDateTime("Europe/Berlin").epochMilliseconds;
}

export function observations(datastream: string, samples: readonly Sample[]): Observation[] {
  return samples.map(({ time, result, quality = "good", since }) => ({
    datastream,
    phenomenonTime: time,
    ordinal: 0,
    resultTime: time,
    result,
    quality,
    checks: [],
    revision: 1,
    ...(since === undefined ? {} : { intervalStart: since }),
  }));
}

/** The base aggregates that a store would give of the samples, in chunks of a few rows. */
export async function* fold(all: readonly Observation[], baseWindowMs: number): AsyncGenerator<AggregateChunk> {
  async function* chunks() {
    for (let from = 0; from < all.length; from += 1000) yield toChunk(all.slice(from, from + 1000));
  }
  yield* foldWindows(chunks(), baseWindowMs);
}

export interface MergedBy extends MergeOptions {
  readonly baseWindowMs?: number;
}

/** Folds and merges the samples, ascending by datastream and time. */
export async function merge(all: readonly Observation[], options: MergedBy): Promise<CalendarAggregate[]> {
  const rows: CalendarAggregate[] = [];
  for await (const chunk of mergeWindows(fold(all, options.baseWindowMs ?? quarterMs), options)) {
    for (let row = 0; row < chunk.length; row++) rows.push(calendarAggregateAt(chunk, row));
  }
  return rows;
}

/** Of numbers with at most 9 decimals, exact where doubles are not. */
export function exactSum(values: readonly (number | undefined)[]): number {
  const units = values.reduce((sum: bigint, value) => sum + BigInt(Math.round((value ?? 0) * 1e9)), 0n);
  return Number(units) / 1e9;
}
