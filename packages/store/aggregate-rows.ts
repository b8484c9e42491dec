import type { AggregateChunk, AggregateColumn, Drop, StateSpan } from "@messnetz/model";
import type { OpenWindow } from "./fold-window.ts";

const counts = ["count", "suspect", "bad"] as const;

interface Row {
  readonly name: string;
  readonly window: OpenWindow;
}

/** Gathers closed windows and hands them out as chunks of at most `maxRows`. */
export function createAggregateRows(maxRows: number) {
  let kept: Row[] = [];
  return {
    get length(): number {
      return kept.length;
    },
    add(name: string, window: OpenWindow): void {
      kept.push({ name, window });
    },
    /** The oldest rows, at most `maxRows`. */
    take(): AggregateChunk {
      const rows = kept.slice(0, maxRows);
      kept = kept.slice(maxRows);
      return toAggregateChunk(rows);
    },
  };
}

function toAggregateChunk(rows: readonly Row[]): AggregateChunk {
  const length = rows.length;
  const datastreams: string[] = [];
  const datastream = new Uint32Array(length);
  const drops = new Map<number, readonly Drop[]>();
  const states = new Map<number, StateSpan>();
  rows.forEach(({ name, window }, row) => {
    if (datastreams.at(-1) !== name) datastreams.push(name);
    datastream[row] = datastreams.length - 1;
    if (window.drops !== undefined) drops.set(row, window.drops);
    if (window.states !== undefined) states.set(row, window.states);
  });
  // A loop: `from` with a function takes ten times as long.
  const uint32 = (column: (typeof counts)[number]) => {
    const values = new Uint32Array(length);
    for (let row = 0; row < length; row++) values[row] = rows[row]!.window[column];
    return values;
  };
  const float64 = (column: "from" | AggregateColumn) => {
    const values = new Float64Array(length);
    for (let row = 0; row < length; row++) values[row] = rows[row]!.window[column];
    return values;
  };
  return {
    length,
    datastreams,
    datastream,
    from: float64("from"),
    count: uint32("count"),
    suspect: uint32("suspect"),
    bad: uint32("bad"),
    sum: float64("sum"),
    min: float64("min"),
    minTime: float64("minTime"),
    max: float64("max"),
    maxTime: float64("maxTime"),
    first: float64("first"),
    firstTime: float64("firstTime"),
    last: float64("last"),
    lastTime: float64("lastTime"),
    integral: float64("integral"),
    increase: float64("increase"),
    longestGap: float64("longestGap"),
    longestGapValue: float64("longestGapValue"),
    maxStep: float64("maxStep"),
    maxStepTime: float64("maxStepTime"),
    maxStepBefore: float64("maxStepBefore"),
    maxStepBeforeTime: float64("maxStepBeforeTime"),
    coveredMs: float64("coveredMs"),
    ...(drops.size === 0 ? {} : { drops }),
    ...(states.size === 0 ? {} : { states }),
  };
}
