import type { EpochMs } from "@messnetz/model";
import { hourMs, type Sample } from "./samples.fixture.ts";

/** What is expected of a window, from the readings themselves, one after the other: knows nothing of base windows. */
export interface Expected {
  readonly count: number;
  readonly min?: { value: number; time: EpochMs };
  readonly max?: { value: number; time: EpochMs };
  readonly first?: { value: number; time: EpochMs };
  readonly last?: { value: number; time: EpochMs };
  readonly coveredMs: number;
  readonly integral: number;
}

/** Numbers, ascending by time. Each holds until the next, at most `maxMs`. */
export function expectedGauge(
  samples: readonly Sample[],
  window: { from: EpochMs; to: EpochMs },
  maxMs: number,
): Expected {
  const good = samples
    .filter(({ quality }) => quality !== "bad")
    .map(({ time, result }) => ({ time, value: result as number }));
  const inside = good.filter(({ time }) => time >= window.from && time < window.to);
  const byValue = inside.toSorted((a, b) => a.value - b.value || a.time - b.time);
  const byFall = inside.toSorted((a, b) => b.value - a.value || a.time - b.time);
  let coveredMs = 0;
  let integral = 0;
  good.forEach(({ time, value }, n) => {
    const until = Math.min(good[n + 1]?.time ?? Number.POSITIVE_INFINITY, time + maxMs, window.to);
    const heldMs = Math.max(0, until - Math.max(time, window.from));
    coveredMs += heldMs;
    integral += value * heldMs;
  });
  return {
    count: inside.length,
    coveredMs,
    integral: integral / hourMs,
    ...(inside.length === 0 ? {} : { min: byValue[0]!, max: byFall[0]!, first: inside[0]!, last: inside.at(-1)! }),
  };
}

/** What a device tells, and what it does not: how much was consumed when it told it. All in whole steps of the register. */
export interface Metered {
  readonly time: EpochMs;
  readonly shown: number;
  readonly consumed: number;
}

/**
 * Consumption until `instant`: in a straight line between the readings around it, rounded once (half up), the first or last one where there
 * is none on one side.
 */
export function consumedUntil(readings: readonly Metered[], instant: EpochMs): number {
  const after = readings.find(({ time }) => time >= instant);
  const before = readings.findLast(({ time }) => time <= instant);
  if (before === undefined || after === undefined) return (before ?? after)!.consumed;
  if (before.time === instant) return before.consumed;
  const part = BigInt(after.consumed - before.consumed) * BigInt(instant - before.time);
  const whole = BigInt(after.time - before.time);
  // floor(x + 1/2) of a fraction that is never negative here.
  return before.consumed + Number((2n * part + whole) / (2n * whole));
}
