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
  .describe(`An earlier period to compare with, so long ago: \`P1Y\`, \`P1M\`, \`P1W\`, \`P1D\`.`);

export interface ComparedWindows {
  readonly windows: readonly CalendarWindow[];
  /** Of each window, the index of the one it is compared with. */
  readonly partners: readonly number[];
}

/**
 * The windows of the same name so long ago, each the partner of the window whose begin, moved by the period on the calendar of the zone, is nearest to its
 * own: days with days of the same date, weeks with weeks of the same number.
 */
export function compareWindows(
  windows: readonly CalendarWindow[],
  period: string,
  { window, timeZone }: Omit<WindowChoice, "interval">,
): ComparedWindows {
  const moved = (instant: number) =>
    Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone).subtract(period).epochMilliseconds;
  const begins = windows.map(({ from }) => moved(from));
  const around = { from: begins[0]! - shortest[window], to: moved(windows.at(-1)!.to) + shortest[window] };
  const found = chooseWindows({ window, timeZone, interval: around }, Number.POSITIVE_INFINITY);
  const partners = begins.map((begin) => nearest(found, begin));
  const first = partners[0]!;
  return {
    windows: found.slice(first, partners.at(-1)! + 1),
    partners: partners.map((partner) => partner - first),
  };
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
