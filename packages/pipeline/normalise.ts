import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
import type { ClockLimits } from "./clock-limits.ts";
import type { Route } from "./lanes.ts";
import { resolveLocalTime } from "./local-time.ts";

const maxWordLength = 256;

/** The reading's value in the canonical unit, or the word of a state. */
export function normaliseValue(reading: Reading, route: Route): number | string | Refusal {
  const { observed } = route;
  const { value } = reading;
  if (observed.kind !== "state") {
    return typeof value === "number" ? normaliseNumber(value, route, reading.name) : notWanted("a number", reading);
  }
  if (observed.range !== undefined) {
    return typeof value !== "string" && (value === true || value === false || value === 0 || value === 1)
      ? Number(value)
      : notWanted("true, false, 0 or 1", reading);
  }
  if (observed.states !== undefined) {
    return typeof value === "string" && observed.states.includes(value)
      ? value
      : notWanted(`one of the words ${observed.states.join(", ")}`, reading);
  }
  // A word of the device's own; some say it as a number.
  if (typeof value !== "string") {
    return Number.isFinite(Number(value)) ? Number(value) : notWanted("a finite number", reading);
  }
  return value !== "" && value.length <= maxWordLength && !hasControlCharacter(value)
    ? value
    : notWanted(`a word of 1 to ${maxWordLength} printable characters`, reading);
}

function normaliseNumber(value: number, route: Route, name: string): number | Refusal {
  const result = route.convert === undefined ? value : route.convert(value);
  return Number.isFinite(result) ? result : refusal("invalid_value", `a finite number for ${name}`, String(value));
}

function notWanted(wanted: string, reading: Reading): Refusal {
  const { value, name } = reading;
  return refusal("invalid_value", `${wanted} for ${name}`, typeof value === "string" ? value : String(value));
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return !text.isWellFormed();
}

export interface NormalisedTime {
  readonly time: EpochMs;
  /** The time hangs on the time of receipt. */
  readonly isReceipt: boolean;
  /** What an impossible clock said; the time of receipt stands then. */
  readonly deviceTime?: EpochMs;
}

/** The instant of a reading, or the time of receipt where it has none, none that can be placed, or an impossible one. */
export function normaliseTime(
  reading: Reading,
  context: { receivedAt: EpochMs; timeZone: string | undefined; limits: ClockLimits },
): NormalisedTime | Refusal {
  const { receivedAt, timeZone, limits } = context;
  const { time } = reading;
  if (time === undefined) return { time: receivedAt, isReceipt: true };
  if ("sinceReceiptMs" in time) {
    if (!isInstant(receivedAt + time.sinceReceiptMs)) {
      return refusal("invalid_time", "a time that can be", String(time.sinceReceiptMs));
    }
    return believe(receivedAt + Math.round(time.sinceReceiptMs), {
      receivedAt,
      limits,
      isReceipt: true,
    });
  }
  if ("instant" in time) {
    if (!isInstant(time.instant)) return refusal("invalid_time", "an instant", String(time.instant));
    return believe(Math.floor(time.instant), { receivedAt, limits, isReceipt: false });
  }
  if ("foretold" in time) {
    if (!isInstant(time.foretold)) return refusal("invalid_time", "an instant", String(time.foretold));
    const ahead = { ...limits, maxAheadMs: Math.max(limits.maxAheadMs, maxForecastMs) };
    return believe(Math.floor(time.foretold), { receivedAt, limits: ahead, isReceipt: false });
  }
  const placed = resolveLocalTime(time.local, timeZone ?? "UTC", receivedAt);
  if (placed === undefined) return refusal("invalid_time", "a local time YYYY-MM-DDTHH:mm:ss", time.local);
  // A wall clock that nobody can place says nothing. One that showed the same twice is placed by when it came.
  if (timeZone === undefined) return { time: receivedAt, isReceipt: true };
  return believe(placed.instant, { receivedAt, limits, isReceipt: placed.isByReceipt });
}

/** ECMA-262, clause 21.4.1.1: the range of time, in milliseconds. */
const maxInstant = 8.64e15;

/** Vehicles are expected within the day of service, which ends in the night after; a broken clock says years. */
const maxForecastMs = 48 * 3_600_000;

function isInstant(instant: number): boolean {
  return Math.abs(instant) <= maxInstant;
}

function believe(
  instant: EpochMs,
  context: { receivedAt: EpochMs; limits: ClockLimits; isReceipt: boolean },
): NormalisedTime {
  const { receivedAt, limits, isReceipt } = context;
  if (instant < limits.earliest || instant > receivedAt + limits.maxAheadMs) {
    return { time: receivedAt, isReceipt: true, deviceTime: instant };
  }
  return { time: instant, isReceipt };
}
