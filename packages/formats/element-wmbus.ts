import { type Reading, type Refusal, refusal } from "@messnetz/model";
import { channelOf, deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { type Medium, mediumOf } from "./wmbusmeters-quantities.ts";
import { fieldMeaning } from "./wmbusmeters-words.ts";

/**
 * Wireless M-Bus telegrams as the wM-Bus bridge of ZENNER's ELEMENT IoT decodes them: `message_content[].data[]` are the M-Bus records,
 * each with storage number (`memory_address`), tariff, subunit, function, description, value and unit. A record of another storage
 * number belongs to a past date, and one of another function is an extreme or, as `error_value`, none at all: neither is a reading of
 * now. A telegram has no time of its own.
 */
export const elementWmbus: PayloadFormat = {
  name: "element-wmbus",
  revision: 1,
  topics: ["#"],
  specification: "https://docs.element-iot.com/userguide/howto/de/treiber/wmbus_bridge/",
  recognises: (message) => isTelegram(message.json()),
  decode,
};

function isTelegram(payload: unknown): payload is JsonObject {
  if (!isJsonObject(payload) || !Array.isArray(payload["message_content"])) return false;
  return typeof payload["address"] === "string" && typeof payload["device_type"] === "string";
}

const maxAddressLength = 64;

function decode(message: Message): Decoded | Refusal {
  const payload = message.json();
  if (!isTelegram(payload))
    return malformed(message, "a telegram with `address`, `device_type`, `message_content`", payload);
  const address = String(payload["address"]).slice(0, maxAddressLength);
  if (address === "") return refusal("malformed", "the address of the meter", payload["address"]);
  const device = deviceIdOf("wmbus", address);
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (const content of payload["message_content"] as readonly unknown[]) {
    if (!isJsonObject(content) || !Array.isArray(content["data"])) continue;
    // A radio adapter says what it is itself; inside, the meter says what that is.
    const medium = mediumOfType(content["device_type"] ?? payload["device_type"]);
    for (const record of content["data"] as readonly unknown[]) {
      if (!isJsonObject(record) || !isOfNow(record)) continue;
      const found = readRecord(record, { device, medium });
      if (found === undefined) continue;
      if ("code" in found) refusals.push({ ...found, device });
      else readings.push(found);
    }
  }
  if (readings.length === 0 && refusals.length === 0) {
    return { skip: "a telegram without a present measurement", device };
  }
  return { readings, ...(refusals.length > 0 && { refusals }) };
}

function mediumOfType(type: unknown): Medium {
  return mediumOf(typeof type === "string" ? type.toLowerCase() : undefined, undefined);
}

function isOfNow(record: JsonObject): boolean {
  return record["function_field"] === "current_value" && (record["memory_address"] ?? 0) === 0;
}

/** Undefined: the record has no unit (addresses, counters of messages, dates), and so measures nothing that we know. */
function readRecord(
  record: JsonObject,
  { device, medium }: { readonly device: string; readonly medium: Medium },
): Reading | Refusal | undefined {
  const { desc, unit, value } = Object(record["data"]) as JsonObject;
  if (typeof desc !== "string" || typeof unit !== "string" || unit === "" || typeof value !== "number")
    return undefined;
  const name = desc.slice(0, maxNameLength).replaceAll(/\s+/gu, "_");
  const suffix = suffixes.get(unit);
  if (suffix === undefined)
    return { ...refusal("unknown_unit", `one of the units ${[...suffixes.keys()].join(", ")}`, unit), reading: name };
  const { tariff, sub_device: subunit } = record;
  const part = typeof tariff === "number" && tariff > 0 ? `_tariff_${tariff}` : "";
  const meaning = fieldMeaning(`${words.get(name) ?? name}${part}_${suffix}`, medium);
  if (typeof meaning === "string")
    return { ...refusal("unknown_property", "a quantity of a meter", name), reading: name };
  if (typeof subunit !== "number" || subunit === 0) return { device, name, value, ...meaning };
  return { device, name, value, ...meaning, channel: channelOf(`${meaning.channel ?? name}-subunit${subunit}`) };
}

const maxNameLength = 100;

/** The bridge's descriptions that wmbusmeters has other words for. */
const words: ReadonlyMap<string, string> = new Map([
  ["energy", "total_energy_consumption"],
  ["volume", "total"],
  ["flow", "volume_flow"],
  ["volume_flow", "volume_flow"],
  ["supply_temperature", "flow_temperature"],
]);

/** Units as the bridge writes them → suffixes of wmbusmeters' fields. */
const suffixes: ReadonlyMap<string, string> = new Map([
  ["Wh", "wh"],
  ["kWh", "kwh"],
  ["kJ", "kj"],
  ["MJ", "mj"],
  ["GJ", "gj"],
  ["W", "w"],
  ["kW", "kw"],
  ["m³", "m3"],
  ["l", "l"],
  ["m³/h", "m3h"],
  ["l/h", "lh"],
  ["°C", "c"],
  ["K", "k"],
  ["bar", "bar"],
  ["mbar", "mbar"],
  ["V", "v"],
  ["A", "a"],
  ["Hz", "hz"],
  ["seconds", "s"],
  ["minutes", "min"],
  ["hours", "h"],
  ["days", "d"],
]);
