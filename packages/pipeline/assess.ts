import type { Check, EpochMs, ObservedProperty } from "@messnetz/model";
import type { Plausibility } from "./plausibility.ts";

/** What came before on a datastream. Owned by the caller; depends on the order of arrival, as only marks may. */
export interface Trace {
  time: EpochMs;
  value: number;
  /** Since when the value has not changed. */
  since: EpochMs;
}

/** The traces of all datastreams: `trace` gives the same object for the same datastream until it is forgotten. */
export interface History {
  trace(datastream: string): Trace | undefined;
  begin(datastream: string, trace: Trace): void;
}

/** A history in memory for at most `maxDatastreams`; beyond that it starts over, and the marks `rate` and `stuck` pause. */
export function createHistory(maxDatastreams = 200_000): History {
  const traces = new Map<string, Trace>();
  return {
    trace: (datastream) => traces.get(datastream),
    begin(datastream, trace) {
      if (traces.size >= maxDatastreams) traces.clear();
      traces.set(datastream, trace);
    },
  };
}

/** Below this span a rate says more about the resolution of the clock than about the water. */
const shortestRateSpanMs = 1_000;

export function isOutOfRange(property: ObservedProperty, value: number): boolean {
  const { range } = property;
  return range !== undefined && (value < range.min || value > range.max);
}

/** The marks that need the past, and the past brought up to date. Results older than the newest are not judged. */
export function assessChange(
  trace: Trace,
  now: { time: EpochMs; value: number },
  rule: Plausibility,
): Check | undefined {
  const spanMs = now.time - trace.time;
  if (spanMs <= 0) return undefined;
  const change = Math.abs(now.value - trace.value);
  if (change > 0) trace.since = now.time;
  trace.time = now.time;
  trace.value = now.value;
  if (
    rule.maxRatePerSecond !== undefined &&
    change / (Math.max(spanMs, shortestRateSpanMs) / 1000) > rule.maxRatePerSecond
  ) {
    return "rate";
  }
  if (rule.stuckAfterMs !== undefined && now.time - trace.since >= rule.stuckAfterMs) return "stuck";
  return undefined;
}
