import { z } from "zod";

/** Milliseconds since 1970-01-01T00:00:00Z, an integer. The only form of an instant inside Messnetz. */
export type EpochMs = number;

/** A half-open span of time `[from, to)`. */
export interface Interval {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** ISO 8601 with a zone, at the edge; an `EpochMs` inside. Digits below a millisecond are cut. */
export const instantSchema = z.iso.datetime({ offset: true }).transform((text): EpochMs => Date.parse(text));

export function toIso(instant: EpochMs): string {
  return new Date(instant).toISOString();
}

/** Whether the name is a zone of the IANA time zone database that this runtime knows. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
