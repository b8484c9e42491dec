import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/** Word of the ontology → observed property; the unit comes with the point. */
const properties: ReadonlyMap<string, string> = new Map([
  ["temperature", "temperature"],
  ["airTemperature", "air_temperature"],
  ["soilTemperature", "soil_temperature"],
  ["waterTemperature", "water_temperature"],
  ["humidity", "relative_humidity"],
  ["airHumidity", "relative_humidity"],
  ["relativeHumidity", "relative_humidity"],
  ["soilMoisture", "soil_moisture"],
  ["atmosphericPressure", "air_pressure"],
  ["airPressure", "air_pressure"],
  ["CO2Level", "co2"],
  ["CO2", "co2"],
  ["co2", "co2"],
  ["light", "illuminance"],
  ["illuminance", "illuminance"],
  ["batteryLevel", "battery_level"],
  ["batteryVoltage", "battery_voltage"],
  ["distance", "distance"],
  ["windSpeed", "wind_speed"],
  ["windDirection", "wind_direction"],
  ["pressure", "pressure"],
  ["voltage", "voltage"],
  ["current", "current"],
  ["activePower", "active_power"],
  ["activeEnergy", "active_energy"],
]);

/** The same of a position, which may be older than the message. */
const positionProperties: ReadonlyMap<string, string> = new Map([
  ["altitude", "altitude"],
  ["accuracy", "position_accuracy"],
  ["speed", "speed"],
]);

/** Spellings of the ontology that are not UCUM's. */
const units: ReadonlyMap<string, string> = new Map([
  ["%RH", "%"],
  ["ppm", "[ppm]"],
  ["lux", "lx"],
]);

export interface PointReadings {
  readonly readings: readonly Reading[];
  readonly refusals: readonly Refusal[];
}

/**
 * The readings of ThingPark's `points`: each has a `unitId` and a `record`, or `records` with times. Of a location the record is [longitude,
 * latitude]; it, its altitude, accuracy and speed were taken `age` before the message.
 */
export function readPoints(
  points: JsonObject,
  { device, time }: { readonly device: string; readonly time: EpochMs | undefined },
): PointReadings {
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  const age = ageOf(points["age"]);
  const positionTime = time === undefined ? undefined : time - age;

  function refuse(name: string, reason: Refusal): void {
    if (refusals.length < maxRefusals) refusals.push({ ...reason, device, reading: name.slice(0, maxName) });
  }

  function add(name: string, value: number | boolean, meaning: Meaning): void {
    const { property, unit, at } = meaning;
    readings.push({
      device,
      name: `points.${name}`,
      value,
      property,
      ...(unit !== undefined && { unit }),
      ...(at !== undefined && { time: { instant: at } }),
    });
  }

  for (const [name, point] of Object.entries(points)) {
    if (name === "age" || !isJsonObject(point)) continue;
    const { record, unitId } = point;
    if (name === "location") {
      const [longitude, latitude] = Array.isArray(record) ? (record as unknown[]) : [];
      if (typeof longitude !== "number" || typeof latitude !== "number") {
        refuse(name, refusal("invalid_value", "[longitude, latitude]", record));
        continue;
      }
      add("longitude", longitude, { property: "longitude", unit: "deg", at: positionTime });
      add("latitude", latitude, { property: "latitude", unit: "deg", at: positionTime });
      continue;
    }
    const ofPosition = positionProperties.get(name);
    const property = ofPosition ?? properties.get(name);
    if (property === undefined) {
      refuse(name, refusal("unknown_property", "a point of ThingPark's ontology that has an observed property", point));
    } else if (typeof record !== "number" && typeof record !== "boolean") {
      refuse(name, refusal("invalid_value", "a number in `record`", record));
    } else {
      const unit = typeof unitId === "string" ? (units.get(unitId) ?? unitId) : undefined;
      add(name, record, { property, unit, at: ofPosition === undefined ? time : positionTime });
    }
  }
  return { readings, refusals };
}

interface Meaning {
  readonly property: string;
  readonly unit: string | undefined;
  readonly at: EpochMs | undefined;
}

const maxRefusals = 32;
const maxName = 100;

/** Milliseconds. */
function ageOf(point: unknown): number {
  const { record, unitId } = isJsonObject(point) ? point : ({} as JsonObject);
  return typeof record === "number" && unitId === "s" && record >= 0 ? record * 1000 : 0;
}
