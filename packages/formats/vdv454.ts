import { type Reading, type Refusal, refusal } from "@messnetz/model";
import { channelOf, deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/** A trip of 300 stops is longer than any; what is more in one message is not a trip. */
const maxTrips = 2_000;

/**
 * Timetable information of control centres (VDV 454, services AUS and REF-AUS) with its elements as JSON: one IstFahrt, or a list of them
 * in an AUSNachricht. Each stop tells how late the vehicle comes and goes, foretold or as it was, against the timetable; that time is the
 * reading's. The device is the trip by line and name, which is the same each day; the stop is the channel. The timetable itself (REF-AUS)
 * measures nothing. Words for true and false are text.
 */
export const vdv454: PayloadFormat = {
  name: "vdv454",
  revision: 2,
  topics: ["#"],
  specification: "https://www.vdv.de/i-d-s-downloads.aspx",
  recognises,
  decode,
};

/** A NATS subject that came as a topic keeps its dots. */
const subject = /^(?:aus[./]istfahrt|ref_aus[./]sollfahrt)(?:[./]|$)/u;

function recognises(message: Message): boolean {
  if (subject.test(message.topic)) return true;
  if (message.payload[0] !== openObject) return false;
  const payload = message.json();
  return isJsonObject(payload) && ("AUSNachricht" in payload || isTrip(payload) || isTimetable(payload));
}

const openObject = 0x7b;

function isTrip(value: unknown): value is JsonObject {
  return isJsonObject(value) && ("IstHalts" in value || "IstHalt" in value) && isJsonObject(value["FahrtID"]);
}

function isTimetable(value: JsonObject): boolean {
  return "SollHalts" in value || "SollHalt" in value;
}

function decode(message: Message): Decoded | Refusal {
  const payload = message.json();
  if (!isJsonObject(payload)) return malformed(message, "a JSON object with an IstFahrt", payload);
  const trips = tripsOf(payload);
  if (trips.length > maxTrips) return refusal("too_large", `at most ${maxTrips} trips`, `${trips.length} trips`);
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (const trip of trips) readTrip(trip, readings, refusals);
  if (readings.length + refusals.length > 0) return { readings, refusals };
  if (trips.length > 0) return { skip: "nothing is foretold of the trip" };
  return isTimetable(payload) || "AUSNachricht" in payload
    ? { skip: "a timetable measures nothing" }
    : refusal("malformed", "an IstFahrt with FahrtID and IstHalts", payload);
}

function tripsOf(payload: JsonObject): readonly unknown[] {
  const wrapped = payload["AUSNachricht"];
  if (isJsonObject(wrapped)) return listOf(wrapped["IstFahrt"]);
  if (Array.isArray(wrapped)) return wrapped.flatMap((one) => (isJsonObject(one) ? listOf(one["IstFahrt"]) : []));
  if ("IstFahrt" in payload) return listOf(payload["IstFahrt"]);
  return isTimetable(payload) ? [] : [payload];
}

/** XML that became JSON has a list, or the one thing itself. */
function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function readTrip(trip: unknown, readings: Reading[], refusals: Refusal[]): void {
  const device = isTrip(trip) ? deviceOf(trip) : undefined;
  if (!isTrip(trip) || device === undefined) {
    refusals.push(refusal("malformed", "an IstFahrt with LinienID, FahrtID.FahrtBezeichner and IstHalts", trip));
    return;
  }
  const cancelled = flagOf(trip["FaelltAus"]);
  const told = instantOf(trip["Zst"]) ?? instantOf(trip["$BestaetigungZst"]);
  const time = told === undefined ? {} : { time: { instant: told } };
  if (cancelled !== undefined) {
    readings.push({ device, name: "FaelltAus", property: "cancelled", value: cancelled, ...time });
  }
  if (cancelled === true || flagOf(trip["PrognoseMoeglich"]) === false) return;
  for (const halt of listOf(trip["IstHalts"] ?? trip["IstHalt"])) {
    if (isJsonObject(halt)) readHalt(halt, { device, ...time }, { readings, refusals });
  }
}

function deviceOf(trip: JsonObject): string | undefined {
  const id = isJsonObject(trip["FahrtID"]) ? trip["FahrtID"]["FahrtBezeichner"] : undefined;
  if (typeof id !== "string" || id === "") return undefined;
  const line = trip["LinienID"];
  return deviceIdOf("vdv454", typeof line === "string" && line !== "" ? `${line}/${id}` : id);
}

interface Found {
  readonly readings: Reading[];
  readonly refusals: Refusal[];
}

const events = [
  { name: "Ankunft", planned: "Ankunftszeit", expected: "IstAnkunftPrognose", property: "arrival_delay" },
  { name: "Abfahrt", planned: "Abfahrtszeit", expected: "IstAbfahrtPrognose", property: "departure_delay" },
] as const;

function readHalt(halt: JsonObject, common: Pick<Reading, "device" | "time">, { readings, refusals }: Found): void {
  const { HaltID: stop, Besetztgrad: crowding } = halt;
  if (typeof stop !== "string" || stop === "") {
    refusals.push({ ...refusal("malformed", "`HaltID`", halt), device: common.device });
    return;
  }
  const channel = channelOf(stop);
  for (const { name, planned, expected, property } of events) {
    const [plan, forecast] = [halt[planned], halt[expected]];
    // A vehicle that does not come, or does not go on, has no delay, whatever is foretold beside.
    if (flagOf(halt[`${name}FaelltAus`]) === true) {
      readings.push({ ...common, name: `${name}FaelltAus`, property: "cancelled", channel, value: true });
      continue;
    }
    // Without a forecast the timetable stands: nothing was measured. An additional stop has no timetable.
    if (forecast === null || forecast === undefined || plan === null || plan === undefined) continue;
    const [due, instant] = [instantOf(plan), instantOf(forecast)];
    if (due === undefined || instant === undefined) {
      const wanted = `\`${planned}\` and \`${expected}\` as ISO 8601 with a zone`;
      refusals.push({ ...refusal("invalid_time", wanted, [plan, forecast]), reading: name, device: common.device });
      continue;
    }
    const value = (instant - due) / 1000;
    readings.push({ device: common.device, name, property, channel, unit: "s", value, time: { foretold: instant } });
  }
  if (typeof crowding === "string" && crowding !== "" && crowding !== "Unbekannt") {
    readings.push({ ...common, name: "Besetztgrad", property: "crowding", channel, value: crowding });
  }
}

function flagOf(value: unknown): boolean | undefined {
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : undefined;
}
