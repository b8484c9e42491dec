import type { EpochMs } from "./time.ts";

/** Every zone's offset is a multiple of 15 minutes, so a day never ends inside a quarter of an hour. */
const quarterMs = 900_000;
const maxRemembered = 1024;

/** The calendar day (`YYYY-MM-DD`) of an instant in an IANA zone, remembered by quarter of an hour. Throws a RangeError for an unknown zone. */
export function createDayOf(timeZone: string): (instant: EpochMs) => string {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const days = new Map<number, string>();
  let lastQuarter = Number.NaN;
  let lastDay = "";
  return function dayOf(instant) {
    const quarter = Math.floor(instant / quarterMs);
    if (quarter === lastQuarter) return lastDay;
    let day = days.get(quarter);
    if (day === undefined) {
      day = format.format(quarter * quarterMs);
      if (days.size >= maxRemembered) days.clear();
      days.set(quarter, day);
    }
    lastQuarter = quarter;
    lastDay = day;
    return day;
  };
}
