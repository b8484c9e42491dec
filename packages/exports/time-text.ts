import { type EpochMs, toIso } from "@messnetz/model";
import { type ByteSink, utf8 } from "./byte-sink.ts";

const dayMs = 86_400_000;
const zero = 48;
/** 0000-01-01 and 10000-01-01: between them ISO 8601 has four digits for the year. */
const firstPlain = -62_167_219_200_000;
const afterPlain = 253_402_300_800_000;

export type TimeWriter = (sink: ByteSink, instant: EpochMs) => void;

/** `2026-03-29T01:00:00.000Z`. Remembers the last day's text, for neighbours share it. */
export function createUtcWriter(): TimeWriter {
  const putDay = createDayWriter("T");
  return (sink, instant) => {
    if (!(instant >= firstPlain && instant < afterPlain)) return sink.ascii(toIso(instant));
    const ofDay = putDay(sink, instant);
    putClock(sink, ofDay);
    const ms = ofDay % 1000;
    const { bytes } = sink;
    const at = sink.length;
    const hundreds = Math.trunc(ms / 100);
    bytes[at] = 46;
    bytes[at + 1] = zero + hundreds;
    putTwo(bytes, at + 2, ms - hundreds * 100);
    bytes[at + 4] = 90;
    sink.length = at + 5;
  };
}

/** `2026-03-29 03:00:00`, the wall clock of the zone in whole seconds: what a spreadsheet takes for a date and time. */
export function createLocalWriter(timeZone: string): TimeWriter {
  const offsetAt = createOffsetFinder(timeZone);
  const putDay = createDayWriter(" ");
  return (sink, instant) => putClock(sink, putDay(sink, instant + offsetAt(instant)));
}

/** Puts date and separator; returns the milliseconds of the day, with room reserved for the rest. */
function createDayWriter(separator: string): (sink: ByteSink, instant: EpochMs) => number {
  let day = Number.NaN;
  let text = utf8("");
  return (sink, instant) => {
    const current = Math.floor(instant / dayMs);
    if (current !== day) {
      text = utf8(toIso(current * dayMs).slice(0, -14) + separator);
      day = current;
    }
    sink.raw(text);
    sink.reserve(13);
    return Math.trunc(instant - current * dayMs);
  };
}

/** `hh:mm:ss` */
function putClock(sink: ByteSink, ofDayMs: number): void {
  const { bytes } = sink;
  const at = sink.length;
  const seconds = Math.trunc(ofDayMs / 1000);
  const minutes = Math.trunc(seconds / 60);
  const hours = Math.trunc(minutes / 60);
  putTwo(bytes, at, hours);
  bytes[at + 2] = 58;
  putTwo(bytes, at + 3, minutes - hours * 60);
  bytes[at + 5] = 58;
  putTwo(bytes, at + 6, seconds - minutes * 60);
  sink.length = at + 8;
}

/** The zone's offset from UTC in milliseconds. The zone is asked once for each span between two changes of its clocks. */
export function createOffsetFinder(timeZone: string): (instant: EpochMs) => number {
  let span = spanAt(timeZone, 0);
  const known = [span];
  return (instant) => {
    if (instant >= span.from && instant < span.to) return span.offsetMs;
    const found = known.find((candidate) => instant >= candidate.from && instant < candidate.to);
    span = found ?? spanAt(timeZone, instant);
    if (found === undefined) known.push(span);
    return span.offsetMs;
  };
}

interface OffsetSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly offsetMs: number;
}

function spanAt(timeZone: string, instant: EpochMs): OffsetSpan {
  const moment = Temporal.Instant.fromEpochMilliseconds(Math.floor(instant)).toZonedDateTimeISO(timeZone);
  const next = moment.getTimeZoneTransition("next");
  // The transition before the next instant: one that falls on this very instant begins the span.
  const previous = moment.add({ milliseconds: 1 }).getTimeZoneTransition("previous");
  return {
    from: previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    to: next?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMs: moment.offsetNanoseconds / 1e6,
  };
}

function putTwo(bytes: Uint8Array, at: number, value: number): void {
  const tens = Math.trunc(value / 10);
  bytes[at] = zero + tens;
  bytes[at + 1] = zero + value - tens * 10;
}
