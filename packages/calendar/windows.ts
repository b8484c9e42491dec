import type { EpochMs } from "@messnetz/model";
import { CalendarError, localTimes, offsetSpans, requireZone } from "./zone.ts";

/**
 * `gas-day`, `gas-month`: from 06:00 local time (Regulation (EU) 2017/459, article 3: the gas day is 5:00 to 5:00 UTC in winter, 4:00 to
 * 4:00 UTC in summer, which is 06:00 in Germany; the month begins with the gas day of the 1st).
 * `heating-season`: 1 October to 30 April, as German leases and case law have it where nothing else is agreed; no statute fixes it.
 * What lies between two seasons belongs to no window.
 * `operating-day`: of public transport, 04:30 to 04:30, so that a night's last runs belong to the evening.
 * `week`: ISO 8601, from Monday.
 */
export const windowNames = [
  "quarter-hour",
  "hour",
  "day",
  "week",
  "month",
  "quarter",
  "year",
  "gas-day",
  "gas-month",
  "heating-season",
  "operating-day",
] as const;
export type WindowName = (typeof windowNames)[number];

/** A window `[from, to)` of the calendar of a zone. */
export interface CalendarWindow {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /**
   * What people call it: `2026-03-29T01:45+01:00`, `2026-03-29`, `2026-W13`, `2026-03`, `2026-Q1`, `2026`; `2025/26` for a heating season.
   * Gas days, gas months and operating days have the name of the day or month on which they begin.
   */
  readonly label: string;
}

export interface WindowsQuery {
  readonly window: WindowName;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** IANA name; default `Europe/Berlin`. */
  readonly timeZone?: string;
}

const quarterMs = 900_000;
const hourMs = 3_600_000;

/** From one begin to the next: the date on which a window that holds `date` begins, and the date of the next begin. */
interface Rule {
  readonly begin: (date: Temporal.PlainDate) => Temporal.PlainDate;
  readonly next: (begin: Temporal.PlainDate) => Temporal.PlainDate;
  /** Local time at which the window begins; default the start of the day. */
  readonly at?: string;
  /** Where the window ends before the next begins. */
  readonly end?: (begin: Temporal.PlainDate) => Temporal.PlainDate;
  readonly label: (begin: Temporal.PlainDate) => string;
}

const day: Rule = {
  begin: (date) => date,
  next: (begin) => begin.add({ days: 1 }),
  label: String,
};
const month: Rule = {
  begin: (date) => date.with({ day: 1 }),
  next: (begin) => begin.add({ months: 1 }),
  label: (begin) => begin.toString().slice(0, -3),
};
const october = 10;

const rules: Readonly<Record<Exclude<WindowName, "quarter-hour" | "hour">, Rule>> = {
  day,
  week: {
    begin: (date) => date.subtract({ days: date.dayOfWeek - 1 }),
    next: (begin) => begin.add({ weeks: 1 }),
    label: (begin) => `${begin.yearOfWeek}-W${String(begin.weekOfYear).padStart(2, "0")}`,
  },
  month,
  quarter: {
    begin: (date) => date.with({ day: 1, month: date.month - ((date.month - 1) % 3) }),
    next: (begin) => begin.add({ months: 3 }),
    label: (begin) => `${begin.year}-Q${(begin.month + 2) / 3}`,
  },
  year: {
    begin: (date) => date.with({ day: 1, month: 1 }),
    next: (begin) => begin.add({ years: 1 }),
    label: (begin) => String(begin.year),
  },
  "gas-day": { ...day, at: "06:00" },
  "gas-month": { ...month, at: "06:00" },
  "heating-season": {
    begin: (date) => date.with({ day: 1, month: october }).subtract({ years: date.month < october ? 1 : 0 }),
    next: (begin) => begin.add({ years: 1 }),
    end: (begin) => begin.add({ months: 7 }),
    label: (begin) => `${begin.year}/${String((begin.year + 1) % 100).padStart(2, "0")}`,
  },
  "operating-day": { ...day, at: "04:30" },
};

/**
 * The windows of a zone's calendar that have part in `[from, to)`, ascending and whole: the first may begin before `from`, the last end after
 * `to`. All begin and end at multiples of 15 minutes UTC. Throws a `CalendarError` for a zone that is not known, and for a time at
 * which the zone's offset was none of whole quarters of an hour (local mean times of the 19th century; Liberia until 1972).
 */
export function windowsOf({ window, from, to, timeZone = "Europe/Berlin" }: WindowsQuery): CalendarWindow[] {
  requireZone(timeZone);
  if (!(from < to)) return [];
  if (window === "quarter-hour") return clockWindows({ from, to, timeZone }, quarterMs);
  if (window === "hour") return clockWindows({ from, to, timeZone }, hourMs);
  return dateWindows({ from, to, timeZone }, rules[window]);
}

type Span = Required<Omit<WindowsQuery, "window">>;

/** Windows that begin at full hours or quarters of the clock on the wall. */
function clockWindows({ from, to, timeZone }: Span, lengthMs: number): CalendarWindow[] {
  const begins: EpochMs[] = [];
  const labels: string[] = [];
  // A window that begins before `from` and one that begins after `to` give the first and the last their ends; an hour is never longer
  // than two where the clock is set back within it.
  for (const { from: begin, to: end, offsetMs } of offsetSpans(timeZone, from - 2 * hourMs, to + 2 * hourMs)) {
    const label = localTimes(offsetMs);
    for (let at = Math.ceil((begin + offsetMs) / lengthMs) * lengthMs - offsetMs; at < end; at += lengthMs) {
      begins.push(at);
      labels.push(label(at));
    }
  }
  const windows: CalendarWindow[] = [];
  for (let n = 0; n + 1 < begins.length; n++) {
    if (begins[n]! < to && begins[n + 1]! > from)
      windows.push({ from: begins[n]!, to: begins[n + 1]!, label: labels[n]! });
  }
  return windows;
}

function dateWindows({ from, to, timeZone }: Span, rule: Rule): CalendarWindow[] {
  function instantOf(date: Temporal.PlainDate): EpochMs {
    const instant = date.toZonedDateTime({ timeZone, ...(rule.at === undefined ? {} : { plainTime: rule.at }) });
    if (instant.epochMilliseconds % quarterMs === 0) return instant.epochMilliseconds;
    throw new CalendarError(
      `time zone ${timeZone}: expected an offset of whole quarters of an hour, came ${instant.offset} on ${date.toString()}`,
    );
  }

  const windows: CalendarWindow[] = [];
  const first = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone).toPlainDate();
  // The day before: at 03:00 the gas day, the operating day of yesterday is not over.
  let begin = rule.begin(first.subtract({ days: 1 }));
  let beginAt = instantOf(begin);
  while (beginAt < to) {
    const next = rule.next(begin);
    const nextAt = instantOf(next);
    const endAt = rule.end === undefined ? nextAt : instantOf(rule.end(begin));
    // A day that a zone left out when it crossed the date line has no length.
    if (endAt > from && endAt > beginAt) windows.push({ from: beginAt, to: endAt, label: rule.label(begin) });
    begin = next;
    beginAt = nextAt;
  }
  return windows;
}

/**
 * The length of the fixed UTC windows that a store is asked for: an hour where all windows begin and end with hours of UTC, else
 * 15 minutes.
 */
export function baseWindowMsOf(windows: readonly CalendarWindow[]): number {
  return windows.every(({ from, to }) => from % hourMs === 0 && to % hourMs === 0) ? hourMs : quarterMs;
}
