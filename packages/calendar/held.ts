import type { AggregateChunk, EpochMs } from "@messnetz/model";
import type { Columns } from "./calendar-chunk.ts";
import type { WindowColumns } from "./merger.ts";

interface HeldOptions {
  readonly windows: WindowColumns;
  readonly knownUntil: EpochMs;
  /** How long a value holds at most. */
  readonly maxMs: number;
  readonly out: Columns;
  readonly base: number;
}

/**
 * Adds what values and states held to `covered` (ms), `integral` (value × ms) and `states`: each until the next observation, at most `maxMs`.
 * Within a base window only the longest gap can be cut; between base windows every gap is.
 */
export function createHeld({ windows: { from, to }, knownUntil, maxMs, out, base }: HeldOptions) {
  const { covered, integral, states } = out;
  let time = Number.NaN;
  let value = Number.NaN;
  let state: string | undefined;
  /** The first window that ends after `time`. */
  let next = 0;

  function integrate(at: number, valueMs: number): void {
    const before = integral[at]!;
    integral[at] = Number.isNaN(before) ? valueMs : before + valueMs;
  }

  function hold(begin: EpochMs, end: EpochMs): void {
    if (!(begin < end)) return;
    while (next < to.length && to[next]! <= begin) next += 1;
    for (let window = next; window < to.length && from[window]! < end; window++) {
      const heldMs = Math.min(end, to[window]!) - Math.max(begin, from[window]!);
      const at = base + window;
      covered[at]! += heldMs;
      if (!Number.isNaN(value)) integrate(at, value * heldMs);
      if (state !== undefined) addState(at, state, heldMs);
    }
  }

  function addState(at: number, name: string, heldMs: number): void {
    if (heldMs === 0) return;
    let durations = states.get(at);
    if (durations === undefined) states.set(at, (durations = new Map<string, number>()));
    durations.set(name, (durations.get(name) ?? 0) + heldMs);
  }

  /** From the first to the last observation of a row, which has all of it in one window. */
  function within(chunk: AggregateChunk, row: number, at: number): void {
    const cutMs = Math.max(0, chunk.longestGap[row]! - maxMs);
    const heldMs = chunk.lastTime[row]! - chunk.firstTime[row]! - cutMs;
    const cutValue = chunk.longestGapValue[row]!;
    covered[at]! += heldMs;
    const cut = cutMs > 0 && !Number.isNaN(cutValue) ? cutValue * cutMs : 0;
    if (!Number.isNaN(chunk.sum[row]!)) integrate(at, chunk.integral[row]! - cut);
    const span = chunk.states?.get(row);
    if (span === undefined) return;
    for (const [name, durationMs] of span.durations) {
      addState(at, name, name === span.longestGapState ? durationMs - cutMs : durationMs);
    }
  }

  return {
    /** The next row with observations that count; `window` is -1 where it lies in none. */
    add(chunk: AggregateChunk, row: number, window: number): void {
      const first = chunk.firstTime[row]!;
      if (!Number.isNaN(time)) hold(time, Math.min(first, time + maxMs, knownUntil));
      if (window >= 0 && chunk.count[row]! > 1) within(chunk, row, base + window);
      time = chunk.lastTime[row]!;
      value = chunk.last[row]!;
      const span = chunk.states?.get(row);
      state = span?.lastTime === time ? span.last : undefined;
    },
    /** After the last row. */
    finish(): void {
      if (!Number.isNaN(time)) hold(time, Math.min(time + maxMs, knownUntil));
    },
  };
}
