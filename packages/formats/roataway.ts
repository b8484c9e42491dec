import { type Reading, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject } from "./json-object.ts";

const fields: readonly Required<Pick<Reading, "name" | "property" | "unit">>[] = [
  { name: "latitude", property: "latitude", unit: "deg" },
  { name: "longitude", property: "longitude", unit: "deg" },
  { name: "speed", property: "speed", unit: "km/h" },
  { name: "direction", property: "heading", unit: "deg" },
];

/**
 * Vehicles of Chișinău's public transport: each position comes twice, below its tracker and below its route. The tracker is the
 * device either way, so that the second is the first once more.
 */
export const roataway: PayloadFormat = {
  name: "roataway",
  revision: 1,
  topics: ["telemetry/transport/+", "telemetry/route/+"],
  specification: "https://github.com/roataway/api-documentation",
  recognises,
  decode,
};

function recognises(message: Message): boolean {
  const [first, second, third = "", more] = message.levels;
  if (first !== "telemetry" || third === "" || more !== undefined) return false;
  if (second !== "transport" && second !== "route") return false;
  const payload = message.json();
  return isJsonObject(payload) && "latitude" in payload && "longitude" in payload && "direction" in payload;
}

function decode(message: Message): Decoded | Refusal {
  const [, second, third = ""] = message.levels;
  const payload = message.json();
  if (!isJsonObject(payload)) return malformed(message, "a JSON object with a position", payload);
  const { rtu_id: tracker, timestamp } = payload;
  const id = typeof tracker === "string" && tracker !== "" ? tracker : second === "transport" ? third : "";
  if (id === "")
    return refusal("malformed", "the tracker in `rtu_id`, or a topic telemetry/transport/<tracker>", message.topic);
  const device = deviceIdOf("roataway", id);
  const instant = instantOf(timestamp);
  if (instant === undefined) {
    return { ...refusal("invalid_time", "`timestamp` as ISO 8601 with Z", timestamp), device };
  }
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (const field of fields) {
    const value = payload[field.name];
    if (value === null || value === undefined) continue;
    if (typeof value === "number" && Number.isFinite(value))
      readings.push({ device, time: { instant }, ...field, value });
    else refusals.push({ ...refusal("invalid_value", "a number or null", value), reading: field.name, device });
  }
  return readings.length + refusals.length === 0 ? { skip: "no position", device } : { readings, refusals };
}
