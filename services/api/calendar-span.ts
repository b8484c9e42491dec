import type { WindowName } from "@messnetz/calendar";
import { type EpochMs, instantSchema, type Interval } from "@messnetz/model";
import { z } from "zod";
import { Problem } from "./problem.ts";

/** A day, month or year of the calendar, as its first date and the number of days, months or years it is of. */
interface CalendarPart {
  readonly begin: Temporal.PlainDate;
  readonly unit: "days" | "weeks" | "months" | "years";
}
type Edge = { readonly instant: EpochMs } | CalendarPart;

const units = { 4: "years", 7: "months", 10: "days" } as const;

/** `2026`, `2026-03` or `2026-03-29`; undefined for what is no date. */
function readDate(text: string): CalendarPart | undefined {
  const unit = /^\d{4}(?:-\d\d){0,2}$/.test(text) ? units[text.length as keyof typeof units] : undefined;
  if (unit === undefined) return undefined;
  try {
    return { begin: Temporal.PlainDate.from(`${text}-01-01`.slice(0, 10)), unit };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readEdge(text: string): Edge | undefined {
  const instant = instantSchema.safeParse(text);
  return instant.success ? { instant: instant.data } : readDate(text);
}

/** An instant (ISO 8601 with a zone), or a year, month or day of the zone. */
export const edgeField = z
  .string()
  .max(40)
  .refine(
    (text) => readEdge(text) !== undefined,
    "expected an instant like 2026-03-29T01:00:00Z, or a date like 2026, 2026-03 or 2026-03-29 (in a URL, + is written %2B)",
  );

/** From now back: so many units before the one that holds now. */
const relative: Readonly<Record<string, { readonly unit: CalendarPart["unit"]; readonly ago: 0 | 1 }>> = {
  today: { unit: "days", ago: 0 },
  yesterday: { unit: "days", ago: 1 },
  "this-week": { unit: "weeks", ago: 0 },
  "last-week": { unit: "weeks", ago: 1 },
  "this-month": { unit: "months", ago: 0 },
  "last-month": { unit: "months", ago: 1 },
  "this-year": { unit: "years", ago: 0 },
  "last-year": { unit: "years", ago: 1 },
};

export const spanField = z
  .string()
  .max(20)
  .refine(
    (text) => Object.hasOwn(relative, text) || readDate(text) !== undefined,
    `expected a date like 2026, 2026-03 or 2026-03-29, or one of ${Object.keys(relative).join(", ")}`,
  );

/** Where a day of the window begins, as `windowsOf` has it. */
const dayBegins: Partial<Record<WindowName, { readonly hours: number; readonly minutes?: number }>> = {
  "gas-day": { hours: 6 },
  "gas-month": { hours: 6 },
  "operating-day": { hours: 4, minutes: 30 },
};

export interface SpanRequest {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly span?: string | undefined;
}

export interface Calendar {
  readonly window: WindowName;
  readonly timeZone: string;
  readonly now: EpochMs;
}

/**
 * The instants that `span`, or `from` and `to`, mean in the calendar: the dates are days of the window, so a gas day begins at 06:00. Half-open; `to` absent is
 * now. Throws an `invalid-request` problem where nothing or no time is meant.
 */
export function resolveSpan({ from, to, span }: SpanRequest, calendar: Calendar): Interval {
  if ((span === undefined) === (from === undefined) || (span !== undefined && to !== undefined))
    throw mistake(span === undefined ? "from" : "span", "either `span`, or `from` and perhaps `to`", span ?? from);
  if (span !== undefined) {
    const part = readDate(span) ?? relativePart(span, calendar);
    return { from: beginOf(part.begin, calendar), to: beginOf(part.begin.add({ [part.unit]: 1 }), calendar) };
  }
  const interval = { from: instantOf(from!, calendar), to: to === undefined ? calendar.now : instantOf(to, calendar) };
  if (interval.from < interval.to) return interval;
  throw mistake("to", "an end after `from`: the span is half-open, [from, to)", to ?? "now");
}

function instantOf(text: string, calendar: Calendar): EpochMs {
  const edge = readEdge(text)!;
  return "instant" in edge ? edge.instant : beginOf(edge.begin, calendar);
}

function relativePart(name: string, { window, timeZone, now }: Calendar): CalendarPart {
  const { unit, ago } = relative[name]!;
  const day = Temporal.Instant.fromEpochMilliseconds(now)
    .toZonedDateTimeISO(timeZone)
    .subtract(dayBegins[window] ?? { hours: 0 })
    .toPlainDate();
  const begins = {
    days: day,
    weeks: day.subtract({ days: day.dayOfWeek - 1 }),
    months: day.with({ day: 1 }),
    years: day.with({ day: 1, month: 1 }),
  };
  return { begin: begins[unit].subtract({ [unit]: ago }), unit };
}

function beginOf(date: Temporal.PlainDate, { window, timeZone }: Calendar): EpochMs {
  const { hours = 0, minutes = 0 } = dayBegins[window] ?? {};
  const plainTime = hours === 0 ? undefined : Temporal.PlainTime.from({ hour: hours, minute: minutes });
  return date.toZonedDateTime({ timeZone, ...(plainTime && { plainTime }) }).epochMilliseconds;
}

function mistake(name: string, expected: string, came: string | undefined): Problem {
  return new Problem("invalid-request", `${name}: expected ${expected}${came === undefined ? "" : `; came ${came}`}`, {
    mistakes: [{ in: "query", name, expected, ...(came !== undefined && { came }) }],
  });
}
