import type { RowSpan } from "./rhythm.ts";
import type { Columns } from "./calendar-chunk.ts";

/** A millionth of every canonical unit is finer than any device that counts. */
const perUnit = 1e6;

/** Adds base rows of one window to a row of the calendar (`at`). Cells of that row are in variables meanwhile: this runs over every base row. */
export function createRowsAdder(out: Columns) {
  const { count, suspect, bad, covered, sum, min, minTime, max, maxTime, first, firstTime, last, lastTime } = out;

  return {
    addCounts({ chunk, from, to }: RowSpan, at: number): void {
      let all = 0;
      let doubted = 0;
      let left = 0;
      for (let row = from; row < to; row++) {
        all += chunk.count[row]!;
        doubted += chunk.suspect[row]!;
        left += chunk.bad[row]!;
      }
      count[at]! += all;
      suspect[at]! += doubted;
      bad[at]! += left;
    },
    addExtremes({ chunk, from, to }: RowSpan, at: number): void {
      const { count: counts, min: lows, max: highs } = chunk;
      let low = min[at]!;
      let high = max[at]!;
      let lowRow = -1;
      let highRow = -1;
      let begin = -1;
      let end = -1;
      for (let row = from; row < to; row++) {
        if (counts[row] === 0) continue;
        if (begin < 0) begin = row;
        end = row;
        // Where there is nothing yet, or no number comes, the comparison with NaN is false.
        if (lows[row]! < low || (Number.isNaN(low) && !Number.isNaN(lows[row]!))) {
          low = lows[row]!;
          lowRow = row;
        }
        if (highs[row]! > high || (Number.isNaN(high) && !Number.isNaN(highs[row]!))) {
          high = highs[row]!;
          highRow = row;
        }
      }
      if (lowRow >= 0) {
        min[at] = low;
        minTime[at] = chunk.minTime[lowRow]!;
      }
      if (highRow >= 0) {
        max[at] = high;
        maxTime[at] = chunk.maxTime[highRow]!;
      }
      if (begin < 0) return;
      if (Number.isNaN(firstTime[at]!)) {
        first[at] = chunk.first[begin]!;
        firstTime[at] = chunk.firstTime[begin]!;
      }
      last[at] = chunk.last[end]!;
      lastTime[at] = chunk.lastTime[end]!;
    },
    /** As doubles: good enough for a mean. */
    addSum({ chunk, from, to }: RowSpan, at: number): void {
      let added = sum[at]!;
      for (let row = from; row < to; row++) {
        if (chunk.count[row] === 0) continue;
        added = Number.isNaN(added) ? chunk.sum[row]! : added + chunk.sum[row]!;
      }
      sum[at] = added;
    },
    /**
     * In whole millionths, so that parts add up; as doubles where that is beyond what a double counts. An amount without an interval covers
     * `rhythmMs`.
     */
    addAmounts(
      { chunk, from, to }: RowSpan,
      { at, rhythmMs }: { readonly at: number; readonly rhythmMs: number },
    ): void {
      let added = sum[at]!;
      for (let row = from; row < to; row++) {
        if (chunk.count[row] === 0) continue;
        const before = Number.isNaN(added) ? 0 : added;
        const millionths = Math.round(before * perUnit) + Math.round(chunk.sum[row]! * perUnit);
        added = Number.isSafeInteger(millionths) ? millionths / perUnit : before + chunk.sum[row]!;
        covered[at]! += chunk.coveredMs[row]! > 0 ? chunk.coveredMs[row]! : chunk.count[row]! * rhythmMs;
      }
      sum[at] = added;
    },
  };
}
