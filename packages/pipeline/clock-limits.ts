import type { EpochMs } from "@messnetz/model";

/** Which device times are believed. */
export interface ClockLimits {
  /** Nothing that Messnetz takes in was measured before: device clocks that lost their battery say 1970, 1980 or 2000-01-01. */
  readonly earliest: EpochMs;
  /** How far ahead of ours a device clock may run. */
  readonly maxAheadMs: number;
  /** Older at receipt is kept with its time and marked `late`. */
  readonly lateAfterMs: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export const defaultClockLimits: ClockLimits = {
  earliest: Date.UTC(2000, 0, 2),
  maxAheadMs: 5 * minuteMs,
  lateAfterMs: 30 * dayMs,
};
