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

/** The rows of one datastream after the other, a row for each window. With `compare` the earlier windows of all of them are in memory. */
export async function* aggregateRows(source: SeriesSource, query: RowsQuery): AsyncGenerator<readonly AggregateRow[]> {
  const { windows, describe } = query;
  const compared = await comparison(source, query);
  const views = windows.map(viewWindow);
  for await (const series of seriesOf(source, query)) {
    const words = describe(series.datastream);
    const { datastream } = series;
    const { unit } = words;
    const earlier = compared?.of(datastream);
    const comparedAt = (at: number) => {
      const place = earlier && compared!.partner(at);
      return place && { ...place.view, ...viewValues(earlier.at(place.at) ?? nothing, words) };
    };
    yield views.map((view, at) => {
      const row = { datastream, unit, ...view, ...viewValues(series.at(at) ?? nothing, words) };
      const before = comparedAt(at);
      return before === undefined ? row : { ...row, compared: before };
    });
  }
}

function viewWindow({ label, from, to }: CalendarWindow) {
  return { window: label, from: toIso(from), to: toIso(to) };
}

async function comparison(source: SeriesSource, query: RowsQuery) {
  const { fields } = query;
  if (fields.compare === undefined) return undefined;
  const { windows, partners } = compareWindows(query.windows, fields.compare, fields);
  const series = new Map<string, Series>();
  if (windows.length === 0) return undefined;
  const views = windows.map(viewWindow);
  for await (const one of seriesOf(source, { ...query, windows })) series.set(one.datastream, one);
  return {
    of: (datastream: string) => series.get(datastream),
    partner(at: number) {
      const partner = partners[at];
      return partner === undefined ? undefined : { view: views[partner]!, at: partner };
    },
  };
}
