import {
  baseColumnsOf,
  baseWindowMsOf,
  type CalendarAggregate,
  calendarAggregateAt,
  type CalendarChunk,
  type CalendarWindow,
  type DatastreamTraits,
  lookaround,
  mergeWindows,
} from "@messnetz/calendar";
import { type AggregateColumn, type EpochMs, kindOfDatastream } from "@messnetz/model";
import type { Registry } from "@messnetz/registry";
import { type AggregateName, columnsNamed } from "./aggregate-values.ts";
import type { PlannedQuery } from "./plan.ts";
import type { GuardedStore } from "./store-guard.ts";

export interface SeriesQuery {
  readonly plan: PlannedQuery;
  /** The datastreams that the plan names, ascending. */
  readonly datastreams: readonly string[];
  readonly windows: readonly CalendarWindow[];
  readonly completeShare: number;
  /** What is asked; absent: the usual of each kind. */
  readonly fields: { readonly aggregate?: readonly AggregateName[] | undefined };
}

export interface CostlyQuery extends Pick<SeriesQuery, "datastreams" | "windows"> {
  readonly fields: { readonly compare?: string | undefined };
}

/** A datastream in every window of the query. */
export interface Series {
  readonly datastream: string;
  /** Undefined where it has no observation in or around the windows. */
  at(window: number): CalendarAggregate | undefined;
  /** The same as columns: row `first + n` of the chunk is window `n`. */
  readonly rows: { readonly chunk: CalendarChunk; readonly first: number } | undefined;
}

export interface SeriesSource {
  readonly store: Pick<GuardedStore, "observations">;
  readonly registry: Pick<Registry, "datastream">;
  readonly clock: () => EpochMs;
}

export function traitsOf(registry: Pick<Registry, "datastream">, datastream: string): DatastreamTraits {
  return { kind: kindOfDatastream(datastream) ?? "gauge", ...registry.datastream(datastream) };
}

/** How many base windows the store is asked for: about what a query costs, twice that where it is compared. */
export function costOf({ datastreams, windows, fields }: CostlyQuery): number {
  const span = windows.at(-1)!.to - windows[0]!.from;
  const once = datastreams.length * Math.ceil(span / baseWindowMsOf(windows));
  return fields.compare === undefined ? once : 2 * once;
}

/** Every datastream of the query, ascending, as the store gives what it is merged of. One chunk of them is in memory. */
export async function* seriesOf({ store, registry, clock }: SeriesSource, query: SeriesQuery): AsyncGenerator<Series> {
  const { plan, datastreams, windows, completeShare, fields } = query;
  const traits = new Map(datastreams.map((datastream) => [datastream, traitsOf(registry, datastream)]));
  const baseMs = baseWindowMsOf(windows);
  let beforeMs = 0;
  let afterMs = 0;
  const columns = new Set<AggregateColumn>();
  for (const one of traits.values()) {
    const around = lookaround(one, baseMs);
    beforeMs = Math.max(beforeMs, around.beforeMs);
    afterMs = Math.max(afterMs, around.afterMs);
    for (const column of baseColumnsOf(one, columnsNamed(one.kind, fields.aggregate))) columns.add(column);
  }
  const interval = { from: windows[0]!.from - beforeMs, to: windows.at(-1)!.to + afterMs };
  const chunks = mergeWindows(store.observations.aggregate(plan.with({ interval }), baseMs, columns), {
    windows,
    traitsOf: (datastream) => traits.get(datastream) ?? traitsOf(registry, datastream),
    until: clock(),
    completeShare,
  });
  let next = 0;
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row += windows.length) {
      const datastream = chunk.datastreams[chunk.datastream[row]!]!;
      for (; next < datastreams.length && datastreams[next]! < datastream; next++)
        yield emptySeries(datastreams[next]!);
      if (datastreams[next] === datastream) next++;
      yield seriesIn(chunk, row);
    }
  }
  for (; next < datastreams.length; next++) yield emptySeries(datastreams[next]!);
}

function seriesIn(chunk: CalendarChunk, first: number): Series {
  return {
    datastream: chunk.datastreams[chunk.datastream[first]!]!,
    at: (window) => calendarAggregateAt(chunk, first + window),
    rows: { chunk, first },
  };
}

function emptySeries(datastream: string): Series {
  return { datastream, at: () => undefined, rows: undefined };
}
