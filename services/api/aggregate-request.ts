import type { CalendarWindow } from "@messnetz/calendar";
import type { Interval } from "@messnetz/model";
import type { Principal } from "@messnetz/registry";
import type { AggregateFields } from "./aggregate-fields.ts";
import type { RowsQuery } from "./aggregate-rows.ts";
import { describeDatastream } from "./aggregate-values.ts";
import type { ApiContext } from "./api-server.ts";
import { resolveSpan } from "./calendar-span.ts";
import { chooseWindows } from "./calendar-windows.ts";
import { selectionOf } from "./observation-filter.ts";
import { planObservations } from "./plan.ts";

export interface AggregateRequest {
  readonly windows: readonly CalendarWindow[];
  /** As it was asked for; the windows may begin before and end after it. */
  readonly interval: Interval;
  /** All datastreams that are meant, ascending. */
  readonly datastreams: readonly string[];
  /** The question for some of them; undefined where there is nothing to ask. */
  query(some: readonly string[]): RowsQuery | undefined;
}

interface Asked {
  readonly principal: Principal;
  readonly fields: AggregateFields;
  readonly mostWindows: number;
}

/** What a request for aggregates means, before anything is computed. Throws problems for what cannot be answered. */
export async function readAggregateRequest(
  { store, registry, catalogue, clock }: Pick<ApiContext, "store" | "registry" | "catalogue" | "clock">,
  { principal, fields, mostWindows }: Asked,
): Promise<AggregateRequest> {
  const { window, timeZone, minShare, aggregate: names } = fields;
  const interval = resolveSpan(fields, { window, timeZone, now: clock() });
  const windows = chooseWindows({ window, timeZone, interval }, mostWindows);
  const whole = planObservations({ registry, principal }, selectionOf(fields));
  const datastreams = (await store.observations.latest(whole)).map(({ datastream }) => datastream);
  return {
    windows,
    interval,
    datastreams,
    query(some) {
      if (windows.length === 0 || some.length === 0) return undefined;
      return {
        // A plan of all of them is the shorter question.
        plan: some.length === datastreams.length ? whole : whole.only(some),
        datastreams: some,
        windows,
        completeShare: minShare,
        fields,
        describe: (datastream) => describeDatastream(datastream, { catalogue, names }),
      };
    },
  };
}
