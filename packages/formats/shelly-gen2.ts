import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { instantOfSeconds } from "./instant.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { componentOf, componentReadings, isComponentName } from "./shelly-components.ts";

/**
 * Shelly devices from the second generation on. A component's status comes alone on `<prefix>/status/<component>`, or with the
 * time of the change as NotifyStatus or NotifyFullStatus on `<prefix>/events/rpc`, or whole as the answer to Shelly.GetStatus. The
 * device is the topic prefix, which is its own name (`shellypro3em-a0dd6ca0c27c`) unless its owner chose another.
 */
export const shellyGen2: PayloadFormat = {
  name: "shelly-gen2",
  revision: 2,
  topics: ["#"],
  specification: "https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Mqtt",
  recognises,
  decode,
};

function recognises(message: Message): boolean {
  const { levels } = message;
  const last = levels.at(-1);
  const before = levels.at(-2);
  const isOwnName = levels[0]?.startsWith("shelly") ?? false;
  if (isOwnName && isTalk(levels)) return true;
  // What cannot be read is claimed where the topic is sure: its refusal says more than `no_format`.
  if (before === "status" && last !== undefined) {
    return (isOwnName || isComponentName(last)) && isObjectOrUnreadable(message.json());
  }
  if (before === "events" && last === "rpc") {
    const payload = message.json();
    return payload === undefined || isNotification(payload);
  }
  return last === "rpc" && isAnswer(message.json());
}

/** What is said to a device or by it, below its own name, that is no status: commands, requests, its log, that it came or went. */
function isTalk([, second, third, fourth]: readonly string[]): boolean {
  if (second === "online" || second === "rpc") return third === undefined;
  if (second === "debug") return third === "log" && fourth === undefined;
  return second === "command" && fourth === undefined;
}

function isObjectOrUnreadable(payload: unknown): boolean {
  return payload === undefined || isJsonObject(payload);
}

function isNotification(payload: unknown): boolean {
  return isJsonObject(payload) && typeof payload["method"] === "string" && payload["method"].startsWith("Notify");
}

function isAnswer(payload: unknown): boolean {
  return isJsonObject(payload) && typeof payload["src"] === "string" && payload["src"].startsWith("shelly");
}

function decode(message: Message): Decoded | Refusal {
  const { levels } = message;
  const last = levels.at(-1) ?? "";
  if ((levels[0]?.startsWith("shelly") ?? false) && isTalk(levels)) {
    const device = deviceOf(levels[0]);
    return { skip: "a command, a request or a sign of life", ...(device !== undefined && { device }) };
  }
  const payload = message.json();
  if (!isJsonObject(payload)) return malformed(message, "a JSON object", payload);
  const isEvents = levels.at(-2) === "events";
  const device = deviceOf(last !== "rpc" || isEvents ? levels.slice(0, -2).join("/") : payload["src"]);
  if (device === undefined)
    return refusal("malformed", "the device before `status` or `events`, or in `src`", message.topic);
  if (last !== "rpc") return decoded([...componentReadings(last, payload, { device })], device);
  const components = isEvents ? payload["params"] : payload["result"];
  const method = payload["method"];
  if (isEvents && method !== "NotifyStatus" && method !== "NotifyFullStatus") {
    return { skip: "an event, not a status", device };
  }
  if (!isJsonObject(components)) {
    return isEvents
      ? { ...refusal("malformed", "`params` with the status of components", payload), device }
      : { skip: "an answer without a status", device };
  }
  const { ts } = components;
  if (typeof ts === "number" && instantOfSeconds(ts) === undefined) {
    return { ...refusal("invalid_time", "`ts` in seconds since 1970", String(ts)), device };
  }
  return decoded(readComponents(components, device), device);
}

function deviceOf(name: unknown): string | undefined {
  return typeof name === "string" && name !== "" ? deviceIdOf("shelly", name) : undefined;
}

function decoded(readings: readonly Reading[], device: string): Decoded {
  return readings.length === 0 ? { skip: "a status without a measurement", device } : { readings };
}

function readComponents(components: JsonObject, device: string): Reading[] {
  const time = timeOf(components["ts"]);
  const readings: Reading[] = [];
  const single = componentOf(components);
  if (single !== undefined) return [...componentReadings(single, components, { device })];
  for (const [name, status] of Object.entries(components)) {
    if (!isJsonObject(status) || !isComponentName(name)) continue;
    readings.push(...componentReadings(name, status, time === undefined ? { device } : { device, time }));
  }
  return readings;
}

/** `ts` are seconds since 1970, UTC, with a fraction; null before the device knows the time. */
function timeOf(ts: unknown): ReadingTime | undefined {
  const instant = instantOfSeconds(ts);
  return instant === undefined ? undefined : { instant };
}
