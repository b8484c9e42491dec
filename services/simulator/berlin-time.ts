import type { EpochMs } from "@messnetz/model";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Offset of Central European Time: an hour, two from the last Sunday of March to that of October, 01:00 UTC (directive 2000/84/EC). */
export function berlinOffsetMs(at: EpochMs): number {
  const year = new Date(at).getUTCFullYear();
  const isSummer = at >= lastSundayOf(year, 2) && at < lastSundayOf(year, 9);
  return isSummer ? 2 * hourMs : hourMs;
}

function lastSundayOf(year: number, month: number): EpochMs {
  const lastDay = Date.UTC(year, month + 1, 0, 1);
  return lastDay - new Date(lastDay).getUTCDay() * dayMs;
}

export interface LocalClock {
  /** Hours since local midnight, with a fraction. */
  readonly hour: number;
  readonly isWeekend: boolean;
}

export function localClock(at: EpochMs): LocalClock {
  return clockOf(at + berlinOffsetMs(at));
}

/** Without summer time: for registers, which must not run twice through the same hour. */
export function winterClock(at: EpochMs): LocalClock {
  return clockOf(at + hourMs);
}

function clockOf(local: number): LocalClock {
  const day = Math.floor(local / dayMs);
  const weekday = (day + 4) % 7; // 1970-01-01 was a Thursday; 0 is Sunday
  return { hour: (local - day * dayMs) / hourMs, isWeekend: weekday === 0 || weekday === 6 };
}

/** The wall clock as `YYYY-MM-DDTHH:mm:ss`, without a zone, as some devices send it. */
export function localText(at: EpochMs): string {
  return new Date(at + berlinOffsetMs(at)).toISOString().slice(0, 19);
}
