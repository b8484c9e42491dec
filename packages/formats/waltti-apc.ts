import { type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type NetworkDelivery, type PayloadFormat } from "./format.ts";
import { passengerReadings } from "./hsl-hfp-passengers.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject } from "./json-object.ts";

/**
 * Passenger counts from vehicles of Waltti, the towns of Finland outside Helsinki: who got in and out by door since the last message, in
 * the words of HSL's counts. The device is the vendor and its counting system, one to a vehicle; `messageId` tells a repeated delivery.
 */
export const walttiApc: PayloadFormat = {
  name: "waltti-apc",
  revision: 1,
  topics: ["apc-from-vehicle/#"],
  specification: "https://github.com/tvv-lippu-ja-maksujarjestelma-oy/waltti-apc-vehicle-specification",
  recognises: ({ levels }) => levels[0] === "apc-from-vehicle" && levels.length >= idLevel + 1,
  delivery,
  decode,
};

/** `apc-from-vehicle/<version>/fi/waltti/<vendor>/<counting system>[/connection-status]` */
const idLevel = 5;

function delivery(message: Message): NetworkDelivery | undefined {
  const [, , , , vendor = "", system = ""] = message.levels;
  const payload = message.json();
  const event = isJsonObject(payload) ? payload["APC"] : undefined;
  const id = isJsonObject(event) ? event["messageId"] : undefined;
  return typeof id === "string" && id !== "" ? { device: deviceIdOf("waltti", `${vendor}/${system}`), id } : undefined;
}

function decode(message: Message): Decoded | Refusal {
  const { levels } = message;
  const [, , , , vendor = "", system = "", below] = levels;
  if (levels[0] !== "apc-from-vehicle" || vendor === "" || system === "") {
    const expected = "a topic apc-from-vehicle/v1/fi/waltti/<vendor>/<counting system>";
    return refusal("malformed", expected, message.topic);
  }
  const device = deviceIdOf("waltti", `${vendor}/${system}`);
  if (below !== undefined) return { skip: "the counting system came or went", device };
  const payload = message.json();
  const event = isJsonObject(payload) ? payload["APC"] : undefined;
  if (!isJsonObject(event)) return { ...malformed(message, 'a JSON object {"APC": {...}}', payload), device };
  const { tst, vehiclecounts } = event;
  const instant = instantOf(tst);
  if (instant === undefined) return { ...refusal("invalid_time", "`tst` as ISO 8601 with Z or offset", tst), device };
  if (!isJsonObject(vehiclecounts)) {
    return { ...refusal("malformed", "`vehiclecounts` with the load or the counts of doors", vehiclecounts), device };
  }
  const found = passengerReadings(vehiclecounts, device, { instant });
  if (found.readings.length + found.refusals.length === 0) return { skip: "nobody was counted", device };
  return found;
}
