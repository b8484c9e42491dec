import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { instantOfSeconds } from "./instant.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { componentReadings, isComponentName } from "./shelly-components.ts";

/**
 * Shelly devices from the second generation on. A component's status comes alone on `<prefix>/status/<component>`, or with the
 * time of the change as NotifyStatus or NotifyFullStatus on `<prefix>/events/rpc`, or whole as the answer to Shelly.GetStatus. The
 * device is the topic prefix, which is its own name (`shellypro3em-a0dd6ca0c27c`) unless its owner chose another.
 */
export const shellyGen2: PayloadFormat = {
  name: "shelly-gen2",
  revision: 1,
  topics: ["#"],
  specification: "https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Mqtt",
  recognises,
  decode,
};

function recognises(message: Message): boolean {
  const { levels } = message;
  const last = levels.at(-1);
  const before = levels.at(-2);
  // What cannot be read is claimed where the topic is sure: its refusal says more than `no_format`.
  if (before === "status") return last !== undefined && isComponentName(last) && isObjectOrUnreadable(message.json());
  if (before === "events" && last === "rpc") {
    const payload = message.json();
    return payload === undefined || isNotification(payload);
  }
  if (last === "rpc") return isAnswer(message.json());
  return last === "online" && (levels[0]?.startsWith("shelly") ?? false);
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
  if (last === "online") {
    const device = deviceOf(levels.slice(0, -1).join("/"));
    return { skip: "the device came or went", ...(device !== undefined && { device }) };
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
