import type { EpochMs, Reading } from "@messnetz/model";
import { instantOf } from "./instant.ts";
import { isJsonObject } from "./json-object.ts";

/**
 * The Things Stack's normalised payload says the same of every model: keys and units are fixed by the schema `lib/payload.json` of the
 * LoRaWAN Device Repository. Path → property and unit.
 */
const fields: ReadonlyMap<string, { readonly property: string; readonly unit: string }> = new Map([
  ["air.temperature", { property: "air_temperature", unit: "Cel" }],
  ["air.relativeHumidity", { property: "relative_humidity", unit: "%" }],
  ["air.pressure", { property: "air_pressure", unit: "hPa" }],
  ["air.co2", { property: "co2", unit: "[ppm]" }],
  ["air.lightIntensity", { property: "illuminance", unit: "lx" }],
  ["wind.speed", { property: "wind_speed", unit: "m/s" }],
  ["wind.direction", { property: "wind_direction", unit: "deg" }],
  ["soil.moisture", { property: "soil_moisture", unit: "%" }],
  ["soil.temperature", { property: "soil_temperature", unit: "Cel" }],
  ["soil.ec", { property: "soil_conductivity", unit: "dS/m" }],
  ["soil.pH", { property: "ph", unit: "[pH]" }],
  ["water.leak", { property: "water_leak", unit: "1" }],
  ["battery", { property: "battery_voltage", unit: "V" }],
]);

export interface NormalizedReadings {
  readonly readings: readonly Reading[];
  /** The values of these readings, as they came. */
  readonly values: ReadonlySet<unknown>;
}

/** The readings of a `normalized_payload`: measurements, each perhaps with a time of its own. */
export function readNormalized(
  payload: unknown,
  { device, time }: { readonly device: string; readonly time: EpochMs | undefined },
): NormalizedReadings {
  const readings: Reading[] = [];
  const values = new Set<unknown>();
  for (const measurement of Array.isArray(payload) ? payload : []) {
    if (!isJsonObject(measurement)) continue;
    const instant = instantOf(measurement["time"]) ?? time;
    for (const [path, value] of leaves(measurement)) {
      const field = fields.get(path);
      if (field === undefined || (typeof value !== "number" && typeof value !== "boolean")) continue;
      values.add(value);
      const at = instant === undefined ? undefined : { time: { instant } };
      readings.push({ device, name: `normalized_payload.${path}`, value, ...field, ...at });
    }
  }
  return { readings, values };
}

function* leaves(measurement: Readonly<Record<string, unknown>>): Generator<readonly [string, unknown]> {
  for (const [key, value] of Object.entries(measurement)) {
    if (!isJsonObject(value)) yield [key, value];
    else for (const [inner, leaf] of Object.entries(value)) yield [`${key}.${inner}`, leaf];
  }
}
