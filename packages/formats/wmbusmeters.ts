import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { channelOf, deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { mediumOf } from "./wmbusmeters-quantities.ts";
import { measuredUnits } from "./wmbusmeters-units.ts";
import { fieldMeaning, type FieldMeaning } from "./wmbusmeters-words.ts";

/**
 * Wireless M-Bus meters as the program wmbusmeters writes them: flat JSON, each measured field `<name>_<unit>`, meta data as
 * text. The medium says what a volume or an energy is of.
 *
 * - `timestamp` (UTC, receipt by the radio) is the time of each reading. `meter_datetime` and `device_datetime` are the meter's own
 *   clock without a zone, and no reading's time.
 * - The main register of a quantity has no channel; phases are L1 to L3 and N, tariffs T1, T2, ...; every other field has its own
 *   name as channel (`flow.max_flow`).
 * - What belongs to a past date or period (`target_`, `due_`, `prev_`, `last_`, `..._at_set_date`, `min_`) is not a reading of now and is
 *   left out: its date, where the message has one, is a meter's day without zone, and says not whether its begin or its end.
 * - A null was not transmitted; -2147483648 and the like are "no value", and so is 0 dBm from a receiver that measures no strength.
 * - Any `status` but `OK` is the device's own doubt (check `device`) and stands as `device_status`.
 */
export const wmbusmeters: PayloadFormat = {
  name: "wmbusmeters",
  revision: 3,
  topics: ["#"],
  specification: "https://wmbusmeters.org/",
  recognises: (message) => isTelegram(message.json()),
  decode,
};

function isTelegram(payload: unknown): payload is JsonObject {
  if (!isJsonObject(payload) || typeof driverOf(payload) !== "string") return false;
  if (typeof payload["id"] !== "string" || payload["id"] === "") return false;
  return (
    payload["_"] === "telegram" || (typeof payload["media"] === "string" && typeof payload["timestamp"] === "string")
  );
}

/** Its driver: newer releases say `driver`, older ones `meter`. */
const driverOf = (payload: JsonObject): unknown => payload["meter"] ?? payload["driver"];

/** Integers and floats of which all bits but the sign are one or none: what M-Bus meters send for "no value". */
const noValues: ReadonlySet<number> = new Set([
  -2_147_483_648, 2_147_483_647, 4_294_967_295, 3.402_823_466_385_288_6e38, -3.402_823_466_385_288_6e38,
]);

function decode(message: Message): Decoded | Refusal {
  const payload = message.json();
  if (!isTelegram(payload))
    return malformed(message, "a telegram with `id`, `meter` or `driver`, `media`, `timestamp`", payload);
  const device = deviceIdOf("wmbus", String(payload["id"]));
  const instant = instantOf(payload["timestamp"]);
  if (instant === undefined) {
    return { ...refusal("invalid_time", "`timestamp` in ISO 8601 with Z or offset", payload["timestamp"]), device };
  }
  const time: ReadingTime = { instant };
  const status = statusOf(payload);
  const shared = {
    device,
    time,
    ...(status !== undefined && !goodStatus.has(status.value) && { checks: ["device" as const] }),
  };
  const found = readFields(payload, shared);
  if (status !== undefined) {
    found.readings.push({ device, time, ...status, property: "device_status" });
  }
  if (found.readings.length === 0 && found.refusals.length === 0) {
    return { skip: "a telegram without a present measurement", device };
  }
  return found;
}

/** Drivers have other names for the status, and other words for a good one; a door is open or closed. */
const statusWords = ["status", "current_status", "current_alarms"] as const;
const maxStatusLength = 256;
const goodStatus: ReadonlySet<string> = new Set(["OK", "no_alarm", "OPEN", "CLOSED"]);

function statusOf(payload: JsonObject): { readonly name: string; readonly value: string } | undefined {
  for (const name of statusWords) {
    const value = payload[name];
    if (typeof value === "string" && value !== "") return { name, value: value.slice(0, maxStatusLength) };
  }
  return undefined;
}

function readFields(
  payload: JsonObject,
  shared: Pick<Reading, "device" | "time" | "checks">,
): { readings: Reading[]; refusals: Refusal[] } {
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  const medium = mediumOf(payload["media"], driverOf(payload));
  const taken = new Set<string>();
  for (const [name, value] of Object.entries(payload)) {
    if (typeof value !== "number" || noValues.has(value) || (name === "rssi_dbm" && value === 0)) continue;
    const meaning = fieldMeaning(name, medium);
    if (meaning === "unknown unit") {
      refusals.push({ ...refusal("unknown_unit", expectedField, name), reading: name, device: shared.device });
    } else if (meaning !== "not of now") {
      readings.push({ ...shared, name, value, ...seriesOf(name, meaning, taken) });
    }
  }
  return { readings, refusals };
}

const expectedField = `a field <name>_<unit> with one of ${[...measuredUnits.keys()].join(", ")}`;

/** Two fields of one message never share a series: the later one gets its own name as channel. */
function seriesOf(name: string, meaning: FieldMeaning, taken: Set<string>): FieldMeaning {
  const key = `${meaning.property ?? ""}.${meaning.channel ?? ""}`;
  if (!taken.has(key)) {
    taken.add(key);
    return meaning;
  }
  const channel = channelOf(name);
  taken.add(`${meaning.property ?? ""}.${channel}`);
  return { ...meaning, channel };
}
