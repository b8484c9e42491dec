import type { EpochMs } from "@messnetz/model";

const nanosecondsPerMs = 1_000_000;

/** The instants that InfluxDB takes are those of an int64 of nanoseconds but the two outermost (`models.MinNanoTime`, `MaxNanoTime`). */
export const minTime: EpochMs = -9_223_372_036_854;
export const maxTime: EpochMs = 9_223_372_036_853;

/** Ordinals are the nanoseconds within the millisecond. */
export const maxOrdinal = nanosecondsPerMs - 1;

/** `ms` and `ordinal` as a decimal count of nanoseconds, exactly. */
export function nanosecondsText(ms: EpochMs, ordinal: number): string {
  if (ms > 0) return ordinal === 0 ? `${ms}000000` : ms + String(ordinal).padStart(6, "0");
  return String(BigInt(ms) * 1_000_000n + BigInt(ordinal));
}
