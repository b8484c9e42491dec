import type { CalendarWindow } from "@messnetz/calendar";
import { toIso } from "@messnetz/model";
import type { z } from "zod";
import { type Series, seriesOf, type SeriesQuery, type SeriesSource } from "./aggregate-series.ts";
import { type aggregateView, type DatastreamWords, nothing, viewValues } from "./aggregate-values.ts";
import { compareWindows } from "./calendar-windows.ts";
import type { AggregateFields } from "./aggregate-fields.ts";

export type AggregateRow = z.infer<typeof aggregateView>;

export interface RowsQuery extends SeriesQuery {
  readonly fields: Pick<AggregateFields, "window" | "timeZone" | "compare" | "aggregate">;
  readonly describe: (datastream: string) => DatastreamWords;
}

/** A datastream of an answer, and what was before. */
export interface ToldSeries {
  readonly series: Series;
  readonly words: DatastreamWords;
  /** The earlier window that a window is compared with. */
  earlierAt(
    window: number,
  ): { readonly series: Series; readonly at: number; readonly window: CalendarWindow } | undefined;
}

/** One datastream after the other. With `compare` the earlier windows of all of them are in memory. */
export async function* toldSeries(source: SeriesSource, query: RowsQuery): AsyncGenerator<ToldSeries> {
  const compared = await comparison(source, query);
  for await (const series of seriesOf(source, query)) {
    const earlier = compared?.of(series.datastream);
    yield {
      series,
      words: query.describe(series.datastream),
      earlierAt(window) {
        const place = earlier && compared!.partner(window);
        return place && { ...place, series: earlier };
      },
    };
  }
}

/** The rows of one datastream after the other, a row for each window. */
export async function* aggregateRows(source: SeriesSource, query: RowsQuery): AsyncGenerator<readonly AggregateRow[]> {
  const views = query.windows.map(viewWindow);
  for await (const { series, words, earlierAt } of toldSeries(source, query)) {
    const { datastream } = series;
    const { unit } = words;
    yield views.map((view, at) => {
      const row = { datastream, unit, ...view, ...viewValues(series.at(at) ?? nothing, words) };
      const earlier = earlierAt(at);
      if (earlier === undefined) return row;
      const values = viewValues(earlier.series.at(earlier.at) ?? nothing, words);
      return { ...row, compared: { ...viewWindow(earlier.window), ...values } };
    });
  }
}

export function viewWindow({ label, from, to }: CalendarWindow) {
  return { window: label, from: toIso(from), to: toIso(to) };
}

async function comparison(source: SeriesSource, query: RowsQuery) {
  const { fields } = query;
  if (fields.compare === undefined) return undefined;
  const { windows, partners } = compareWindows(query.windows, fields.compare, fields);
  const series = new Map<string, Series>();
  if (windows.length === 0) return undefined;
  for await (const one of seriesOf(source, { ...query, windows })) series.set(one.datastream, one);
  return {
    of: (datastream: string) => series.get(datastream),
    partner(at: number) {
      const partner = partners[at];
      return partner === undefined ? undefined : { window: windows[partner]!, at: partner };
    },
  };
}
