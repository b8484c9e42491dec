import { type EpochMs, isTimeZone } from "@messnetz/model";

/** A calendar that cannot be had: an unknown zone, or one whose offset is none of whole quarters of an hour at that time. */
export class CalendarError extends Error {
  override readonly name = "CalendarError";
}

const quarterMs = 900_000;

export function requireZone(timeZone: string): void {
  if (isTimeZone(timeZone)) return;
  throw new CalendarError(
    `time zone: expected a name of the IANA time zone database like Europe/Berlin, came ${JSON.stringify(timeZone)}`,
  );
}

export interface OffsetSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Local time is UTC plus this. */
  readonly offsetMs: number;
}

/** The spans of `[from, to)` in which the zone's offset does not change. Throws a `CalendarError` for offsets that are none of whole quarters. */
export function offsetSpans(timeZone: string, from: EpochMs, to: EpochMs): OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone);
  while (at.epochMilliseconds < to) {
    const next = at.getTimeZoneTransition("next");
    const offsetMs = at.offsetNanoseconds / 1e6;
    const end = next === null ? to : Math.min(to, next.epochMilliseconds);
    if (offsetMs % quarterMs !== 0) {
      throw new CalendarError(
        `time zone ${timeZone}: expected an offset of whole quarters of an hour, came ${at.offset} at ${at.toInstant().toString()}`,
      );
    }
    spans.push({ from: at.epochMilliseconds, to: end, offsetMs });
    if (next === null) break;
    at = next;
  }
  return spans;
}

/** Names instants in local time to the minute, `2026-03-29T01:45+01:00`; quick where they ascend. */
export function localTimes(offsetMs: number): (instant: EpochMs) => string {
  const minutes = Math.abs(offsetMs) / 60_000;
  const offset = `${offsetMs < 0 ? "-" : "+"}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
  let day = Number.NaN;
  let date = "";
  return function localTime(instant) {
    const minute = Math.floor((instant + offsetMs) / 60_000);
    const newDay = Math.floor(minute / 1440);
    if (newDay !== day) {
      day = newDay;
      date = new Date(day * 86_400_000).toISOString().slice(0, -14);
    }
    const ofDay = minute - day * 1440;
    return `${date}T${twoDigits(Math.floor(ofDay / 60))}:${twoDigits(ofDay % 60)}${offset}`;
  };
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
