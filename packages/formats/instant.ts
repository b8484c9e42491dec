import type { EpochMs } from "@messnetz/model";

const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/u;

/** RFC 3339 with a zone, up to nanoseconds, which are cut to milliseconds; undefined for all else. */
export function instantOf(text: unknown): EpochMs | undefined {
  if (typeof text !== "string" || !zoned.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}
