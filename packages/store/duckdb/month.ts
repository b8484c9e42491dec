import type { EpochMs } from "@messnetz/model";

/** A month of UTC, as their number since January 1970: fixed UTC windows never straddle two of them. */
export type Month = number;

/** What a date of ECMAScript can say. Times beyond belong to the first or the last month. */
const lastInstant: EpochMs = 8.64e15;
const lastMonth = monthWithin(lastInstant);
const firstMonth = monthWithin(-lastInstant);

function monthWithin(time: EpochMs): Month {
  const date = new Date(time);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

export function monthOf(time: EpochMs): Month {
  return monthWithin(Math.min(Math.max(time, -lastInstant), lastInstant));
}

/** First instant of the month; -Infinity of the first one and Infinity beyond the last. */
export function monthStart(month: Month): EpochMs {
  if (month <= firstMonth) return Number.NEGATIVE_INFINITY;
  if (month > lastMonth) return Number.POSITIVE_INFINITY;
  const date = new Date(0);
  date.setUTCFullYear(1970 + Math.floor(month / 12), month - 12 * Math.floor(month / 12));
  return date.getTime();
}

/** `2026-03`; years beyond 9999 or before 0 as ISO 8601 extends them, `+010000-01`. */
export function monthName(month: Month): string {
  const start = Math.max(monthStart(month), -lastInstant);
  return new Date(start).toISOString().slice(0, -"-01T00:00:00.000Z".length);
}
