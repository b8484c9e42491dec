import type { EpochMs, Reading, Refusal } from "@messnetz/model";
import type { ClockLimits } from "./clock-limits.ts";
import { normaliseTime, type NormalisedTime } from "./normalise.ts";

/**
 * The instants of readings, as `normaliseTime`. Readings of one message share their time: a wall clock is placed once for all of them, for
 * that takes longer than all else.
 */
export function createTimePlacer(limits: ClockLimits) {
  let time: Reading["time"];
  let timeZone: string | undefined;
  let receivedAt: EpochMs | undefined;
  let when: NormalisedTime | Refusal | undefined;

  return function placeTime(reading: Reading, zone: string | undefined, received: EpochMs): NormalisedTime | Refusal {
    const isSame = when !== undefined && time !== undefined && reading.time === time;
    if (isSame && timeZone === zone && receivedAt === received) return when!;
    when = normaliseTime(reading, { receivedAt: received, timeZone: zone, limits });
    time = reading.time;
    timeZone = zone;
    receivedAt = received;
    return when;
  };
}
