import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { channelOf } from "./device-word.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/** Counted, but not a person (APC message of HSL, `count.class`, after ITxPT): left out of the sums. */
const notPersons: ReadonlySet<unknown> = new Set(["pram", "bike"]);

interface InAndOut {
  in: number;
  out: number;
}

/**
 * Automatic passenger counting: the load, who got in and out since the last message in all and by door. A negative load is
 * a counter that drifted, not a measurement. `countquality` other than `regular` is the device's own doubt. Where one count of a door is
 * no count, no sum is told: it would lack somebody.
 */
export function passengerReadings(
  counts: JsonObject,
  device: string,
  time: ReadingTime,
): { readings: Reading[]; refusals: Refusal[] } {
  const quality = counts["countquality"];
  const doubt = typeof quality === "string" && quality !== "regular" ? { checks: ["device" as const] } : {};
  const person = { device, unit: "{person}", time, ...doubt };
  const readings: Reading[] = [];
  const load = counts["vehicleload"];
  if (isCount(load)) readings.push({ ...person, name: "vehicleload", property: "passenger_load", value: load });
  const ratio = counts["vehicleloadratio"];
  if (typeof ratio === "number" && Number.isFinite(ratio) && ratio >= 0) {
    const occupancy = { property: "vehicle_occupancy", channel: "apc", value: ratio, unit: "1" };
    readings.push({ device, name: "vehicleloadratio", ...occupancy, time, ...doubt });
  }
  const doors = counts["doorcounts"];
  if (!Array.isArray(doors)) return { readings, refusals: [] };
  const sum: InAndOut = { in: 0, out: 0 };
  const byDoor = new Map<string, InAndOut>();
  for (const door of doors as readonly unknown[]) {
    if (!isJsonObject(door) || !Array.isArray(door["count"])) continue;
    const persons = personsAt(door["count"]);
    if (persons === undefined) {
      const expected = "whole numbers of persons, `in` and `out` of each class";
      return { readings, refusals: [{ ...refusal("invalid_value", expected, door), reading: "doorcounts", device }] };
    }
    sum.in += persons.in;
    sum.out += persons.out;
    const channel = channelOf(`door-${String(door["door"])}`);
    const before = byDoor.get(channel);
    byDoor.set(channel, { in: persons.in + (before?.in ?? 0), out: persons.out + (before?.out ?? 0) });
  }
  if (byDoor.size === 0) return { readings, refusals: [] };
  readings.push({ ...person, name: "doorcounts.in", property: "passengers_in", value: sum.in });
  readings.push({ ...person, name: "doorcounts.out", property: "passengers_out", value: sum.out });
  for (const [channel, persons] of byDoor) {
    readings.push({ ...person, name: "doorcounts.in", property: "passengers_in", channel, value: persons.in });
    readings.push({ ...person, name: "doorcounts.out", property: "passengers_out", channel, value: persons.out });
  }
  return { readings, refusals: [] };
}

/** Undefined where a count is none. */
function personsAt(classes: readonly unknown[]): InAndOut | undefined {
  const sum: InAndOut = { in: 0, out: 0 };
  for (const count of classes) {
    if (!isJsonObject(count) || notPersons.has(count["class"])) continue;
    const { in: entered = 0, out: left = 0 } = count;
    if (!isCount(entered) || !isCount(left)) return undefined;
    sum.in += entered;
    sum.out += left;
  }
  return sum;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
