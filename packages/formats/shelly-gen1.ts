import { type Reading, type Refusal, refusal } from "@messnetz/model";
import { decimalOf } from "./decimal.ts";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject } from "./json-object.ts";
import { gen1Status } from "./shelly-gen1-status.ts";
import { gen1Silent, type Gen1Value, gen1Values } from "./shelly-gen1-values.ts";
import { flagOf } from "./shelly-gen1-words.ts";

/**
 * Shelly devices of the first generation: `shellies/<device>/...`, one plain value a topic, and the whole status as JSON on `info`. No
 * value has a time of its own, but `info`. Channels are component and number (`relay-0`); of a 3EM the phases.
 */
export const shellyGen1: PayloadFormat = {
  name: "shelly-gen1",
  revision: 2,
  topics: ["shellies/#"],
  specification: "https://shelly-api-docs.shelly.cloud/gen1/",
  // Newer devices may have been given the same prefix: they say `status` and `events`.
  recognises: ({ levels }) =>
    levels[0] === "shellies" &&
    (levels[2] !== "status" || levels.length === 3) &&
    levels[2] !== "events" &&
    levels.at(-1) !== "rpc",
  decode,
};

const generalTopics: ReadonlySet<string> = new Set(["announce", "command"]);

function decode(message: Message): Decoded | Refusal {
  const [, id = "", ...rest] = message.levels;
  if (rest.length === 0 && generalTopics.has(id)) return { skip: "devices tell who they are, or are asked to" };
  if (id === "" || rest.length === 0) return refusal("malformed", "a topic shellies/<device>/...", message.topic);
  const device = deviceIdOf("shelly", id);
  const path = rest.join("/");
  if (path === "info" || path === "status") return readStatus(message, device, id);
  if (gen1Silent.test(path)) return { skip: "not a measurement", device };
  if (path.endsWith("/status")) return readLamp(message, device, rest);
  if (path === "sensor/status") return readStatus(message, device, id);

  const [component = "", index] = rest;
  const isNumbered = index !== undefined && /^\d{1,2}$/u.test(index);
  const key = isNumbered ? [component, "#", ...rest.slice(2)].join("/") : path;
  const meaning = gen1Values.get(key);
  const text = message.text()?.trim();
  if (text === undefined) return { ...malformed(message, "text", ""), device };
  if (text === "") return { skip: "an empty payload, as it clears a retained message", device };
  if (meaning === undefined) {
    // What the registry explains is taken; what measures nothing that we know is not.
    const value = decimalOf(text) ?? flagOf(text);
    return value === undefined ? { skip: "not a measurement", device } : { readings: [{ device, name: path, value }] };
  }
  const value = valueOf(text, meaning);
  if (value === undefined) {
    return { ...refusal("invalid_value", `a ${meaning.reads}`, text), device, reading: path };
  }
  if (value === meaning.unknown) return { skip: "a value that the device does not know", device };
  const channel = [isNumbered ? channelOf(id, component, index) : "", meaning.part ?? ""].filter((part) => part !== "");
  const reading: Reading = {
    device,
    name: path,
    value,
    property: meaning.property,
    ...(channel.length > 0 && { channel: channel.join("-") }),
    ...(meaning.unit !== undefined && { unit: meaning.unit }),
  };
  return { readings: [reading] };
}

function valueOf(text: string, { reads }: Gen1Value): number | boolean | string | undefined {
  if (reads === "number") return decimalOf(text);
  if (reads === "word") return /^\p{L}[\p{L}\d _-]{0,63}$/u.test(text) ? text : undefined;
  // A relay that was switched off because of it.
  return text === "overpower" ? false : flagOf(text);
}

const phases: Readonly<Record<string, string>> = { 0: "L1", 1: "L2", 2: "L3" };

/** The three clamps of a 3EM are the phases; elsewhere clamps measure what the owner put them around. */
function channelOf(id: string, component: string, index: string): string {
  if (component === "emeter" && id.startsWith("shellyem3") && phases[index] !== undefined) return phases[index];
  return `${component.startsWith("ext_") ? "ext" : component}-${index}`;
}

function readStatus(message: Message, device: string, id: string): Decoded | Refusal {
  const status = message.json();
  if (!isJsonObject(status)) return { ...malformed(message, "a status as a JSON object", status), device };
  const readings =
    typeof status["motion"] === "boolean"
      ? motionStatus(status, device)
      : gen1Status(status, { device, channel: (component, index) => channelOf(id, component, index) });
  return readings.length === 0 ? { skip: "a status without a measurement", device } : { readings };
}

/** `status`, or `sensor/status`, of the motion sensor: flags, `lux`, `bat` in per cent; its `timestamp` is that of the last motion. */
function motionStatus({ motion, vibration, lux, bat }: Readonly<Record<string, unknown>>, device: string): Reading[] {
  const readings: Reading[] = [];
  if (typeof motion === "boolean") readings.push({ device, name: "motion", value: motion, property: "motion" });
  if (typeof vibration === "boolean")
    readings.push({ device, name: "vibration", value: vibration, property: "state", channel: "vibration" });
  if (typeof lux === "number" && lux >= 0)
    readings.push({ device, name: "lux", value: lux, property: "illuminance", unit: "lx" });
  if (typeof bat === "number" && bat >= 0)
    readings.push({ device, name: "bat", value: bat, property: "battery_level", unit: "%" });
  return readings.filter(({ value }) => typeof value !== "number" || Number.isFinite(value));
}

/** `light/0/status`, `color/0/status`, `white/0/status`: how a lamp burns. */
function readLamp(
  message: Message,
  device: string,
  [component = "", index = ""]: readonly string[],
): Decoded | Refusal {
  const status = message.json();
  if (!isJsonObject(status)) return { ...malformed(message, "a status as a JSON object", status), device };
  const origin = {
    device,
    ...(/^\d{1,2}$/u.test(index) && /^\w{1,20}$/u.test(component) && { channel: `${component}-${index}` }),
  };
  const name = `${component}/${index}/status`;
  const readings: Reading[] = [];
  const { ison, brightness, power } = status;
  if (typeof ison === "boolean")
    readings.push({ ...origin, name: `${name}.ison`, value: ison, property: "switch_state" });
  if (decimalOf(brightness) !== undefined && typeof brightness === "number")
    readings.push({ ...origin, name: `${name}.brightness`, value: brightness, property: "dimming_level", unit: "%" });
  if (decimalOf(power) !== undefined && typeof power === "number")
    readings.push({ ...origin, name: `${name}.power`, value: power, property: "active_power", unit: "W" });
  return readings.length === 0 ? { skip: "a status without a measurement", device } : { readings };
}
