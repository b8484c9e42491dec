import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { channelOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { passengerReadings } from "./hsl-hfp-passengers.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

interface HfpField {
  readonly word: string;
  readonly property: string;
  readonly unit: string;
  /** Less is a sentinel (`spd` -1: no speed known), not a measurement. */
  readonly min?: number;
}

/** Every event carries the same fields; a null is a value that the vehicle does not know. */
const fields: readonly HfpField[] = [
  { word: "lat", property: "latitude", unit: "deg" },
  { word: "long", property: "longitude", unit: "deg" },
  { word: "spd", property: "speed", unit: "m/s", min: 0 },
  { word: "hdg", property: "heading", unit: "deg", min: 0 },
  { word: "acc", property: "acceleration", unit: "m/s2" },
  { word: "dl", property: "schedule_deviation", unit: "s" }, // negative: late
  { word: "odo", property: "trip_odometer", unit: "m", min: 0 },
  { word: "drst", property: "door_open", unit: "1", min: 0 },
  { word: "occu", property: "vehicle_occupancy", unit: "%", min: 0 },
];

/**
 * High-frequency positioning of HSL, version 2: position, events at stops, doors, signing on and off, traffic light
 * priority and passenger counts of buses, trams, trains and ferries. The vehicle is the topic's owner and vehicle number:
 * the payload's `oper` is the company that runs the trip. `tst` is the time of each reading.
 */
export const hslHfp: PayloadFormat = {
  name: "hsl-hfp",
  revision: 3,
  topics: ["/hfp/v2/#", "hfp/v2/#"],
  specification:
    "https://digitransit.fi/en/developers/apis/5-realtime-api/vehicle-positions/high-frequency-positioning/",
  recognises: (message) => prefixLength(message.levels) > 0,
  decode,
};

/** Levels up to and with the version; 0 where the topic is not ours. A bridge may have eaten the leading slash. */
function prefixLength(levels: readonly string[]): number {
  const first = levels[0] === "" ? 1 : 0;
  return levels[first] === "hfp" && levels[first + 1] === "v2" ? first + 2 : 0;
}

const ownerLevel = /^\d{4}$/u;
const vehicleLevel = /^[A-Za-z0-9_-]{1,32}$/u;

function decode(message: Message): Decoded | Refusal {
  // journey type, temporal type, event type, mode, owner, vehicle; a vehicle that is signed off has no further levels
  const [, , , , owner = "", vehicle = ""] = message.levels.slice(prefixLength(message.levels));
  if (!ownerLevel.test(owner) || !vehicleLevel.test(vehicle)) {
    return refusal("malformed", "a topic /hfp/v2/<journey>/<temporal>/<event>/<mode>/<owner>/<vehicle>", message.topic);
  }
  const device = `hfp:${owner}/${vehicle}`;
  const payload = message.json();
  if (!isJsonObject(payload)) return { ...malformed(message, "a JSON object with one event", payload), device };
  const event = eventOf(payload);
  if (event === undefined) return { ...refusal("malformed", 'one event: {"VP": {"tst": ...}}', payload), device };
  const instant = instantOf(event["tst"]);
  if (instant === undefined) {
    return { ...refusal("invalid_time", "`tst` as ISO 8601 with Z or offset", event["tst"]), device };
  }
  return readEvent(event, device, { instant });
}

/** The event is the payload's only object with a time; its key is the event type. */
function eventOf(payload: JsonObject): JsonObject | undefined {
  for (const event of Object.values(payload)) if (isJsonObject(event) && "tst" in event) return event;
  return undefined;
}

function readEvent(event: JsonObject, device: string, time: ReadingTime): Decoded {
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (const { word, property, unit, min } of fields) {
    const value = event[word];
    if (value === null || value === undefined) continue;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      refusals.push({ ...refusal("invalid_value", "a number or null", value), reading: word, device });
    } else if (min === undefined || value >= min) {
      readings.push({ device, name: word, value, property, unit, time });
    }
  }
  const counts = event["vehiclecounts"];
  if (isJsonObject(counts)) {
    const passengers = passengerReadings(counts, device, time);
    readings.push(...passengers.readings);
    refusals.push(...passengers.refusals);
  }
  const priority = priorityReading(event);
  if (priority !== undefined) readings.push({ ...priority, device, time });
  if (readings.length === 0 && refusals.length === 0) return { skip: "an event without a measurement", device };
  return { readings, refusals };
}

/** The answer of a traffic light to the request for priority (event TLA); the channel is the junction. */
function priorityReading(event: JsonObject): Omit<Reading, "device"> | undefined {
  const { "tlp-decision": decision, sid } = event;
  if (decision !== "ACK" && decision !== "NAK") return undefined;
  const channel = typeof sid === "number" || typeof sid === "string" ? { channel: channelOf(`junction-${sid}`) } : {};
  return { name: "tlp-decision", property: "signal_priority_granted", value: decision === "ACK", ...channel };
}
