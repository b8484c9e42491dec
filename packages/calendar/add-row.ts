import type { AggregateChunk } from "@messnetz/model";
import type { Columns } from "./calendar-chunk.ts";

/** A millionth of every canonical unit is finer than any device that counts. */
const perUnit = 1e6;

/** Adds base rows to rows of the calendar (`at`). Columns are taken out once: this runs for every base row. */
export function createRowAdder(out: Columns) {
  const { count, suspect, bad, sum, min, minTime, max, maxTime, first, firstTime, last, lastTime } = out;

  return {
    addCounts(chunk: AggregateChunk, row: number, at: number): void {
      count[at]! += chunk.count[row]!;
      suspect[at]! += chunk.suspect[row]!;
      bad[at]! += chunk.bad[row]!;
    },
    /** The row must have observations that count. */
    addExtremes(chunk: AggregateChunk, row: number, at: number): void {
      const low = chunk.min[row]!;
      // Where there is nothing yet, or no number comes, the comparison with NaN is false.
      if (low < min[at]! || (Number.isNaN(min[at]!) && !Number.isNaN(low))) {
        min[at] = low;
        minTime[at] = chunk.minTime[row]!;
      }
      const high = chunk.max[row]!;
      if (high > max[at]! || (Number.isNaN(max[at]!) && !Number.isNaN(high))) {
        max[at] = high;
        maxTime[at] = chunk.maxTime[row]!;
      }
      if (Number.isNaN(firstTime[at]!)) {
        first[at] = chunk.first[row]!;
        firstTime[at] = chunk.firstTime[row]!;
      }
      last[at] = chunk.last[row]!;
      lastTime[at] = chunk.lastTime[row]!;
    },
    /** As doubles: good enough for a mean. */
    addSum(chunk: AggregateChunk, row: number, at: number): void {
      const before = sum[at]!;
      sum[at] = Number.isNaN(before) ? chunk.sum[row]! : before + chunk.sum[row]!;
    },
    /** In whole millionths, so that parts add up; as doubles where that is beyond what a double counts. */
    addExactSum(chunk: AggregateChunk, row: number, at: number): void {
      const before = Number.isNaN(sum[at]!) ? 0 : sum[at]!;
      const millionths = Math.round(before * perUnit) + Math.round(chunk.sum[row]! * perUnit);
      sum[at] = Number.isSafeInteger(millionths) ? millionths / perUnit : before + chunk.sum[row]!;
    },
  };
}
