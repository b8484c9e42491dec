import type { EpochMs, Reading, Refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, type DecodeContext, malformed, type Message, type PayloadFormat } from "./format.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { zigbeeEndpoint, type ZigbeeField, zigbeeFields } from "./zigbee2mqtt-fields.ts";

/**
 * zigbee2mqtt: `zigbee2mqtt/<friendly name>`, an object of what the device exposes. Friendly names may hold slashes. `last_seen`, where the
 * owner asked for it, is when the device spoke. Settings and words that the table does not have are passed over, unless the registry explains
 * them.
 */
export const zigbee2mqtt: PayloadFormat = {
  name: "zigbee2mqtt",
  revision: 1,
  topics: ["zigbee2mqtt/#"],
  specification: "https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html",
  recognises: ({ levels }) => levels[0] === "zigbee2mqtt" && levels.length > 1,
  decode,
};

const notOfDevice: ReadonlySet<string> = new Set(["availability", "set", "get", "action"]);

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const { levels } = message;
  if (levels[1] === "bridge") return { skip: "the bridge speaks of itself" };
  const last = levels.at(-1) ?? "";
  const at = levels.findIndex((level, place) => place > 1 && (level === "set" || level === "get"));
  const isAside = at >= 0 || (levels.length > 2 && notOfDevice.has(last));
  const name = (at >= 0 ? levels.slice(1, at) : levels.slice(1, isAside ? -1 : undefined)).join("/");
  const device = deviceIdOf("zigbee", name || "_");
  if (isAside) return { skip: "a command, or whether the device is there", device };
  if (message.payload.length === 0) return { skip: "an empty payload", device };
  const payload = message.json();
  if (!isJsonObject(payload))
    return { ...malformed(message, "a JSON object of what the device exposes", payload), device };
  const instant = seenAt(payload["last_seen"]);
  const explained = context.device(device)?.fields ?? {};
  const readings: Reading[] = [];
  for (const [key, raw] of Object.entries(payload)) {
    const found = Object.hasOwn(explained, key) ? readExplained(key, raw, payload) : readField(key, raw, payload);
    if (found !== undefined) readings.push({ device, ...found, ...(instant !== undefined && { time: { instant } }) });
  }
  return readings.length === 0 ? { skip: "nothing that is measured", device } : { readings };
}

/** ISO 8601 with a zone, or milliseconds since 1970, as the owner has set it. */
function seenAt(seen: unknown): EpochMs | undefined {
  if (typeof seen !== "number") return instantOf(seen);
  return Number.isInteger(seen) && Math.abs(seen) <= 8.64e15 ? seen : undefined;
}

type Found = Omit<Reading, "device">;

/** Meaning, unit and channel come from the registry, or from the table where it is silent. */
function readExplained(name: string, raw: unknown, payload: JsonObject): Found | undefined {
  const known = readField(name, raw, payload);
  if (known !== undefined) return known;
  const isValue =
    typeof raw === "boolean" || typeof raw === "string" || (typeof raw === "number" && Number.isFinite(raw));
  return isValue ? { name, value: raw } : undefined;
}

function readField(name: string, raw: unknown, payload: JsonObject): Found | undefined {
  if (name === "voltage") return readVoltage(raw, payload);
  // Beside `illuminance_lux` it is the sensor's raw number.
  if (name === "illuminance" && payload["illuminance_lux"] !== undefined) return undefined;
  const whole = zigbeeFields.get(name);
  if (whole !== undefined) return toFound(name, raw, whole);
  const parts = zigbeeEndpoint.exec(name)?.groups;
  const field =
    parts?.["word"] === "voltage" ? { property: "voltage", unit: "V" } : zigbeeFields.get(parts?.["word"] ?? "");
  if (field === undefined) return undefined;
  return toFound(name, raw, { ...field, channel: [field.channel, parts?.["endpoint"]].filter(Boolean).join("-") });
}

function toFound(name: string, raw: unknown, { property, unit, channel, reads }: ZigbeeField): Found | undefined {
  const value = valueOf(raw, reads);
  if (value === undefined) return undefined;
  return { name, value, property, ...(channel !== undefined && { channel }), ...(unit !== undefined && { unit }) };
}

/** Zigbee Cluster Library, 3.10: a level of 254 is full. */
const fullBrightness = 254;

function valueOf(raw: unknown, reads: ZigbeeField["reads"]): number | boolean | string | undefined {
  if (reads === "flag") return typeof raw === "boolean" ? raw : undefined;
  // True: the contact is closed.
  if (reads === "contact") return typeof raw === "boolean" ? !raw : undefined;
  if (reads === "switch")
    return raw === "ON" || raw === true ? true : raw === "OFF" || raw === false ? false : undefined;
  if (reads === "word") return typeof raw === "string" && /^[\w ]{1,64}$/u.test(raw) ? raw : undefined;
  if (typeof raw !== "number" || !Number.isFinite(raw)) return undefined;
  return reads === "brightness" ? (raw / fullBrightness) * 100 : raw;
}

const hasBattery = ["battery", "battery_low", "battery_state"];
const isMains = ["power", "current", "energy", "ac_frequency"];
/** No battery cell has so many volts, no mains so many. */
const maxCellVolts = 100;
const maxMainsVolts = 1000;

/** Of a battery it is in mV, of the mains in V. Where the message shows neither, or the number fits neither, the registry must say it. */
function readVoltage(raw: unknown, payload: JsonObject): Found | undefined {
  if (typeof raw !== "number" || !Number.isFinite(raw)) return undefined;
  const reading = { name: "voltage", value: raw };
  if (isMains.some((key) => payload[key] !== undefined)) {
    return raw < maxMainsVolts ? { ...reading, property: "voltage", unit: "V" } : { ...reading, property: "voltage" };
  }
  if (!hasBattery.some((key) => payload[key] !== undefined)) return { ...reading, property: "voltage" };
  return raw > maxCellVolts
    ? { ...reading, property: "battery_voltage", unit: "mV" }
    : { ...reading, property: "battery_voltage" };
}
