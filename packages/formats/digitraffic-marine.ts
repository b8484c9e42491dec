import { type Reading, type Refusal, refusal } from "@messnetz/model";
import type { Decoded } from "./format.ts";
import { instantOfSeconds } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

interface AisField {
  readonly word: string;
  readonly property: string;
  readonly unit: string;
  /** Not below, and below `end`: what lies outside is how AIS says that it does not know (ITU-R M.1371-5, table 48). */
  readonly from: number;
  readonly end: number;
}

const fields: readonly AisField[] = [
  { word: "lat", property: "latitude", unit: "deg", from: -90, end: 90.000_001 }, // 91: not known
  { word: "lon", property: "longitude", unit: "deg", from: -180, end: 180.000_001 }, // 181: not known
  { word: "sog", property: "speed", unit: "[kn_i]", from: 0, end: 102.25 }, // 102.3: not known
  { word: "cog", property: "course_over_ground", unit: "deg", from: 0, end: 360 }, // 360: not known
  { word: "heading", property: "heading", unit: "deg", from: 0, end: 360 }, // 511: not known
];

/** By number; 9, 10 and 13 are reserved, 15 is not defined. ITU-R M.1371-5, table 48. */
const navigationWords: Readonly<Record<number, string>> = {
  0: "under_way_using_engine",
  1: "at_anchor",
  2: "not_under_command",
  3: "restricted_manoeuvrability",
  4: "constrained_by_draught",
  5: "moored",
  6: "aground",
  7: "fishing",
  8: "under_way_sailing",
  11: "towing_astern",
  12: "pushing_ahead",
  14: "distress_signal",
};

/** ITU-R M.1371-5, table 48: the number is 4.733 times the root of the degrees a minute; ±127 says only that it turns fast, -128 nothing. */
const turnFactor = 4.733;
const maxTurn = 126;

/** Where a ship is and how it moves: time in seconds since 1970, or as GeoJSON (the first version) in milliseconds. */
export function vesselReadings(payload: JsonObject, device: string): Decoded | Refusal {
  const { place, instant } = placeOf(payload);
  if (instant === undefined) {
    return { ...refusal("invalid_time", "`time` in seconds since 1970", payload["time"]), device };
  }
  const of = { device, time: { instant } };
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (const { word, property, unit, from, end } of fields) {
    const value = place[word];
    if (value === undefined || value === null) continue;
    if (typeof value !== "number") {
      refusals.push({ ...refusal("invalid_value", "a number or null", value), reading: word, device });
    } else if (value >= from && value < end) {
      readings.push({ ...of, name: word, property, unit, value });
    }
  }
  const { rot, navStat } = place;
  if (typeof rot === "number" && Math.abs(rot) <= maxTurn) {
    const value = Math.sign(rot) * (rot / turnFactor) ** 2;
    readings.push({ ...of, name: "rot", property: "rate_of_turn", unit: "deg/min", value });
  }
  const status = typeof navStat === "number" ? navigationWords[navStat] : undefined;
  if (status !== undefined) {
    readings.push({ ...of, name: "navStat", property: "navigation_status", value: status });
  }
  if (readings.length === 0 && refusals.length === 0) return { skip: "nothing about the ship is known", device };
  return { readings, refusals };
}

function placeOf(payload: JsonObject): { place: JsonObject; instant: number | undefined } {
  const data = isJsonObject(payload["data"]) ? payload["data"] : payload;
  const { geometry, properties } = data;
  if (!isJsonObject(geometry) || !isJsonObject(properties)) {
    return { place: payload, instant: instantOfSeconds(payload["time"]) };
  }
  const coordinates: readonly unknown[] = Array.isArray(geometry["coordinates"]) ? geometry["coordinates"] : [];
  return {
    place: { ...properties, lon: coordinates[0], lat: coordinates[1] },
    instant: instantOfMs(properties["timestampExternal"]),
  };
}

/** Of what a ship says of itself only the draught is measured: tenths of a metre, 0 where it is not known. The rest is its description. */
export function vesselMetadata(payload: JsonObject, device: string): Decoded | Refusal {
  const data = isJsonObject(payload["data"]) ? payload["data"] : payload;
  const { draught, timestamp } = data;
  const instant = instantOfMs(timestamp);
  if (instant === undefined) {
    return { ...refusal("invalid_time", "`timestamp` in milliseconds since 1970", timestamp), device };
  }
  if (draught === undefined || draught === null || draught === 0) return { skip: "the draught is not known", device };
  if (typeof draught !== "number" || !Number.isFinite(draught)) {
    return { ...refusal("invalid_value", "`draught` in tenths of a metre", draught), reading: "draught", device };
  }
  return {
    readings: [{ device, name: "draught", property: "draught", unit: "dm", value: draught, time: { instant } }],
  };
}

function instantOfMs(value: unknown): number | undefined {
  return typeof value === "number" ? instantOfSeconds(value / 1000) : undefined;
}
