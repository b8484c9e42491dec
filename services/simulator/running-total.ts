import type { EpochMs } from "@messnetz/model";

const hourMs = 3_600_000;
const samplesPerHour = 4;

/**
 * The integral of a rate per hour since `from`, remembered hour by hour: asked for any instant, in any order, the same answer. Grows
 * wherever the rate is not negative. 0 before `from`.
 */
export function createRunningTotal(from: EpochMs, ratePerHour: (at: EpochMs) => number): (at: EpochMs) => number {
  const atFullHour = [0];
  const hourTotal = (hour: number): number => {
    let sum = 0;
    for (let n = 0; n < samplesPerHour; n++) sum += ratePerHour(from + (hour + (n + 0.5) / samplesPerHour) * hourMs);
    return sum / samplesPerHour;
  };
  return (at) => {
    const hours = (at - from) / hourMs;
    if (hours <= 0) return 0;
    const full = Math.floor(hours);
    for (let hour = atFullHour.length - 1; hour <= full; hour++) atFullHour.push(atFullHour[hour]! + hourTotal(hour));
    return atFullHour[full]! + (atFullHour[full + 1]! - atFullHour[full]!) * (hours - full);
  };
}
