/** A value that a device of the first generation publishes as text on a topic of its own. */
export interface Gen1Value {
  readonly property: string;
  /** Absent for flags and words, and where the owner has set the unit in the device: then only the registry can say it. */
  readonly unit?: string;
  /** Behind the channel of the component. */
  readonly part?: string;
  readonly reads: "number" | "flag" | "word";
  /** A number that stands for "not known". */
  readonly unknown?: number;
}

/** The meters of relays and lamps count watt-minutes since the device was started. */
const wattMinutes = "W.min";

function load(component: string): [string, Gen1Value][] {
  return [
    [component, { property: "switch_state", reads: "flag" }],
    [`${component}/power`, { property: "active_power", unit: "W", reads: "number" }],
    [`${component}/energy`, { property: "active_energy", unit: wattMinutes, reads: "number" }],
  ];
}

function number(property: string, unit: string, more: Partial<Gen1Value> = {}): Gen1Value {
  return { property, unit, reads: "number", ...more };
}

function flag(property: string, part?: string): Gen1Value {
  return { property, reads: "flag", ...(part !== undefined && { part }) };
}

function word(part: string): Gen1Value {
  return { property: "word", reads: "word", part };
}

/**
 * By what follows the device in the topic; numbers of components are `#`. Source: Shelly API documentation, Gen 1, "MQTT" of each
 * model. `sensor/temperature` is in °C or °F, as the owner has set it.
 */
export const gen1Values: ReadonlyMap<string, Gen1Value> = new Map<string, Gen1Value>([
  ...load("relay/#"),
  ...load("light/#"),
  ...load("color/#"),
  ...load("white/#"),
  ["roller/#", word("")],
  ["roller/#/pos", number("percentage", "%", { unknown: -1 })],
  ["roller/#/power", number("active_power", "W")],
  ["roller/#/energy", number("active_energy", wattMinutes)],
  ["emeter/#/power", number("active_power", "W")],
  ["emeter/#/reactive_power", number("reactive_power", "V.A{reactive}")],
  ["emeter/#/pf", number("power_factor", "1")],
  ["emeter/#/current", number("current", "A")],
  ["emeter/#/voltage", number("voltage", "V")],
  ["emeter/#/total", number("active_energy_import", "W.h")],
  ["emeter/#/total_returned", number("active_energy_export", "W.h")],
  ["emeter/#/energy", number("active_energy_import", wattMinutes, { part: "since_start" })],
  ["emeter/#/returned_energy", number("active_energy_export", wattMinutes, { part: "since_start" })],
  ["emeter_n/current", number("current", "A", { part: "N" })],
  ["voltage", number("voltage", "V")],
  ["temperature", number("device_temperature", "Cel")],
  ["overtemperature", flag("alarm", "overtemperature")],
  ["overload", flag("alarm", "overload")],
  ["loaderror", flag("alarm", "loaderror")],
  ["input/#", flag("input_state")],
  ["adc/#", number("voltage", "V")],
  ["ext_temperature/#", number("temperature", "Cel", { unknown: 999 })],
  ["ext_humidity/#", number("relative_humidity", "%", { unknown: 999 })],
  ["ext_switch/#", flag("input_state")],
  ["sensor/temperature", { property: "temperature", reads: "number", unknown: 999 }],
  ["sensor/humidity", number("relative_humidity", "%", { unknown: 999 })],
  ["sensor/battery", number("battery_level", "%", { unknown: -1 })],
  ["sensor/lux", number("illuminance", "lx", { unknown: -1 })],
  ["sensor/illumination", word("illumination")],
  ["sensor/tilt", number("tilt", "deg", { unknown: -1 })],
  ["sensor/flood", flag("water_leak")],
  ["sensor/smoke", flag("smoke_alarm")],
  ["sensor/state", flag("contact_open")],
  ["sensor/motion", flag("motion")],
  ["sensor/vibration", flag("state", "vibration")],
  ["sensor/charger", flag("state", "charger")],
  ["sensor/ext_power", flag("state", "ext_power")],
  ["sensor/external_power", flag("state", "ext_power")],
  ["sensor/gas", word("gas")],
  ["sensor/concentration", number("combustible_gas", "[ppm]")],
  ["sensor/operation", word("operation")],
  ["sensor/self_test", word("self_test")],
  ["valve/#/state", word("")],
  ["thermostat/#/position", number("valve_position", "%", { unknown: -1 })],
]);

/** Events, commands, and what another topic says as well (°F, words for a temperature that is published as a number). */
export const gen1Silent =
  /(?:^|\/)(?:announce|online|command|set|longpush\/\d+|input_event\/\d+|temperature_f|ext_temperature_f\/\d+|ext_temperatures_f|temperature_status|stop_reason|last_direction|overpower_value|sensor\/(?:error|act_reasons|active|status_word)|settings|schedule|fw|update)$/u;
