import type { AggregateChunk, EpochMs } from "@messnetz/model";
import { type CalendarChunk, type Columns, createColumns } from "./calendar-chunk.ts";
import { mergeDatastream } from "./merge-datastream.ts";
import type { RowSpan } from "./rhythm.ts";
import type { DatastreamTraits } from "./traits.ts";
import type { CalendarWindow } from "./windows.ts";

export interface MergeOptions {
  /** Ascending, without overlap. They begin and end at multiples of the base windows that come. */
  readonly windows: readonly CalendarWindow[];
  readonly traitsOf: (datastream: string) => DatastreamTraits;
  /** Until when anything is known, commonly now: nothing is held beyond. Default: the end of the last window. */
  readonly until?: EpochMs;
  /**
   * A window is complete when at least this share of its time is covered and of its expected observations has come. Default 0.9.
   */
  readonly completeShare?: number;
}

/** Windows as columns, and the instants at which they begin or end. */
export interface WindowColumns {
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** Ascending, each once. */
  readonly edges: Float64Array;
  /** Index into `edges`. */
  readonly fromEdge: Uint32Array;
  readonly toEdge: Uint32Array;
}

const rowsPerChunk = 8192;

/**
 * Merges base aggregates, which come ascending by (datastream, from) as stores give them, into calendar windows. Rows outside of the windows
 * serve what is held into them and the readings at their boundaries (see `lookaround`). `add` hands out what is finished as soon as
 * it is enough for a chunk, `end` the rest.
 */
export function createMerger({ windows, traitsOf, until, completeShare = 0.9 }: MergeOptions) {
  const columns = toColumns(windows);
  const width = windows.length;
  const capacity = Math.max(1, Math.floor(rowsPerChunk / Math.max(1, width))) * width;
  const knownUntil = Math.min(until ?? Number.POSITIVE_INFINITY, columns.to.at(-1) ?? 0);
  // Most answers are of few datastreams.
  let out = createColumns(width);
  let spans: RowSpan[] = [];
  let name: string | undefined;

  function finish(): CalendarChunk | undefined {
    if (name === undefined || width === 0) return undefined;
    mergeDatastream(spans, { name, traits: traitsOf(name), windows: columns, knownUntil, completeShare }, out);
    return out.length === out.window.length ? take() : undefined;
  }

  function take(): CalendarChunk {
    const taken = cut(out);
    out = createColumns(Math.min(capacity, 4 * taken.length));
    return taken;
  }

  return {
    add(chunk: AggregateChunk): CalendarChunk[] {
      const done: CalendarChunk[] = [];
      let from = 0;
      while (from < chunk.length) {
        const index = chunk.datastream[from]!;
        let to = from + 1;
        while (to < chunk.length && chunk.datastream[to] === index) to += 1;
        const next = chunk.datastreams[index]!;
        if (next !== name) {
          const full = finish();
          if (full !== undefined) done.push(full);
          spans = [];
          name = next;
        }
        spans.push({ chunk, from, to });
        from = to;
      }
      return done;
    },
    end(): CalendarChunk[] {
      const full = finish();
      name = undefined;
      if (full !== undefined) return [full];
      return out.length === 0 ? [] : [take()];
    },
  };
}

/** `createMerger` over a stream: asks for the next base aggregates when its reader asks, and stops where the reader stops. */
export async function* mergeWindows(
  chunks: AsyncIterable<AggregateChunk>,
  options: MergeOptions,
): AsyncGenerator<CalendarChunk> {
  const merger = createMerger(options);
  for await (const chunk of chunks) yield* merger.add(chunk);
  yield* merger.end();
}

function toColumns(windows: readonly CalendarWindow[]): WindowColumns {
  const edges = [...new Set(windows.flatMap(({ from, to }) => [from, to]))];
  const place = new Map(edges.map((edge, n) => [edge, n]));
  return {
    from: Float64Array.from(windows, ({ from }) => from),
    to: Float64Array.from(windows, ({ to }) => to),
    edges: Float64Array.from(edges),
    fromEdge: Uint32Array.from(windows, ({ from }) => place.get(from)!),
    toEdge: Uint32Array.from(windows, ({ to }) => place.get(to)!),
  };
}

/** Only the rows that are filled. */
function cut(columns: Columns): CalendarChunk {
  const { length } = columns;
  if (length === columns.window.length) return columns;
  const entries = Object.entries(columns).map(([key, column]: [string, unknown]) => [
    key,
    ArrayBuffer.isView(column) ? (column as Float64Array).subarray(0, length) : column,
  ]);
  return Object.fromEntries(entries) as CalendarChunk;
}
