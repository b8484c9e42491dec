/** Columns of aggregates by hour, `AggregateChunk`'s name first, then the file's: what a person reads has its unit in its name. */
export const hourCounts = [
  ["count", "count"],
  ["suspect", "suspect"],
  ["bad", "bad"],
] as const;

export const hourNumbers = [
  ["sum", "sum"],
  ["min", "min"],
  ["minTime", "min_time_ms"],
  ["max", "max"],
  ["maxTime", "max_time_ms"],
  ["first", "first"],
  ["firstTime", "first_time_ms"],
  ["last", "last"],
  ["lastTime", "last_time_ms"],
  ["integral", "integral_ms"],
  ["increase", "increase"],
  ["longestGap", "longest_gap_ms"],
  ["longestGapValue", "longest_gap_value"],
  ["maxStep", "max_step"],
  ["maxStepTime", "max_step_time_ms"],
  ["maxStepBefore", "max_step_before"],
  ["maxStepBeforeTime", "max_step_before_time_ms"],
  ["coveredMs", "covered_ms"],
] as const;

export type HourCount = (typeof hourCounts)[number][0];
export type HourNumber = (typeof hourNumbers)[number][0];
