import type { EpochMs } from "@messnetz/model";
import type { Columns } from "./calendar-chunk.ts";
import { createRowsAdder } from "./add-rows.ts";
import { addHeld } from "./held.ts";
import type { WindowColumns } from "./merger.ts";
import { boundaryKinds, createRegisterTrack } from "./register-track.ts";
import { learnRhythm, type RowSpan } from "./rhythm.ts";
import { type DatastreamTraits, maxHeldMs } from "./traits.ts";

export interface MergedDatastream {
  readonly name: string;
  readonly traits: DatastreamTraits;
  readonly windows: WindowColumns;
  readonly knownUntil: EpochMs;
  readonly completeShare: number;
}

const hourMs = 3_600_000;
const interpolated = boundaryKinds.indexOf("interpolated");

/** Appends one row per window to `out`, from all base rows of a datastream. */
export function mergeDatastream(spans: readonly RowSpan[], merged: MergedDatastream, out: Columns): void {
  const { name, traits, windows } = merged;
  const width = windows.from.length;
  const base = out.length;
  const index = out.datastreams.push(name) - 1;
  for (let window = 0; window < width; window++) {
    out.datastream[base + window] = index;
    out.window[base + window] = window;
  }
  out.length += width;

  const rhythmMs = traits.rhythmMs ?? learnRhythm(spans);
  if (traits.kind === "amount") addAmounts(spans, merged, { out, base, rhythmMs });
  else addValues(spans, merged, { out, base, rhythmMs });
  if (traits.kind === "counter") addConsumption(spans, merged, { out, base });
  finishRows(merged, { out, base, rhythmMs: traits.kind === "state" ? traits.rhythmMs : rhythmMs });
}

interface Target {
  readonly out: Columns;
  /** The row of the first window. */
  readonly base: number;
}

interface TimedTarget extends Target {
  readonly rhythmMs: number | undefined;
}

/** Calls back for the rows of each window that has any; those that lie in none are left out. */
function eachWindow(
  spans: readonly RowSpan[],
  { from, to }: WindowColumns,
  visit: (rows: RowSpan, window: number) => void,
): void {
  let window = 0;
  for (const { chunk, from: first, to: end } of spans) {
    const begins = chunk.from;
    for (let row = first, next = first; row < end; row = next) {
      while (window < to.length && to[window]! <= begins[row]!) window += 1;
      if (window === to.length) return;
      const isInside = from[window]! <= begins[row]!;
      const edge = isInside ? to[window]! : from[window]!;
      do next += 1;
      while (next < end && begins[next]! < edge);
      if (isInside) visit({ chunk, from: row, to: next }, window);
    }
  }
}

/** Amounts stand for their intervals; where they have none, each for one rhythm. */
function addAmounts(
  spans: readonly RowSpan[],
  { windows }: MergedDatastream,
  { out, base, rhythmMs = 0 }: TimedTarget,
): void {
  const adder = createRowsAdder(out);
  eachWindow(spans, windows, (rows, window) => {
    const at = base + window;
    adder.addCounts(rows, at);
    adder.addExtremes(rows, at);
    adder.addAmounts(rows, { at, rhythmMs });
  });
}

function addValues(spans: readonly RowSpan[], merged: MergedDatastream, { out, base, rhythmMs }: TimedTarget): void {
  const { traits, windows, knownUntil } = merged;
  // What a register shows adds up to nothing.
  const addsUp = traits.kind !== "counter";
  const adder = createRowsAdder(out);
  eachWindow(spans, windows, (rows, window) => {
    const at = base + window;
    adder.addCounts(rows, at);
    adder.addExtremes(rows, at);
    if (addsUp) adder.addSum(rows, at);
  });
  addHeld(spans, { windows, knownUntil, maxMs: maxHeldMs(traits, rhythmMs), integrates: addsUp, out, base });
}

function addConsumption(spans: readonly RowSpan[], { traits, windows }: MergedDatastream, { out, base }: Target): void {
  const track = createRegisterTrack(traits, windows.edges);
  for (const span of spans) track.add(span);
  track.finish();
  for (let window = 0; window < windows.from.length; window++) {
    const at = base + window;
    const { consumption, beginReading, endReading, begin, end } = track.between(
      windows.fromEdge[window]!,
      windows.toEdge[window]!,
    );
    out.consumption[at] = consumption;
    out.beginReading[at] = beginReading;
    out.endReading[at] = endReading;
    out.begin[at] = begin;
    out.end[at] = end;
  }
  let window = 0;
  for (const event of track.events.toSorted((a, b) => a.time - b.time)) {
    while (window < windows.to.length && windows.to[window]! < event.time) window += 1;
    if (window === windows.to.length) return;
    if (windows.from[window]! >= event.time) continue;
    out.events.set(base + window, [...(out.events.get(base + window) ?? []), event]);
  }
}

function finishRows({ traits, windows, completeShare }: MergedDatastream, { out, base, rhythmMs }: TimedTarget): void {
  const byCount = (traits.mean ?? (traits.kind === "amount" ? "count" : "held")) === "count";
  for (let window = 0; window < windows.from.length; window++) {
    const at = base + window;
    const lengthMs = windows.to[window]! - windows.from[window]!;
    const count = out.count[at]!;
    const coveredMs = out.covered[at]!;
    if (traits.kind === "counter") {
      // What a register shows adds up to nothing, by count or by time.
      out.sum[at] = Number.NaN;
      out.integral[at] = Number.NaN;
    } else {
      out.mean[at] = byCount || coveredMs === 0 ? out.sum[at]! / count : out.integral[at]! / coveredMs;
      out.integral[at]! /= hourMs;
    }
    out.covered[at] = Math.min(1, coveredMs / lengthMs);
    const expected = rhythmMs === undefined ? Number.NaN : Math.round(lengthMs / rhythmMs);
    out.expected[at] = expected;
    const came = expected > 0 ? count / expected : 1;
    out.complete[at] = out.covered[at] >= completeShare && came >= completeShare && bounded(out, at) ? 1 : 0;
  }
}

/** Whether the consumption, where there is one, is that of the whole window. */
function bounded({ begin, end }: Columns, at: number): boolean {
  return begin[at]! <= interpolated && end[at]! <= interpolated;
}
