import type { EpochMs } from "@messnetz/model";

const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/u;

/** RFC 3339 with a zone, up to nanoseconds, which are cut to milliseconds; undefined for all else. */
export function instantOf(text: unknown): EpochMs | undefined {
  if (typeof text !== "string") return undefined;
  const plain = plainInstantOf(text);
  if (!Number.isNaN(plain)) return plain;
  if (!zoned.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}

const shortest = "2026-01-01T00:00:00Z".length;
const longest = "2026-01-01T00:00:00.123456789Z".length;

/**
 * The usual instant, in UTC and in this century: read by its digits, which takes a third of the time that expression and `Date.parse` need.
 * NaN for all else, also for a 29th of February, which those are to judge.
 */
function plainInstantOf(text: string): number {
  const { length } = text;
  if (length < shortest || length > longest || text.charCodeAt(length - 1) !== 0x5a /* Z */) return Number.NaN;
  if (text.charCodeAt(4) !== dash || text.charCodeAt(7) !== dash || text.charCodeAt(10) !== 0x54 /* T */)
    return Number.NaN;
  if (text.charCodeAt(13) !== colon || text.charCodeAt(16) !== colon) return Number.NaN;
  const year = twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const ms = length === shortest ? 0 : fractionMs(text, length - 1);
  // What is no digit has become a number below 0.
  if ((year | month | day | hour | minute | second | ms) < 0) return Number.NaN;
  if (twoDigits(text, 0) !== 20 || month < 1 || month > 12 || day < 1 || day > daysOf[month - 1]!) return Number.NaN;
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const days =
    year * 365 + ((year + 3) >> 2) + daysBefore[month - 1]! + day - 1 + (month > 2 && (year & 3) === 0 ? 1 : 0);
  return (daysBefore2000 + days) * 86_400_000 + (((hour * 60 + minute) * 60 + second) * 1000 + ms);
}

const dash = 0x2d;
const colon = 0x3a;
const dot = 0x2e;
const noDigits = -1;

/** 0 to 99, or `noDigits`. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? noDigits : tens * 10 + ones;
}

/** Of what stands between the seconds and `end`; `noDigits` where that is no fraction. */
function fractionMs(text: string, end: number): number {
  if (text.charCodeAt(shortest - 1) !== dot || end === shortest) return noDigits;
  let ms = 0;
  for (let at = shortest; at < end; at++) {
    const value = text.charCodeAt(at) - 0x30;
    if (value < 0 || value > 9) return noDigits;
    if (at < shortest + 3) ms = ms * 10 + value;
  }
  return end === shortest + 1 ? ms * 100 : end === shortest + 2 ? ms * 10 : ms;
}

/** Of a year of 365 days. */
const daysOf = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** The same; 2000 to 2099 have a leap day every four years. */
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const daysBefore2000 = 10_957;

/** ECMA-262 §21.4.1.1: the range of time, in milliseconds. */
const maxTimeMs = 8.64e15;

/** Seconds since 1970, UTC, with or without a fraction; undefined for all else, also for a time that no calendar has. */
export function instantOfSeconds(seconds: unknown): EpochMs | undefined {
  if (typeof seconds !== "number") return undefined;
  const instant = Math.round(seconds * 1000);
  return Math.abs(instant) <= maxTimeMs ? instant : undefined;
}
