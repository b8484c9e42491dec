import type { AggregateChunk } from "@messnetz/model";

/** Rows `[from, to)` of a chunk. */
export interface RowSpan {
  readonly chunk: AggregateChunk;
  readonly from: number;
  readonly to: number;
}

/** So many rows tell the rhythm of any datastream; a year of quarters of an hour has 35,040. */
const maxSamples = 200;

/**
 * The usual time from one observation of a datastream to the next, in ms: the median over its rows of the mean gap within a row, its longest
 * gap left out, or of the gap to the row before where a row has a single observation. Outages and bursts do not move it as long as
 * they are in less than half of the rows. Undefined where no two observations are there. `spans`: its rows in the order of time.
 */
export function learnRhythm(spans: readonly RowSpan[]): number | undefined {
  const rows = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  const stride = Math.max(1, Math.floor(rows / maxSamples));
  const gaps: number[] = [];
  let before = Number.NaN;
  let sample = 0;
  for (const { chunk, from, to } of spans) {
    const { count, lastTime } = chunk;
    for (let row = from; row < to; row++) {
      if (count[row] === 0) continue;
      if (sample === 0) {
        const gap = usualGap(chunk, row, before);
        // Results of one instant tell nothing.
        if (gap > 0) gaps.push(gap);
      }
      sample = sample + 1 === stride ? 0 : sample + 1;
      before = lastTime[row]!;
    }
  }
  // Of most datastreams they are in order already: all the same.
  const isSorted = gaps.every((gap, n) => n === 0 || gaps[n - 1]! <= gap);
  return (isSorted ? gaps : new Float64Array(gaps).sort())[gaps.length >> 1];
}

/** NaN where the row's only observation is the first of all. */
function usualGap(chunk: AggregateChunk, row: number, before: number): number {
  const count = chunk.count[row]!;
  const first = chunk.firstTime[row]!;
  if (count === 1) return first - before;
  const span = chunk.lastTime[row]! - first;
  return count === 2 ? span : (span - chunk.longestGap[row]!) / (count - 2);
}
