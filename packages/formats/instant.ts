import type { EpochMs } from "@messnetz/model";

const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/u;

/** RFC 3339 with a zone, up to nanoseconds, which are cut to milliseconds; undefined for all else. */
export function instantOf(text: unknown): EpochMs | undefined {
  if (typeof text !== "string" || !zoned.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}

/** ECMA-262 §21.4.1.1: the range of time, in milliseconds. */
const maxTimeMs = 8.64e15;

/** Seconds since 1970, UTC, with or without a fraction; undefined for all else, also for a time that no calendar has. */
export function instantOfSeconds(seconds: unknown): EpochMs | undefined {
  if (typeof seconds !== "number") return undefined;
  const instant = Math.round(seconds * 1000);
  return Math.abs(instant) <= maxTimeMs ? instant : undefined;
}
