import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
import { decimalOf } from "./decimal.ts";
import { channelOf, deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/**
 * sensor.community: what airRohr firmware pushes (`esp8266id`, `sensordatavalues`), and what the project's API gives, which has a
 * time and one sensor an entry. Values are text. A word is `<sensor>_<quantity>`, the sensor becomes the channel; pressure is in Pa.
 */
export const sensorCommunity: PayloadFormat = {
  name: "sensor-community",
  revision: 1,
  topics: ["#"],
  specification: "https://github.com/opendata-stuttgart/meta/wiki/APIs",
  recognises(message) {
    const first = message.payload[0];
    if (first !== 0x7b && first !== 0x5b) return false;
    const payload = message.json();
    const entry: unknown = Array.isArray(payload) ? payload[0] : payload;
    return isJsonObject(entry) && Array.isArray(entry["sensordatavalues"]);
  },
  decode,
};

/** By the last part of the word, as the firmware writes it. */
const quantities: ReadonlyMap<string, { readonly property: string; readonly unit: string; readonly part?: string }> =
  new Map([
    ["P0", { property: "pm1", unit: "ug/m3" }],
    ["P1", { property: "pm10", unit: "ug/m3" }],
    ["P2", { property: "pm2_5", unit: "ug/m3" }],
    ["P4", { property: "pm4", unit: "ug/m3" }],
    ["N01", { property: "particle_count", unit: "/cm3", part: "N01" }],
    ["N03", { property: "particle_count", unit: "/cm3", part: "N03" }],
    ["N05", { property: "particle_count", unit: "/cm3", part: "N05" }],
    ["N1", { property: "particle_count", unit: "/cm3", part: "N1" }],
    ["N25", { property: "particle_count", unit: "/cm3", part: "N25" }],
    ["N4", { property: "particle_count", unit: "/cm3", part: "N4" }],
    ["N5", { property: "particle_count", unit: "/cm3", part: "N5" }],
    ["N10", { property: "particle_count", unit: "/cm3", part: "N10" }],
    ["TS", { property: "particle_size", unit: "um" }],
    ["temperature", { property: "temperature", unit: "Cel" }],
    ["humidity", { property: "relative_humidity", unit: "%" }],
    ["pressure", { property: "air_pressure", unit: "Pa" }],
    ["LAeq", { property: "sound_level", unit: "dB", part: "LAeq" }],
    ["min", { property: "sound_level", unit: "dB", part: "LA_min" }],
    ["max", { property: "sound_level", unit: "dB", part: "LA_max" }],
    ["lat", { property: "latitude", unit: "deg" }],
    ["lon", { property: "longitude", unit: "deg" }],
    ["height", { property: "altitude", unit: "m" }],
    ["cpm", { property: "radiation_count_rate", unit: "{count}/min" }],
  ]);

/** Words without a sensor before them. */
const whole: ReadonlyMap<string, { readonly property: string; readonly unit: string; readonly part?: string }> =
  new Map([
    ["signal", { property: "rssi", unit: "dB[mW]" }],
    ["pressure_at_sealevel", { property: "air_pressure_sea_level", unit: "Pa" }],
    ["pressure_sealevel", { property: "air_pressure_sea_level", unit: "Pa" }],
    ["counts_per_minute", { property: "radiation_count_rate", unit: "{count}/min" }],
    ["co2_ppm", { property: "co2", unit: "[ppm]" }],
    ["SCD30_co2_ppm", { property: "co2", unit: "[ppm]", part: "SCD30" }],
    ["noise_LAeq", { property: "sound_level", unit: "dB", part: "LAeq" }],
    ["noise_LA_min", { property: "sound_level", unit: "dB", part: "LA_min" }],
    ["noise_LA_max", { property: "sound_level", unit: "dB", part: "LA_max" }],
  ]);

function decode(message: Message): Decoded | Refusal {
  const payload = message.json();
  const entries: readonly unknown[] = Array.isArray(payload) ? payload : [payload];
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  let last: string | undefined;
  for (const entry of entries) {
    const values = isJsonObject(entry) ? entry["sensordatavalues"] : undefined;
    if (!isJsonObject(entry) || !Array.isArray(values))
      return malformed(message, "an object with `sensordatavalues`", entry);
    const device = deviceOf(entry, message);
    if (device === undefined)
      return refusal("malformed", "`esp8266id`, `sensor.id` or a topic sensor/<id>/json", message.topic);
    const time = timeOf(entry["timestamp"]);
    if (time !== undefined && typeof time !== "number") return { ...time, device };
    last = device;
    for (const one of values as readonly unknown[]) {
      const found = isJsonObject(one) ? readValue(one) : undefined;
      if (found === undefined) continue;
      if ("code" in found) refusals.push({ ...found, device });
      else readings.push({ device, ...found, ...(time !== undefined && { time: { instant: time } }) });
    }
  }
  if (refusals.length > 0) return { readings, refusals };
  return readings.length === 0
    ? { skip: "no value that is measured", ...(last !== undefined && { device: last }) }
    : { readings };
}

function deviceOf(entry: JsonObject, { levels }: Message): string | undefined {
  const { sensor } = entry;
  const chip = entry["esp8266id"] ?? entry["esp32id"] ?? entry["raspiid"];
  if (isText(chip)) return deviceIdOf("airrohr", `${chip}`);
  if (isJsonObject(sensor) && isText(sensor["id"])) return deviceIdOf("airrohr", `sensor-${sensor["id"]}`);
  const at = levels.indexOf("sensor");
  const named = at < 0 ? undefined : levels[at + 1];
  return named === undefined || named === "" ? undefined : deviceIdOf("airrohr", named);
}

function isText(id: unknown): id is string | number {
  return (
    (typeof id === "string" && id !== "" && id.length <= 100) || (typeof id === "number" && Number.isSafeInteger(id))
  );
}

const utc = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)Z?$/u;

/** The API gives UTC without saying so. */
function timeOf(text: unknown): EpochMs | Refusal | undefined {
  if (text === undefined) return undefined;
  const parts = typeof text === "string" ? utc.exec(text) : null;
  const instant = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}Z`);
  return Number.isNaN(instant) ? refusal("invalid_time", "`timestamp` as YYYY-MM-DD HH:mm:ss", text) : instant;
}

/** Undefined: not a measurement, or a sensor that gives none. */
function readValue({ value_type: word, value: raw }: JsonObject): Omit<Reading, "device"> | Refusal | undefined {
  if (typeof word !== "string" || word.length > 60) return undefined;
  const cut = word.lastIndexOf("_");
  const known = whole.get(word) ?? (cut < 0 ? quantities.get(word) : quantities.get(word.slice(cut + 1)));
  // `min_micro` and `max_micro` are of the firmware's own loop.
  if (known === undefined || (word.includes("_micro") && cut > 0)) return undefined;
  // The firmware writes it so into its data for other places.
  const value = decimalOf(word === "signal" && typeof raw === "string" ? raw.replace(/ ?dBm$/u, "") : raw);
  if (value === undefined) {
    const isNone = raw === null || (typeof raw === "string" && /^(?:|nan|null|undefined)$/iu.test(raw.trim()));
    return isNone ? undefined : { ...refusal("invalid_value", "a number as text", raw), reading: word };
  }
  const sensor = whole.has(word) || cut < 0 ? "" : channelOf(word.slice(0, cut));
  const channel = [sensor.replace(/_?LA$/u, ""), known.part ?? ""].filter((part) => part !== "").join("-");
  return { name: word, value, property: known.property, ...(channel !== "" && { channel }), unit: known.unit };
}
