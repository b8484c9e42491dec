import type { EpochMs } from "@messnetz/model";
import { localClock } from "./berlin-time.ts";
import type { Dice } from "./dice.ts";
import { createRunningTotal } from "./running-total.ts";

/** The weather over the town: one for all its things, so that they agree. */
export interface Weather {
  /** Cel */
  temperature(at: EpochMs): number;
  /** mm/h */
  rainRate(at: EpochMs): number;
  /** mm since `weatherEpoch`. */
  rainTotal(at: EpochMs): number;
  /** W/m2 on the horizontal. */
  irradiance(at: EpochMs): number;
  /** kW.h/m2 since `weatherEpoch`. */
  irradiation(at: EpochMs): number;
  /** % */
  humidity(at: EpochMs): number;
  /** hPa at the station. */
  pressure(at: EpochMs): number;
  /** m/s */
  wind(at: EpochMs): number;
  /** deg, from where it blows. */
  windDirection(at: EpochMs): number;
}

/** Before it the town's running totals are 0. */
export const weatherEpoch: EpochMs = Date.UTC(2025, 0, 1);

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const yearDays = 365.25;
/** Chance of rain on a day: about 180 days a year in northern Germany. */
const rainChance = 0.48;
/** Of full sun on the horizontal at 52° north (DWD, global radiation). */
const solarNoonPeak = { winter: 180, summer: 880 };

export function createWeather(dice: Dice): Weather {
  /** 0 in mid-January, 1 in mid-July. */
  const season = (at: EpochMs): number => {
    const dayOfYear = (at / dayMs) % yearDays;
    return (1 - Math.cos(((dayOfYear - 15) / yearDays) * 2 * Math.PI)) / 2;
  };
  const cloud = (at: EpochMs): number => (dice.wander("cloud", at / hourMs, 18) + 1) / 2;

  function shower(day: number): { from: EpochMs; lengthMs: number; peak: number } | undefined {
    if (dice.roll("rain", day) > rainChance) return undefined;
    const heavy = dice.roll("rain-peak", day) ** 3;
    return {
      from: day * dayMs + dice.roll("rain-from", day) * 20 * hourMs,
      lengthMs: (0.7 + (1 - heavy) * 4.5 * dice.roll("rain-length", day)) * hourMs,
      peak: 0.6 + heavy * 22,
    };
  }
  function rainRate(at: EpochMs): number {
    const today = Math.floor(at / dayMs);
    let rate = 0;
    for (const day of [today - 1, today]) {
      const rain = shower(day);
      if (rain === undefined || at < rain.from || at > rain.from + rain.lengthMs) continue;
      rate += rain.peak * Math.sin((Math.PI * (at - rain.from)) / rain.lengthMs) ** 2;
    }
    return rate;
  }
  function irradiance(at: EpochMs): number {
    const { hour } = localClock(at);
    const warm = season(at);
    const halfDay = 4 + 4.2 * warm; // hours between sunrise and noon
    const noon = 12.3 + warm;
    const height = Math.cos(((hour - noon) / halfDay) * (Math.PI / 2));
    if (Math.abs(hour - noon) >= halfDay) return 0;
    const peak = solarNoonPeak.winter + (solarNoonPeak.summer - solarNoonPeak.winter) * warm;
    return peak * height * (1 - 0.75 * cloud(at));
  }
  const temperature = (at: EpochMs): number => {
    const { hour } = localClock(at);
    const daily = -Math.cos(((hour - 4) / 24) * 2 * Math.PI) * (2 + 3 * season(at)) * (1 - 0.5 * cloud(at));
    return (
      1 + 18 * season(at) + daily + 4 * dice.wander("temperature", at / hourMs, 120) - Math.min(3, rainRate(at) / 3)
    );
  };
  return {
    temperature,
    rainRate,
    rainTotal: createRunningTotal(weatherEpoch, rainRate),
    irradiance,
    irradiation: createRunningTotal(weatherEpoch, (at) => irradiance(at) / 1000),
    humidity: (at) =>
      Math.min(
        99,
        Math.max(25, 88 - irradiance(at) / 18 + 8 * dice.wander("humidity", at / hourMs, 30) + rainRate(at)),
      ),
    pressure: (at) => 998 + 14 * dice.wander("pressure", at / hourMs, 150) - Math.min(4, rainRate(at)),
    wind: (at) => Math.max(0.2, 3.5 + 2.5 * dice.wander("wind", at / hourMs, 12) + dice.wander("gust", at / 60_000, 6)),
    windDirection: (at) => (230 + 90 * dice.wander("wind-direction", at / hourMs, 48) + 360) % 360,
  };
}
