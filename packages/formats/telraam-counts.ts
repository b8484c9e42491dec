import type { Reading } from "@messnetz/model";
import type { JsonObject } from "./json-object.ts";

type Common = Pick<Reading, "device" | "time" | "intervalMs" | "checks">;

const classes: Readonly<
  Record<string, { readonly property: string; readonly unit: string; readonly channel?: string }>
> = {
  car: { property: "vehicle_count", unit: "{vehicle}", channel: "car" },
  heavy: { property: "vehicle_count", unit: "{vehicle}", channel: "heavy" },
  lorry: { property: "vehicle_count", unit: "{vehicle}", channel: "heavy" },
  /** What passes in the dark cannot be told apart (second camera). */
  night: { property: "vehicle_count", unit: "{vehicle}", channel: "night" },
  bike: { property: "bicycle_count", unit: "{bicycle}" },
  pedestrian: { property: "pedestrian_count", unit: "{person}" },
};

/** The ten classes of the second camera, `mode_<class>_lft` and `_rgt`, and what the four above are sums of. */
const modes: Readonly<Record<string, { readonly property: string; readonly unit: string }>> = {
  bicycle: { property: "bicycle_count", unit: "{bicycle}" },
  pedestrian: { property: "pedestrian_count", unit: "{person}" },
  stroller: { property: "pedestrian_count", unit: "{person}" },
};
const vehicle = { property: "vehicle_count", unit: "{vehicle}" };

/** Both directions, and those that go to the left and right as the camera looks. */
const sides = [
  ["", undefined],
  ["_lft", "left"],
  ["_rgt", "right"],
] as const;

const modeField = /^mode_([a-z]{2,20})_(lft|rgt)$/u;

/** Per cent of the cars by class of speed: `car_speed_hist_0to70plus` in steps of 10 km/h, `_0to120plus` in steps of 5. */
const histograms = [
  ["car_speed_hist_0to70plus", 10, 8],
  ["car_speed_hist_0to120plus", 5, 25],
] as const;

/** Of an interval of which less was seen, the maker advises to trust nothing. */
const leastUptime = 0.5;

/** Readings of one record, in the order of its words; `common` has the end of the interval and its length. */
export function countReadings(record: JsonObject, common: Common): readonly Reading[] {
  const readings: Reading[] = [];
  const uptime = record["uptime"] ?? record["pct_up"];
  const isDoubtful = typeof uptime === "number" && uptime < leastUptime;
  const of: Common = isDoubtful ? { ...common, checks: ["device"] } : common;
  if (isNumber(uptime)) {
    readings.push({ ...common, name: "uptime", property: "observed_share", unit: "1", value: uptime });
  }
  for (const [word, { property, unit, channel }] of Object.entries(classes)) {
    for (const [suffix, side] of sides) {
      const value = record[`${word}${suffix}`];
      if (!isNumber(value)) continue;
      const names = [channel, side].filter((name) => name !== undefined).join("-");
      readings.push({
        ...of,
        name: `${word}${suffix}`,
        property,
        unit,
        ...(names !== "" && { channel: names }),
        value,
      });
    }
  }
  for (const [name, value] of Object.entries(record)) {
    const [, mode, side] = modeField.exec(name) ?? [];
    if (mode === undefined || !isNumber(value)) continue;
    const channel = `${mode}-${side === "lft" ? "left" : "right"}`;
    readings.push({ ...of, name, ...(Object.hasOwn(modes, mode) ? modes[mode] : vehicle), channel, value });
  }
  const { v85 } = record;
  if (isNumber(v85)) {
    readings.push({ ...of, name: "v85", property: "vehicle_speed", unit: "km/h", channel: "v85", value: v85 });
  }
  readHistograms(record, of, readings);
  readFirstHistogram(record, of, readings);
  return readings;
}

/** Of the first version: cars, not per cent, by class of speed in steps of 10 km/h; `car_speed_bucket` says which classes. */
function readFirstHistogram(record: JsonObject, common: Common, readings: Reading[]): void {
  const { car_speed_histogram: cars, car_speed_bucket: buckets } = record;
  if (!Array.isArray(cars) || !Array.isArray(buckets) || cars.length !== buckets.length) return;
  for (const [at, value] of (cars as readonly unknown[]).entries()) {
    const bucket: unknown = buckets[at];
    if (!isNumber(value) || typeof bucket !== "number" || !Number.isInteger(bucket) || bucket < 0 || bucket > 7)
      continue;
    const channel = `car-${bucket * 10}${bucket === 7 ? "plus" : `-${(bucket + 1) * 10}`}`;
    readings.push({ ...common, name: "car_speed_histogram", ...vehicle, channel, value });
  }
}

function readHistograms(record: JsonObject, common: Common, readings: Reading[]): void {
  for (const [name, step, length] of histograms) {
    const shares = record[name];
    if (!Array.isArray(shares) || shares.length !== length) continue;
    for (const [at, value] of (shares as readonly unknown[]).entries()) {
      const end = at === length - 1 ? "plus" : `-${(at + 1) * step}`;
      const channel = `car-${at * step}${end}`;
      if (isNumber(value)) readings.push({ ...common, name, property: "speed_class_share", unit: "%", channel, value });
    }
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
