import type { AggregateChunk, EpochMs } from "@messnetz/model";
import type { Columns } from "./calendar-chunk.ts";
import type { WindowColumns } from "./merger.ts";
import type { RowSpan } from "./rhythm.ts";

interface HeldOptions {
  readonly windows: WindowColumns;
  readonly knownUntil: EpochMs;
  /** How long a value holds at most. */
  readonly maxMs: number;
  /** Whether `integral` is looked at. */
  readonly integrates: boolean;
  readonly out: Columns;
  readonly base: number;
}

/** What holds from one base row to the next. */
interface Holding {
  readonly begin: EpochMs;
  readonly end: EpochMs;
  readonly value: number;
  readonly state: string | undefined;
}

/**
 * Adds what values and states held to `covered` (ms), `integral` (value × ms) and `states`: each until the next observation, at most `maxMs`.
 * Within a base window only the longest gap can be cut; between base windows every gap is. `spans`: all rows of a datastream.
 */
export function addHeld(
  spans: readonly RowSpan[],
  { windows: { from, to }, knownUntil, maxMs, integrates, out, base }: HeldOptions,
): void {
  const { covered, integral, states } = out;

  function integrateHeld(at: number, value: number, heldMs: number): void {
    if (integrates && !Number.isNaN(value)) integrate(at, value * heldMs);
  }

  function integrate(at: number, valueMs: number): void {
    const before = integral[at]!;
    integral[at] = Number.isNaN(before) ? valueMs : before + valueMs;
  }

  function addState(at: number, name: string, heldMs: number): void {
    if (heldMs === 0) return;
    let durations = states.get(at);
    if (durations === undefined) states.set(at, (durations = new Map<string, number>()));
    durations.set(name, (durations.get(name) ?? 0) + heldMs);
  }

  /** `first`: the first window that ends after the begin. */
  function holdAcross({ begin, end, value, state }: Holding, first: number): void {
    for (let window = first; window < to.length && from[window]! < end; window++) {
      const heldMs = Math.min(end, to[window]!) - Math.max(begin, from[window]!);
      const at = base + window;
      covered[at]! += heldMs;
      integrateHeld(at, value, heldMs);
      if (state !== undefined) addState(at, state, heldMs);
    }
  }

  /** From the first to the last observation of a row, which has all of it in one window. */
  function within(chunk: AggregateChunk, row: number, at: number): void {
    const cutMs = Math.max(0, chunk.longestGap[row]! - maxMs);
    covered[at]! += chunk.lastTime[row]! - chunk.firstTime[row]! - cutMs;
    if (integrates && !Number.isNaN(chunk.sum[row]!)) {
      const cutValue = chunk.longestGapValue[row]!;
      integrate(at, chunk.integral[row]! - (cutMs > 0 && !Number.isNaN(cutValue) ? cutValue * cutMs : 0));
    }
    const span = chunk.states?.get(row);
    if (span === undefined) return;
    for (const [name, durationMs] of span.durations) {
      addState(at, name, name === span.longestGapState ? durationMs - cutMs : durationMs);
    }
  }

  // What runs over every row keeps what it remembers in its own variables.
  let time = Number.NaN;
  let held = Number.NaN;
  let state: string | undefined;
  /** The first window that ends after `time`, and after the row's begin. */
  let next = 0;
  let window = 0;
  for (const { chunk, from: begin, to: end } of spans) {
    const { count, firstTime, last, lastTime, states: spoken } = chunk;
    for (let row = begin; row < end; row++) {
      if (count[row] === 0) continue;
      const until = Math.min(firstTime[row]!, time + maxMs, knownUntil);
      // False as long as there is no time.
      if (time < until) {
        while (next < to.length && to[next]! <= time) next += 1;
        if (state !== undefined || !(from[next]! <= time && until <= to[next]!)) {
          holdAcross({ begin: time, end: until, value: held, state }, next);
        } else {
          covered[base + next]! += until - time;
          integrateHeld(base + next, held, until - time);
        }
      }
      const rowBegin = chunk.from[row]!;
      while (window < to.length && to[window]! <= rowBegin) window += 1;
      if (count[row]! > 1 && from[window]! <= rowBegin) within(chunk, row, base + window);
      time = lastTime[row]!;
      held = last[row]!;
      const span = spoken?.get(row);
      state = span?.lastTime === time ? span.last : undefined;
    }
  }
  const until = Math.min(time + maxMs, knownUntil);
  if (!(time < until)) return;
  while (next < to.length && to[next]! <= time) next += 1;
  holdAcross({ begin: time, end: until, value: held, state }, next);
}
