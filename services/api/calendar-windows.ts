import { CalendarError, type CalendarWindow, type WindowName, windowsOf } from "@messnetz/calendar";
import type { Interval } from "@messnetz/model";
import { z } from "zod";
import { Problem } from "./problem.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The shortest that a window of the name may be, in ms. */
const shortest: Readonly<Record<WindowName, number>> = {
  "quarter-hour": hourMs / 4,
  hour: hourMs,
  day: 23 * hourMs,
  week: 7 * dayMs - hourMs,
  month: 28 * dayMs,
  quarter: 90 * dayMs - hourMs,
  year: 365 * dayMs,
  "gas-day": 23 * hourMs,
  "gas-month": 28 * dayMs,
  "heating-season": 211 * dayMs,
  "operating-day": 23 * hourMs,
};

/** In zones that set the clock forward at midnight, a day begins when the clock shows 01:00. */
const latestMidnightMs = hourMs;

export interface WindowChoice {
  readonly window: WindowName;
  readonly timeZone: string;
  readonly interval: Interval;
}

/** The windows that have part in the span. Throws the problem `too-much` for more than `most`, before it makes any of them. */
export function chooseWindows({ window, timeZone, interval }: WindowChoice, most: number): readonly CalendarWindow[] {
  const about = Math.ceil((interval.to - interval.from) / shortest[window]);
  if (about > most + 2)
    throw new Problem(
      "too-much",
      `expected at most ${most} windows in one answer; came about ${about} of ${window}. Take a shorter span, a longer window, or /api/v1/aggregates/export`,
    );
  try {
    return windowsOf({ window, timeZone, ...interval });
  } catch (error) {
    if (error instanceof CalendarError || error instanceof RangeError)
      throw new Problem("invalid-request", error.message, { cause: error });
    throw error;
  }
}

/** How long ago: `P1D`, `P1W`, `P1M`, `P1Y`, or several of one. */
export const periodField = z
  .string()
  .regex(/^P[1-9]\d?[DWMY]$/, "expected P1D, P1W, P1M, P1Y, or several of one like P52W")
  .describe(
    "An earlier period to compare with, so long ago: `P1Y`, `P1M`, `P1W`, `P1D`. A window whose date was not there (29 February) has no `compared`.",
  );

export interface ComparedWindows {
  readonly windows: readonly CalendarWindow[];
  /** Of each window, the index of the one it is compared with; undefined where there is none. */
  readonly partners: readonly (number | undefined)[];
}

/**
 * The windows so long ago. The partner of a window begins on the same date and at the same time of the clock that many days, weeks, months or years before; what
 * has no such date (29 February, 31 April, the second 02:00 of the long night) has none. Weeks take the week whose Monday is nearest. No earlier
 * window is the partner of two, so that what is compared adds up. Throws an `invalid-request` problem for a period that leads to no begin of a window.
 */
export function compareWindows(
  windows: readonly CalendarWindow[],
  period: string,
  { window, timeZone }: Omit<WindowChoice, "interval">,
): ComparedWindows {
  const inZone = (instant: number) => Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
  const moved = (instant: number) => inZone(instant).subtract(period).epochMilliseconds;
  const isOfClock = window === "hour" || window === "quarter-hour";
  function isThere(begin: number, instant: number): boolean {
    const again = inZone(begin).add(period);
    if (isOfClock) return again.epochMilliseconds === instant;
    return window === "week" || again.toPlainDate().equals(inZone(instant).toPlainDate());
  }
  const begins = windows.map(({ from }) => moved(from));
  const around = { from: begins[0]! - shortest[window], to: moved(windows.at(-1)!.to) + shortest[window] };
  const found = chooseWindows({ window, timeZone, interval: around }, Number.POSITIVE_INFINITY);
  const mostOffMs = window === "week" ? shortest.week : isOfClock ? 0 : latestMidnightMs;
  let taken = -1;
  const partners = begins.map((begin, at) => {
    const { from } = windows[at]!;
    if (!isThere(begin, from)) return undefined;
    const partner = nearest(found, begin);
    const foundFrom = found[partner]!.from;
    if (foundFrom === from || Math.abs(foundFrom - begin) > mostOffMs) throw misfit(window, period);
    if (partner <= taken) return undefined;
    taken = partner;
    return partner;
  });
  const first = partners.find((partner) => partner !== undefined) ?? 0;
  return {
    windows: found.slice(first, taken + 1),
    partners: partners.map((partner) => (partner === undefined ? undefined : partner - first)),
  };
}

function misfit(window: WindowName, period: string): Problem {
  const expected = `a period that leads from the begin of one ${window} to the begin of an earlier one`;
  return new Problem("invalid-request", `compare: expected ${expected}; came ${period}`, {
    mistakes: [{ in: "query", name: "compare", expected, came: period }],
  });
}

function nearest(windows: readonly CalendarWindow[], begin: number): number {
  let low = 0;
  let high = windows.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (windows[middle]!.from < begin) low = middle + 1;
    else high = middle;
  }
  const before = Math.max(0, low - 1);
  return begin - windows[before]!.from < windows[low]!.from - begin ? before : low;
}
