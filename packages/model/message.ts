import type { Check } from "./observation.ts";
import type { EpochMs } from "./time.ts";

/** One MQTT publish or HTTP post as it arrived. */
export interface RawMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Time of receipt; a repeated delivery keeps the first one. */
  readonly receivedAt: EpochMs;
  /** Id of the credential that brought it: the tenant comes from here, never from the payload. */
  readonly source: string;
}

/**
 * The time that a device gave for a reading. `local` is a wall clock without a zone: `YYYY-MM-DDTHH:mm[:ss[.sss]]`;
 * `sinceReceiptMs` is told from the time of receipt, negative for the past; `foretold` is when something is expected, and may be to come.
 */
export type ReadingTime =
  | { readonly instant: EpochMs }
  | { readonly foretold: EpochMs }
  | { readonly local: string }
  | { readonly sinceReceiptMs: number };

/** What a format found in a message, in the device's own words and units. */
export interface Reading {
  /** External id `<scheme>:<id>`. */
  readonly device: string;
  /** The device's own word, a path for nested fields: `SML.Verbrauch_Summe`. */
  readonly name: string;
  readonly value: number | string | boolean;
  /** Observed property, where format or profile know it; else the device's `fields` in the registry must. */
  readonly property?: string;
  /** Phase, lane, tariff, second sensor, ...: `[A-Za-z0-9_-]{1,64}`. */
  readonly channel?: string;
  /** UCUM code. Absent: only the registry can know it; never guessed. */
  readonly unit?: string;
  /** Absent: the time of receipt. Of an amount: the end of its interval. */
  readonly time?: ReadingTime;
  /** Of an amount. */
  readonly intervalMs?: number;
  /** Marks that the device itself gave (`device`). */
  readonly checks?: readonly Check[];
}

export const refusalCodes = [
  "no_format", // no format claims topic and content
  "malformed", // not what the format's specification says
  "too_large",
  "too_deep",
  "invalid_utf8",
  "invalid_value", // NaN, infinite, not a number where one is needed, a word outside the closed set
  "invalid_time",
  "unknown_unit",
  "unit_mismatch", // the unit is known but cannot become the property's unit
  "unknown_property",
  "unknown_device",
  "foreign_device", // the credential may not speak for this device or topic
  "no_profile", // decoded fields, but no device profile says what they mean
  "no_codec", // a raw frame that nothing here can decode
  "codec_failed", // the profile's layout or codec refuses the frame, or takes more time or memory than it may
  "store_refused", // a good observation that the store behind the bus never takes: older than it keeps, or of another type than the series
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** Why a message, or one reading of it, could not become an observation. A value, not an exception. */
export interface Refusal {
  readonly code: RefusalCode;
  /** What was expected, and what to do about it, in a sentence. */
  readonly expected: string;
  /** What came, shortened to at most 200 characters. */
  readonly came: string;
  /** The reading concerned; absent when the whole message is. */
  readonly reading?: string;
  readonly device?: string;
}

const cameMaxLength = 200;

export function refusal(code: RefusalCode, expected: string, came: unknown): Refusal {
  const text = typeof came === "string" ? came : (JSON.stringify(came) ?? String(came));
  return { code, expected, came: text.length > cameMaxLength ? `${text.slice(0, cameMaxLength - 1)}…` : text };
}
