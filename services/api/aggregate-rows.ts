import type { CalendarWindow } from "@messnetz/calendar";
import { toIso } from "@messnetz/model";
import type { z } from "zod";
import { type Series, seriesOf, type SeriesQuery, type SeriesSource } from "./aggregate-series.ts";
import { type aggregateView, type DatastreamWords, nothing, viewValues } from "./aggregate-values.ts";
import { compareWindows } from "./calendar-windows.ts";
import type { AggregateFields } from "./aggregate-fields.ts";

export type AggregateRow = z.infer<typeof aggregateView>;

export interface RowsQuery extends SeriesQuery {
  readonly fields: Pick<AggregateFields, "window" | "timeZone" | "compare">;
  readonly describe: (datastream: string) => DatastreamWords;
}

/** The rows of one datastream after the other, a row for each window. With `compare` the earlier windows of all of them are in memory. */
export async function* aggregateRows(source: SeriesSource, query: RowsQuery): AsyncGenerator<readonly AggregateRow[]> {
  const { windows, describe } = query;
  const compared = await comparison(source, query);
  for await (const series of seriesOf(source, query)) {
    const words = describe(series.datastream);
    const earlier = compared?.of(series.datastream);
    const comparedAt = (at: number) => {
      const place = earlier && compared!.partner(at);
      return place && { compared: viewWindow(earlier, { ...place, words }) };
    };
    yield windows.map((window, at) => ({
      datastream: series.datastream,
      unit: words.unit,
      ...viewWindow(series, { window, at, words }),
      ...comparedAt(at),
    }));
  }
}

interface Place {
  readonly window: CalendarWindow;
  readonly at: number;
  readonly words: DatastreamWords;
}

function viewWindow(series: Series, { window: { label, from, to }, at, words }: Place) {
  return { window: label, from: toIso(from), to: toIso(to), ...viewValues(series.at(at) ?? nothing, words) };
}

async function comparison(source: SeriesSource, { fields, ...query }: RowsQuery) {
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
