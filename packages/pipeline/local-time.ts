import type { EpochMs } from "@messnetz/model";

const wallClock = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$/;

export interface PlacedTime {
  readonly instant: EpochMs;
  /** The wall clock showed it twice, and the time of receipt told which was meant. */
  readonly isByReceipt: boolean;
}

/**
 * The instant that a wall clock in an IANA zone showed; undefined where the text is no date and time. An hour that happened twice is
 * the later one that is not after `receivedAt`, as devices send what is new; an hour that never was is moved forward (Temporal's `compatible`).
 * @throws RangeError for an unknown zone
 */
export function resolveLocalTime(local: string, zone: string, receivedAt: EpochMs): PlacedTime | undefined {
  if (!wallClock.test(local)) return undefined;
  const plain = parsePlain(local);
  if (plain === undefined) return undefined;
  const later = plain.toZonedDateTime(zone, { disambiguation: "later" }).epochMilliseconds;
  const earlier = plain.toZonedDateTime(zone, { disambiguation: "earlier" }).epochMilliseconds;
  if (later === earlier) return { instant: later, isByReceipt: false };
  const skipped = plain.toZonedDateTime(zone).toPlainDateTime().toString() !== plain.toString();
  if (skipped) return { instant: plain.toZonedDateTime(zone).epochMilliseconds, isByReceipt: false };
  return { instant: later <= receivedAt ? later : earlier, isByReceipt: true };
}

function parsePlain(local: string): Temporal.PlainDateTime | undefined {
  try {
    return Temporal.PlainDateTime.from(local, { overflow: "reject" });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
