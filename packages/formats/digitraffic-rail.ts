import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { channelOf } from "./device-word.ts";
import type { Decoded } from "./format.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/** Where a train is: a GeoJSON point, speed in km/h, accuracy in metres. */
export function trainLocation(payload: JsonObject, device: string): Decoded | Refusal {
  const { timestamp, location, speed, accuracy } = payload;
  const instant = instantOf(timestamp);
  if (instant === undefined) {
    return { ...refusal("invalid_time", "`timestamp` as ISO 8601 with a zone", timestamp), device };
  }
  const readings: Reading[] = [];
  const number = (value: unknown, reading: Pick<Reading, "name" | "property" | "unit">): void => {
    if (typeof value === "number" && Number.isFinite(value))
      readings.push({ device, time: { instant }, ...reading, value });
  };
  const coordinates: readonly unknown[] =
    isJsonObject(location) && Array.isArray(location["coordinates"]) ? location["coordinates"] : [];
  number(coordinates[0], { name: "location.longitude", property: "longitude", unit: "deg" });
  number(coordinates[1], { name: "location.latitude", property: "latitude", unit: "deg" });
  number(speed, { name: "speed", property: "speed", unit: "km/h" });
  number(accuracy, { name: "accuracy", property: "position_accuracy", unit: "m" });
  if (readings.length > 0) return { readings };
  return { ...refusal("malformed", "`location` as a GeoJSON point, or `speed`", payload), device };
}

/**
 * A train's timetable with what came of it: per stop the delay at arrival and departure, from the actual time or the estimate against the
 * scheduled one (`differenceInMinutes` is the same, rounded). The channel is the station's short code.
 */
export function trainRun(payload: JsonObject, device: string): Decoded | Refusal {
  const rows = payload["timeTableRows"];
  if (!Array.isArray(rows)) return { ...refusal("malformed", "`timeTableRows` as a list", rows), device };
  const readings: Reading[] = [];
  for (const row of rows as readonly unknown[]) {
    if (!isJsonObject(row)) continue;
    const { stationShortCode, type, scheduledTime, liveEstimateTime, actualTime, cancelled } = row;
    const scheduled = instantOf(scheduledTime);
    const [actual, estimate] = [instantOf(actualTime), instantOf(liveEstimateTime)];
    const instant = actual ?? estimate;
    if (typeof stationShortCode !== "string" || (type !== "ARRIVAL" && type !== "DEPARTURE")) continue;
    if (cancelled === true || scheduled === undefined || instant === undefined) continue;
    const property = type === "ARRIVAL" ? "arrival_delay" : "departure_delay";
    const value = (instant - scheduled) / 1000;
    const time: ReadingTime = actual === undefined ? { foretold: instant } : { instant };
    const channel = channelOf(stationShortCode);
    readings.push({ device, name: property, property, channel, unit: "s", value, time });
  }
  return readings.length > 0 ? { readings } : { skip: "a timetable of which nothing has come yet", device };
}

/** A train came onto a section of track or left it. */
export function trackSection({ timestamp, type }: JsonObject, device: string): Decoded | Refusal {
  const instant = instantOf(timestamp);
  if (instant === undefined) {
    return { ...refusal("invalid_time", "`timestamp` as ISO 8601 with a zone", timestamp), device };
  }
  if (type !== "OCCUPY" && type !== "RELEASE") {
    return { ...refusal("malformed", "`type` OCCUPY or RELEASE", type), device };
  }
  const reading = { name: "type", property: "vehicle_present", value: type === "OCCUPY" };
  return { readings: [{ device, time: { instant }, ...reading }] };
}
