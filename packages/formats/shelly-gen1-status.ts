import type { Reading, ReadingTime } from "@messnetz/model";
import { decimalOf } from "./decimal.ts";
import { instantOfSeconds } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { flagOf } from "./shelly-gen1-words.ts";

interface Part {
  readonly path: readonly [string] | readonly [string, string];
  readonly property: string;
  readonly unit?: string;
  readonly part?: string;
  readonly unknown?: number;
  readonly max?: number;
}

/** Parts of a status that the device has once. */
const single: readonly Part[] = [
  { path: ["hum", "value"], property: "relative_humidity", unit: "%" },
  { path: ["lux", "value"], property: "illuminance", unit: "lx" },
  { path: ["bat", "value"], property: "battery_level", unit: "%" },
  { path: ["bat", "voltage"], property: "battery_voltage", unit: "V" },
  { path: ["flood"], property: "water_leak" },
  { path: ["smoke"], property: "smoke_alarm" },
  { path: ["sensor", "state"], property: "contact_open" },
  { path: ["sensor", "motion"], property: "motion" },
  { path: ["sensor", "vibration"], property: "state", part: "vibration" },
  { path: ["accel", "tilt"], property: "tilt", unit: "deg", unknown: -1 },
  { path: ["accel", "vibration"], property: "state", part: "vibration" },
  { path: ["concentration", "ppm"], property: "combustible_gas", unit: "[ppm]" },
  { path: ["charger"], property: "state", part: "charger" },
  { path: ["overtemperature"], property: "alarm", part: "overtemperature" },
  { path: ["wifi_sta", "rssi"], property: "rssi", unit: "dB[mW]" },
  { path: ["uptime"], property: "uptime", unit: "s" },
  { path: ["voltage"], property: "voltage", unit: "V" },
];

/** Parts of which a device has several, in lists. */
const lists: Readonly<Record<string, { readonly component: string; readonly parts: readonly Part[] }>> = {
  relays: { component: "relay", parts: [{ path: ["ison"], property: "switch_state" }] },
  lights: { component: "light", parts: [{ path: ["ison"], property: "switch_state" }] },
  meters: {
    component: "relay",
    parts: [
      { path: ["power"], property: "active_power", unit: "W" },
      { path: ["total"], property: "active_energy", unit: "W.min" },
    ],
  },
  emeters: {
    component: "emeter",
    parts: [
      { path: ["power"], property: "active_power", unit: "W" },
      { path: ["reactive"], property: "reactive_power", unit: "V.A{reactive}" },
      { path: ["pf"], property: "power_factor", unit: "1" },
      { path: ["current"], property: "current", unit: "A" },
      { path: ["voltage"], property: "voltage", unit: "V" },
      { path: ["total"], property: "active_energy_import", unit: "W.h" },
      { path: ["total_returned"], property: "active_energy_export", unit: "W.h" },
    ],
  },
  inputs: { component: "input", parts: [{ path: ["input"], property: "input_state" }] },
  rollers: {
    component: "roller",
    parts: [
      { path: ["power"], property: "active_power", unit: "W" },
      // 101 before the roller is calibrated.
      { path: ["current_pos"], property: "percentage", unit: "%", unknown: -1, max: 100 },
    ],
  },
  adcs: { component: "adc", parts: [{ path: ["voltage"], property: "voltage", unit: "V" }] },
  thermostats: {
    component: "thermostat",
    parts: [
      { path: ["pos"], property: "valve_position", unit: "%", unknown: -1 },
      { path: ["tmp", "value"], property: "temperature" }, // in `tmp.units`
    ],
  },
};

/** Lists that only devices with a load have. */
const loads = ["relays", "rollers", "lights", "meters"] as const;

const temperatureUnits: ReadonlyMap<unknown, string> = new Map([
  ["C", "Cel"],
  ["F", "[degF]"],
]);

/** Sensors at the terminals, by number: `{"0":{"tC":21.5}}`. */
const attached: Readonly<Record<string, Part>> = {
  ext_temperature: { path: ["tC"], property: "temperature", unit: "Cel", unknown: 999 },
  ext_humidity: { path: ["hum"], property: "relative_humidity", unit: "%", unknown: 999 },
};

/**
 * A whole status, as `info` has it: the same object as the answer to GET /status. `unixtime` is when, 0 before the device knows it. What
 * says `is_valid: false` of itself has no value; of a device, its own temperature stands in `temperature`, in °C.
 */
export function gen1Status(
  status: JsonObject,
  origin: { device: string; channel: (component: string, index: string) => string },
): Reading[] {
  const { device } = origin;
  const instant = status["unixtime"] === 0 ? undefined : instantOfSeconds(status["unixtime"]);
  const time: ReadingTime | undefined = instant === undefined ? undefined : { instant };
  const readings: Reading[] = [];

  function add(part: Part, object: JsonObject, place: { name: string; channel: string }): void {
    const [outer, inner] = part.path;
    const found = object[outer];
    if (isJsonObject(found) && found["is_valid"] === false) return;
    const raw = inner === undefined ? found : isJsonObject(found) ? found[inner] : undefined;
    const isNumber = part.unit !== undefined || part.property === "temperature";
    const value = isNumber ? (typeof raw === "number" ? decimalOf(raw) : undefined) : flagOf(raw);
    if (value === undefined || value === part.unknown) return;
    if (part.max !== undefined && Number(value) > part.max) return;
    const unit = part.unit ?? (isNumber && isJsonObject(found) ? temperatureUnits.get(found["units"]) : undefined);
    const channel = [place.channel, part.part ?? ""].filter((each) => each !== "").join("-");
    readings.push({
      device,
      name: `${place.name}${part.path.join(".")}`,
      value,
      property: part.property,
      ...(channel !== "" && { channel }),
      ...(unit !== undefined && { unit }),
      ...(time !== undefined && { time }),
    });
  }

  for (const part of single) add(part, status, { name: "", channel: "" });
  // What switches or meters a load is warm itself: `tmp` and `temperature` are its own then, and the same. Of a sensor it is the air's.
  const isSwitch = loads.some((key) => status[key] !== undefined);
  const property = isSwitch ? "device_temperature" : "temperature";
  const hasOwn = isSwitch && typeof status["temperature"] === "number";
  if (!hasOwn) add({ path: ["tmp", "tC"], property, unit: "Cel" }, status, { name: "", channel: "" });
  if (hasOwn || status["tmp"] === undefined) {
    add({ path: ["temperature"], property: "device_temperature", unit: "Cel" }, status, { name: "", channel: "" });
  }
  for (const [key, { component, parts }] of Object.entries(lists)) {
    const list = status[key];
    if (!Array.isArray(list)) continue;
    for (const [index, entry] of list.entries()) {
      if (!isJsonObject(entry) || entry["is_valid"] === false) continue;
      const place = { name: `${key}.${index}.`, channel: origin.channel(component, String(index)) };
      for (const part of parts) add(part, entry, place);
    }
  }
  for (const [key, part] of Object.entries(attached)) {
    const sensors = status[key];
    if (!isJsonObject(sensors)) continue;
    for (const [index, sensor] of Object.entries(sensors)) {
      if (!isJsonObject(sensor) || !/^\d{1,2}$/u.test(index)) continue;
      add(part, sensor, { name: `${key}.${index}.`, channel: origin.channel("ext", index) });
    }
  }
  return readings;
}
