import type { EpochMs } from "@messnetz/model";
import { localClock, winterClock } from "./berlin-time.ts";

/** How much of something there is over the hours of a day, as a factor of its mean. */
export interface Rhythm {
  /** The factor at an instant, by the town's wall clock. */
  at(time: EpochMs): number;
  /** Hours of the mean that have gone by since 1970: grows by `at` in each hour. Always by winter time. */
  hoursUntil(time: EpochMs): number;
}

const hoursPerDay = 24;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** From 24 weights for a working day and 24 for Saturday and Sunday; straight lines between the hours. */
export function createRhythm(workday: readonly number[], weekend: readonly number[] = workday): Rhythm {
  const curves = { workday: createCurve(workday), weekend: createCurve(weekend) };
  return {
    at(time) {
      const { hour, isWeekend } = localClock(time);
      return curves[isWeekend ? "weekend" : "workday"].at(hour);
    },
    hoursUntil(time) {
      const { hour, isWeekend } = winterClock(time);
      const days = Math.floor((time + hourMs) / dayMs);
      return days * hoursPerDay + curves[isWeekend ? "weekend" : "workday"].until(hour);
    },
  };
}

function createCurve(weights: readonly number[]): { at(hour: number): number; until(hour: number): number } {
  if (weights.length !== hoursPerDay) throw new Error(`expected 24 weights, came ${weights.length}`);
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / hoursPerDay;
  const factor = (hour: number): number => weights[hour % hoursPerDay]! / mean;
  const sums = [0];
  for (let hour = 0; hour < hoursPerDay; hour++) sums.push(sums[hour]! + (factor(hour) + factor(hour + 1)) / 2);
  const at = (hour: number): number => {
    const full = Math.floor(hour);
    return factor(full) + (factor(full + 1) - factor(full)) * (hour - full);
  };
  return {
    at,
    until(hour) {
      const full = Math.floor(hour);
      return sums[full]! + ((factor(full) + at(hour)) / 2) * (hour - full);
    },
  };
}

/* Shapes after published load profiles: water after DVGW W 410 (night minimum, morning and evening peak), electricity after BDEW H0,
   gas and heat by set-back at night, traffic and parking after counting stations of inner towns. */
export const waterRhythm = createRhythm(
  [
    0.25, 0.2, 0.18, 0.18, 0.25, 0.6, 1.4, 1.9, 1.6, 1.3, 1.2, 1.2, 1.3, 1.2, 1.0, 1.0, 1.1, 1.4, 1.7, 1.7, 1.4, 1.0,
    0.7, 0.4,
  ],
  [
    0.35, 0.25, 0.2, 0.18, 0.2, 0.3, 0.6, 1.0, 1.6, 2.0, 1.9, 1.6, 1.5, 1.3, 1.1, 1.0, 1.1, 1.4, 1.6, 1.6, 1.3, 1.0,
    0.7, 0.5,
  ],
);
export const electricityRhythm = createRhythm(
  [
    0.55, 0.45, 0.4, 0.4, 0.42, 0.5, 0.8, 1.0, 1.0, 1.0, 1.05, 1.2, 1.25, 1.1, 1.0, 0.95, 1.0, 1.2, 1.55, 1.7, 1.6,
    1.35, 1.05, 0.75,
  ],
  [
    0.7, 0.6, 0.5, 0.45, 0.45, 0.45, 0.55, 0.75, 1.05, 1.25, 1.35, 1.5, 1.5, 1.3, 1.15, 1.05, 1.05, 1.2, 1.5, 1.6, 1.5,
    1.3, 1.1, 0.9,
  ],
);
/** Import of a house with photovoltaics: little at noon. */
export const prosumerRhythm = createRhythm([
  1.1, 1.0, 0.9, 0.9, 0.9, 1.1, 1.5, 1.4, 0.8, 0.4, 0.2, 0.15, 0.15, 0.15, 0.2, 0.4, 0.9, 1.6, 2.2, 2.3, 2.1, 1.8, 1.5,
  1.2,
]);
export const heatRhythm = createRhythm([
  0.5, 0.5, 0.5, 0.5, 0.7, 1.3, 1.8, 1.7, 1.4, 1.1, 1.0, 0.9, 0.9, 0.9, 0.9, 1.0, 1.1, 1.3, 1.4, 1.4, 1.3, 1.0, 0.7,
  0.5,
]);
export const trafficRhythm = createRhythm(
  [
    0.15, 0.1, 0.07, 0.08, 0.2, 0.6, 1.4, 2.1, 1.8, 1.3, 1.2, 1.3, 1.4, 1.4, 1.5, 1.8, 2.1, 2.2, 1.6, 1.1, 0.8, 0.6,
    0.45, 0.3,
  ],
  [
    0.5, 0.35, 0.25, 0.15, 0.12, 0.15, 0.3, 0.5, 0.8, 1.2, 1.6, 1.7, 1.6, 1.6, 1.6, 1.6, 1.6, 1.5, 1.3, 1.1, 0.9, 0.7,
    0.6, 0.55,
  ],
);
export const shoppingRhythm = createRhythm([
  0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 0.8, 1.3, 1.7, 2.0, 2.0, 1.8, 1.7, 1.8, 1.9, 2.0, 1.8, 1.4, 1.0, 0.7, 0.5, 0.3,
  0.2,
]);
