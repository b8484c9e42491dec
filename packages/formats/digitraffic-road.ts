import { type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { tmsSensors, weatherSensors } from "./digitraffic-sensors.ts";
import type { Decoded } from "./format.ts";
import { instantOf, instantOfSeconds } from "./instant.ts";
import type { JsonObject } from "./json-object.ts";

const hourMs = 3_600_000;

/**
 * One value of one sensor: `{ value, time, start?, end? }`, seconds since 1970. Of a fixed window the value belongs to the window, which
 * ends before the message is sent. A sensor that is not in the list is a reading of which only the registry knows what it means.
 */
export function stationReading(
  payload: JsonObject,
  station: { readonly device: string; readonly kind: "tms" | "weather"; readonly sensor: string },
): Decoded | Refusal {
  const { device, kind, sensor: name } = station;
  const { value, time: sentAt, start, end } = payload;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    return value === null
      ? { skip: "the sensor has no value", device }
      : { ...refusal("invalid_value", "`value` as a number", value), reading: name, device };
  }
  const sent = instantOfSeconds(sentAt) ?? instantOf(sentAt);
  if (sent === undefined) return { ...refusal("invalid_time", "`time` in seconds since 1970", sentAt), device };
  const begin = instantOfSeconds(start);
  const until = instantOfSeconds(end);
  const span = begin !== undefined && until !== undefined && until > begin ? { begin, until } : undefined;
  const sensor = (kind === "tms" ? tmsSensors : weatherSensors).get(name);
  if (kind === "tms" && sensor !== undefined && value < 0) return { skip: "no vehicle passed", device };
  const time: ReadingTime = { instant: span?.until ?? sent };
  const of = { device, name, value, time, ...(span !== undefined && { intervalMs: span.until - span.begin }) };
  if (sensor === undefined) return { readings: [of] };
  const { property, unit, channel, countsIn } = sensor;
  const known = channel === undefined ? of : { ...of, channel };
  // Vehicles of a whole hour are a number of vehicles, and can be added up.
  if (countsIn === "window" && of.intervalMs === hourMs) {
    return { readings: [{ ...known, property: "vehicle_count", unit: "{vehicle}" }] };
  }
  return { readings: [{ ...known, property, unit }] };
}

/** Where a vehicle of road maintenance is: longitude `x`, latitude `y`. Whose it is, is kept private; the domain stands for its fleet. */
export function maintenanceReadings(payload: JsonObject, device: string): Decoded | Refusal {
  const { x, y, time } = payload;
  const instant = instantOfSeconds(time) ?? instantOf(time);
  if (instant === undefined) return { ...refusal("invalid_time", "`time` in seconds since 1970", time), device };
  if (typeof x !== "number" || typeof y !== "number" || !Number.isFinite(x + y)) {
    return { ...refusal("invalid_value", "`x` and `y` as degrees", { x, y }), device };
  }
  const of = { device, time: { instant }, unit: "deg" };
  return {
    readings: [
      { ...of, name: "x", property: "longitude", value: x },
      { ...of, name: "y", property: "latitude", value: y },
    ],
  };
}

/** State of a charging point: the words of OCPI in capitals. */
export function chargingReading(payload: JsonObject, device: string): Decoded | Refusal {
  const { status, time } = payload;
  const instant = instantOf(time) ?? instantOfSeconds(time);
  if (instant === undefined) return { ...refusal("invalid_time", "`time` as ISO 8601 with a zone", time), device };
  if (typeof status !== "string") return { ...refusal("invalid_value", "`status` as a word", status), device };
  const value = status.toLowerCase();
  return { readings: [{ device, name: "status", property: "charging_state", value, time: { instant } }] };
}
