import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
import { instantOf } from "./instant.ts";
import { isJsonObject } from "./json-object.ts";

interface Field {
  readonly property: string;
  readonly unit: string;
  readonly channel?: string;
  /** Words that stand for a value. */
  readonly words?: Readonly<Record<string, boolean>>;
}

/**
 * The Things Stack's normalised payload says the same of every model: keys and units are fixed by the schema `lib/payload.json` of the
 * LoRaWAN Device Repository. Path → property and unit.
 */
const fields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["air.temperature", { property: "air_temperature", unit: "Cel" }],
  ["air.relativeHumidity", { property: "relative_humidity", unit: "%" }],
  ["air.pressure", { property: "air_pressure", unit: "hPa" }],
  ["air.co2", { property: "co2", unit: "[ppm]" }],
  ["air.lightIntensity", { property: "illuminance", unit: "lx" }],
  ["wind.speed", { property: "wind_speed", unit: "m/s" }],
  ["wind.direction", { property: "wind_direction", unit: "deg" }],
  ["rain.intensity", { property: "rainfall_rate", unit: "mm/h" }],
  ["rain.cumulative", { property: "rainfall_total", unit: "mm" }],
  ["soil.moisture", { property: "soil_moisture", unit: "%" }],
  ["soil.temperature", { property: "soil_temperature", unit: "Cel" }],
  ["soil.ec", { property: "soil_conductivity", unit: "dS/m" }],
  ["soil.pH", { property: "ph", unit: "[pH]" }],
  ["water.leak", { property: "water_leak", unit: "1" }],
  ["water.temperature.current", { property: "water_temperature", unit: "Cel" }],
  ["water.temperature.min", { property: "water_temperature", unit: "Cel", channel: "min" }],
  ["water.temperature.max", { property: "water_temperature", unit: "Cel", channel: "max" }],
  ["water.temperature.avg", { property: "water_temperature", unit: "Cel", channel: "avg" }],
  ["metering.water.total", { property: "water_volume", unit: "L" }],
  ["action.motion.detected", { property: "motion", unit: "1" }],
  ["action.motion.count", { property: "count", unit: "{count}", channel: "motion" }],
  ["action.contactState", { property: "contact_open", unit: "1", words: { open: true, closed: false } }],
  ["position.latitude", { property: "latitude", unit: "deg" }],
  ["position.longitude", { property: "longitude", unit: "deg" }],
  ["battery", { property: "battery_voltage", unit: "V" }],
]);

/** Said of a measurement, and no measurement. */
const circumstances: ReadonlySet<string> = new Set(["time", "air.location", "soil.depth"]);

export interface NormalizedReadings {
  readonly readings: readonly Reading[];
  /** Of fields that are not of the schema. */
  readonly refusals: readonly Refusal[];
  /** The values of these readings, as they came. */
  readonly values: ReadonlySet<unknown>;
}

/** The readings of a `normalized_payload`: measurements, each perhaps with a time and, in soil, a depth of its own. */
export function readNormalized(
  payload: unknown,
  { device, time }: { readonly device: string; readonly time: EpochMs | undefined },
): NormalizedReadings {
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  const values = new Set<unknown>();
  for (const measurement of Array.isArray(payload) ? payload : []) {
    if (!isJsonObject(measurement)) continue;
    const instant = instantOf(measurement["time"]) ?? time;
    const depth = depthOf(measurement["soil"]);
    for (const [path, raw] of leaves(measurement)) {
      if (circumstances.has(path)) continue;
      const name = `normalized_payload.${path}`;
      const field = fields.get(path);
      const value = field?.words !== undefined && typeof raw === "string" ? field.words[raw] : raw;
      if (field === undefined || (typeof value !== "number" && typeof value !== "boolean")) {
        if (refusals.length < maxRefusals) refusals.push({ ...unknown(path, raw), reading: name.slice(0, maxName) });
        continue;
      }
      values.add(raw);
      const channel = path.startsWith("soil.") ? depth : field.channel;
      const { property, unit } = field;
      readings.push({
        device,
        name,
        value,
        property,
        unit,
        ...(channel !== undefined && { channel }),
        ...(instant !== undefined && { time: { instant } }),
      });
    }
  }
  return { readings, refusals, values };
}

const maxRefusals = 32;
const maxName = 200;

function unknown(path: string, raw: unknown): Refusal {
  return fields.has(path)
    ? refusal("invalid_value", "a value as the schema of normalised payloads has it", raw)
    : refusal("unknown_property", "a field of the schema of normalised payloads that has an observed property", raw);
}

/** Two probes of one mast are two datastreams. */
function depthOf(soil: unknown): string | undefined {
  const depth = isJsonObject(soil) ? soil["depth"] : undefined;
  return typeof depth === "number" && depth >= 0 && depth < 10_000 ? `${Math.round(depth)}cm` : undefined;
}

/** No deeper than the schema. */
const maxDepth = 4;

function* leaves(
  object: Readonly<Record<string, unknown>>,
  path = "",
  depth = 1,
): Generator<readonly [string, unknown]> {
  for (const [key, value] of Object.entries(object)) {
    if (value === null) continue;
    if (isJsonObject(value) && depth < maxDepth) yield* leaves(value, `${path}${key}.`, depth + 1);
    else yield [`${path}${key}`, value];
  }
}
