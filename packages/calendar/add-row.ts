import type { AggregateChunk } from "@messnetz/model";
import type { Columns } from "./calendar-chunk.ts";

interface Place {
  readonly out: Columns;
  readonly at: number;
}

export function addCounts(chunk: AggregateChunk, row: number, { out, at }: Place): void {
  out.count[at]! += chunk.count[row]!;
  out.suspect[at]! += chunk.suspect[row]!;
  out.bad[at]! += chunk.bad[row]!;
}

/** The row must have observations that count. */
export function addExtremes(chunk: AggregateChunk, row: number, { out, at }: Place): void {
  const min = chunk.min[row]!;
  // Where there is nothing yet, the comparison with NaN is false.
  if (!Number.isNaN(min) && !(min >= out.min[at]!)) {
    out.min[at] = min;
    out.minTime[at] = chunk.minTime[row]!;
  }
  const max = chunk.max[row]!;
  if (!Number.isNaN(max) && !(max <= out.max[at]!)) {
    out.max[at] = max;
    out.maxTime[at] = chunk.maxTime[row]!;
  }
  if (Number.isNaN(out.firstTime[at]!)) {
    out.first[at] = chunk.first[row]!;
    out.firstTime[at] = chunk.firstTime[row]!;
  }
  out.last[at] = chunk.last[row]!;
  out.lastTime[at] = chunk.lastTime[row]!;
}

/** A millionth of every canonical unit is finer than any device that counts. */
const perUnit = 1e6;

/** Adds in whole millionths, so that parts add up; as doubles where that is beyond what a double counts. */
export function addSum(chunk: AggregateChunk, row: number, { out, at }: Place): void {
  const before = Number.isNaN(out.sum[at]!) ? 0 : out.sum[at]!;
  const millionths = Math.round(before * perUnit) + Math.round(chunk.sum[row]! * perUnit);
  out.sum[at] = Number.isSafeInteger(millionths) ? millionths / perUnit : before + chunk.sum[row]!;
}
