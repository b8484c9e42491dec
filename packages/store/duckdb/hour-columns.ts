/** Columns of aggregates by hour, `AggregateChunk`'s name first, then the file's: what a person reads has its unit in its name. */
export const hourCounts = [
  ["count", "count"],
  ["suspect", "suspect"],
  ["bad", "bad"],
] as const;

export const hourNumbers = [
  ["sum", "sum"],
  ["min", "min"],
  ["minTime", "min_at_ms"],
  ["max", "max"],
  ["maxTime", "max_at_ms"],
  ["first", "first"],
  ["firstTime", "first_at_ms"],
  ["last", "last"],
  ["lastTime", "last_at_ms"],
  ["integral", "integral_ms"],
  ["increase", "increase"],
  ["longestGap", "longest_gap_ms"],
  ["longestGapValue", "longest_gap_value"],
  ["maxStep", "max_step"],
  ["maxStepTime", "max_step_at_ms"],
  ["maxStepBefore", "max_step_before"],
  ["maxStepBeforeTime", "max_step_before_at_ms"],
  ["coveredMs", "covered_ms"],
] as const;

/** Instants are whole milliseconds since the hour began: half as long as instants, and decoded three times as fast. */
export function isOffset(name: string): boolean {
  return name.endsWith("_at_ms");
}
