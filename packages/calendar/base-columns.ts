import type { AggregateColumn } from "@messnetz/model";
import type { CalendarChunk } from "./calendar-chunk.ts";
import type { DatastreamTraits } from "./traits.ts";

/** What somebody may want to know of a calendar window beside counts, completeness, consumption and states, which come always. */
export type CalendarColumn = Extract<
  keyof CalendarChunk,
  "sum" | "mean" | "min" | "max" | "first" | "last" | "integral"
>;

/** For the rhythm, for what is held from one row to the next, and for registers. */
const always = ["firstTime", "last", "lastTime", "longestGap"] as const satisfies AggregateColumn[];
const held = ["sum", "integral", "longestGapValue"] as const satisfies AggregateColumn[];
const steps = ["maxStep", "maxStepTime", "maxStepBefore", "maxStepBeforeTime"] as const satisfies AggregateColumn[];

/**
 * The columns of base aggregates that a merger looks at for a datastream of which `wanted` is asked: it gives these the same, whatever is in
 * the others, and what is not asked may be anything.
 */
export function baseColumnsOf(
  { kind, register }: Pick<DatastreamTraits, "kind" | "register">,
  wanted: ReadonlySet<CalendarColumn>,
): readonly AggregateColumn[] {
  const columns: AggregateColumn[] = [...always];
  if (kind === "amount") columns.push("sum", "coveredMs");
  else if (kind === "counter") columns.push("first", ...(register?.maxPerHour === undefined ? [] : steps));
  else columns.push(...held);
  if (wanted.has("min")) columns.push("min", "minTime");
  if (wanted.has("max")) columns.push("max", "maxTime");
  if (wanted.has("first")) columns.push("first");
  return columns;
}
