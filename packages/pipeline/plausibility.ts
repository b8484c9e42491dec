/** How fast a value may change and how long it may stand still before that is odd. Keyed by observed property. */
export interface Plausibility {
  /** In the canonical unit per second. */
  readonly maxRatePerSecond?: number;
  /** Marked `stuck` when unchanged for this long ... */
  readonly stuckAfterMs?: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Only properties for which a bound can be given for every town: quantities that are never still (weather, mains) are stuck when they
 * are; rates beyond these are faults of a sensor, not events. Physical bounds, chosen wide; a mark never drops a value.
 */
export const plausibility: ReadonlyMap<string, Plausibility> = new Map<string, Plausibility>([
  ["air_temperature", { maxRatePerSecond: 5 / 60, stuckAfterMs: dayMs }],
  ["relative_humidity", { maxRatePerSecond: 50 / 60 }],
  ["air_pressure", { maxRatePerSecond: 5 / 60, stuckAfterMs: dayMs }],
  ["water_temperature", { maxRatePerSecond: 5 / 60 }],
  ["water_level", { maxRatePerSecond: 0.1 }],
  ["groundwater_level", { maxRatePerSecond: 0.05 }],
  ["fill_level", { maxRatePerSecond: 100 }],
  ["voltage", { stuckAfterMs: dayMs }],
  ["frequency", { maxRatePerSecond: 1 }],
  ["wind_speed", { stuckAfterMs: 2 * dayMs }],
]);
