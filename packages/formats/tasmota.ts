import { type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { instantOf, instantOfSeconds } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { sensorReadings } from "./tasmota-sensors.ts";

/** Telemetry with measurements: periodic, or the answer to `Status 8` and `Status 10`. */
const measuring: ReadonlySet<string> = new Set(["SENSOR", "STATUS8", "STATUS10"]);

/** What else a device says below `tele` and `stat`: that it lives, how it is, what it was told. */
const notMeasuring =
  /^(?:LWT|STATE|INFO\d?|UPTIME|MARGINS|HASS_STATE|RESULT|LOGGING|STATUS\d{0,2}|POWER\d{0,2}|BUTTON\d+|SWITCH\d+)$/u;

/** Levels that an owner's topic has before `tele` or `stat`. */
const maxLevelsBefore = 7;

/** `tele/#`, `+/tele/#`, ..., and `+/SENSOR` where the owner's topic has no prefix: so that no message of another family is asked for. */
function prefixTopics(): string[] {
  return Array.from({ length: maxLevelsBefore + 1 }, (_, before) => "+/".repeat(before)).flatMap((levels) => [
    `${levels}tele/#`,
    `${levels}stat/#`,
    `${levels}+/SENSOR`,
  ]);
}

/**
 * Tasmota firmware: smart meters read over SML or OBIS, plugs with energy metering, sensors. `Time` is the device's wall clock
 * without a zone. The labels of a meter are chosen by who installed it: known ones have a meaning (see `tasmota-labels.ts`), of others the
 * registry's `fields` must say it. The device is the topic without `tele` or `stat`, where it has them, and the last level.
 */
export const tasmota: PayloadFormat = {
  name: "tasmota",
  revision: 3,
  topics: prefixTopics(),
  specification: "https://tasmota.github.io/docs/MQTT/",
  recognises,
  decode,
};

function recognises(message: Message): boolean {
  const last = message.topic.slice(message.topic.lastIndexOf("/") + 1);
  if (!measuring.has(last) && !notMeasuring.test(last)) return false;
  if (prefixAt(message.levels) >= 0) return true;
  if (last !== "SENSOR") return false;
  const payload = message.json();
  return isJsonObject(payload) && typeof payload["Time"] === "string" && localTime.test(payload["Time"]);
}

function prefixAt(levels: readonly string[]): number {
  return levels.findIndex((level, at) => at <= maxLevelsBefore && (level === "tele" || level === "stat"));
}

function decode(message: Message): Decoded | Refusal {
  const { levels } = message;
  const prefix = prefixAt(levels);
  const path = levels.filter((_, at) => at !== prefix && at !== levels.length - 1).join("/");
  if (path === "") return refusal("malformed", "a topic with a device: tele/<device>/SENSOR", message.topic);
  const device = deviceIdOf("tasmota", path);
  if (!measuring.has(levels.at(-1) ?? "")) return { skip: "not telemetry of sensors", device };
  const payload = message.json();
  if (!isJsonObject(payload)) return { ...malformed(message, "a JSON object of sensors", payload), device };
  const wrapped = payload["StatusSNS"];
  const sensors = isJsonObject(wrapped) ? wrapped : payload;
  const time = timeOf(sensors);
  if (time === undefined) {
    const expected = "`Time` as YYYY-MM-DDTHH:mm:ss, with or without zone";
    return { ...refusal("invalid_time", expected, sensors["Time"]), device };
  }
  const found = sensorReadings(sensors, time === "none" ? { device } : { device, time });
  return found.readings.length + found.refusals.length === 0 ? { skip: "no sensor has a value", device } : found;
}

const localTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?$/u;

/** Undefined where it is broken. `Epoch`, where the owner asked for it, are seconds since 1970, UTC. */
function timeOf({ Time: time, Epoch: epoch }: JsonObject): ReadingTime | "none" | undefined {
  if (time === undefined && epoch === undefined) return "none";
  const instant = instantOfSeconds(epoch) ?? instantOfSeconds(time) ?? instantOf(time);
  if (instant !== undefined) return { instant };
  return typeof time === "string" && localTime.test(time) && instantOf(`${time}Z`) !== undefined
    ? { local: time }
    : undefined;
}
