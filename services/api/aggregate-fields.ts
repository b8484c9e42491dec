import { windowNames } from "@messnetz/calendar";
import { z } from "zod";
import { aggregateNames } from "./aggregate-values.ts";
import { edgeField, spanField } from "./calendar-span.ts";
import { periodField } from "./calendar-windows.ts";
import type { ApiLimits } from "./config.ts";
import { observationFields } from "./observation-filter.ts";
import { listOf, timeZoneField } from "./request-fields.ts";

/** The parameters that say which aggregates a request means. */
export function aggregateFields(limits: ApiLimits, timeZone: string) {
  const { from: _from, to: _to, ...selection } = observationFields(limits);
  return {
    ...selection,
    window: z
      .enum(windowNames)
      .default("day")
      .describe(
        "Of the calendar of `timeZone`: days have 23, 24 or 25 hours. `gas-day` and `gas-month` begin at 06:00, `operating-day` at 04:30, `heating-season` is October to April.",
      ),
    from: edgeField
      .optional()
      .describe(
        "First instant, or a day, month or year of the zone (`2026-03-29`, `2026-03`, `2026`). Windows that have part in the span come whole.",
      ),
    to: edgeField.optional().describe("End, not included; absent: now."),
    span: spanField
      .optional()
      .describe(
        "In place of `from` and `to`: `2026`, `2026-03`, `2026-03-29`, `today`, `yesterday`, `this-` or `last-` `week`, `month`, `year`.",
      ),
    timeZone: timeZoneField.default(timeZone).describe("IANA zone of the calendar."),
    aggregate: listOf(z.enum(aggregateNames), aggregateNames.length)
      .optional()
      .describe(
        "Absent: the usual ones of the kind: `mean,min,max` of a gauge, `consumption,events` of a counter, `sum` of an amount, `states` of a state.",
      ),
    minShare: z.coerce
      .number<string>()
      .min(0)
      .max(1)
      .default(0.9)
      .describe(
        "A window is `complete` where at least this share of its time and of its expected observations is known.",
      ),
    compare: periodField.optional(),
  };
}
export type AggregateFields = z.output<z.ZodObject<ReturnType<typeof aggregateFields>>>;
