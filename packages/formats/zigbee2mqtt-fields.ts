export interface ZigbeeField {
  readonly property: string;
  readonly unit?: string;
  readonly channel?: string;
  readonly reads?: "flag" | "contact" | "switch" | "brightness" | "word";
}

const phases = { phase_b: "L2", phase_c: "L3", phase_a: "L1" } as const;

function perPhase(name: string, property: string, unit: string): [string, ZigbeeField][] {
  return Object.entries(phases).map(([suffix, channel]) => [`${name}_${suffix}`, { property, unit, channel }]);
}

/**
 * Words with one unit in every definition of a device. Source: zigbee2mqtt, "Exposes", and the presets of zigbee-herdsman-converters. Words
 * whose unit depends on the device (`voc`, `power_factor`, `formaldehyd`, `water_consumed`) have none here: the registry says it.
 */
export const zigbeeFields: ReadonlyMap<string, ZigbeeField> = new Map<string, ZigbeeField>([
  ["temperature", { property: "temperature", unit: "Cel" }],
  ["device_temperature", { property: "device_temperature", unit: "Cel" }],
  ["cpu_temperature", { property: "device_temperature", unit: "Cel" }],
  ["local_temperature", { property: "temperature", unit: "Cel", channel: "local" }],
  ["external_temperature", { property: "temperature", unit: "Cel", channel: "external" }],
  ["soil_temperature", { property: "soil_temperature", unit: "Cel" }],
  ["humidity", { property: "relative_humidity", unit: "%" }],
  ["pressure", { property: "air_pressure", unit: "hPa" }],
  ["soil_moisture", { property: "soil_moisture", unit: "%" }],
  ["illuminance", { property: "illuminance", unit: "lx" }],
  ["illuminance_lux", { property: "illuminance", unit: "lx" }],
  ["co2", { property: "co2", unit: "[ppm]" }],
  ["co", { property: "co" }],
  ["voc", { property: "tvoc" }],
  ["formaldehyd", { property: "formaldehyde" }],
  ["pm25", { property: "pm2_5", unit: "ug/m3" }],
  ["pm10", { property: "pm10", unit: "ug/m3" }],
  ["pm1", { property: "pm1", unit: "ug/m3" }],
  ["noise", { property: "sound_level", unit: "dB" }],
  ["power", { property: "active_power", unit: "W" }],
  ["power_reactive", { property: "reactive_power", unit: "var" }],
  ["power_apparent", { property: "apparent_power", unit: "V.A" }],
  ["energy", { property: "active_energy", unit: "kW.h" }],
  ["consumed_energy", { property: "active_energy_import", unit: "kW.h" }],
  ["produced_energy", { property: "active_energy_export", unit: "kW.h" }],
  ["current", { property: "current", unit: "A" }],
  ["current_neutral", { property: "current", unit: "A", channel: "N" }],
  ["ac_frequency", { property: "frequency", unit: "Hz" }],
  ["power_factor", { property: "power_factor" }],
  ...perPhase("power", "active_power", "W"),
  ...perPhase("current", "current", "A"),
  ...perPhase("voltage", "voltage", "V"),
  ...perPhase("power_apparent", "apparent_power", "V.A"),
  ...perPhase("power_reactive", "reactive_power", "var"),
  ["flow", { property: "flow", unit: "m3/h" }],
  ["battery", { property: "battery_level", unit: "%" }],
  ["battery_low", { property: "battery_low", reads: "flag" }],
  ["linkquality", { property: "link_quality", unit: "1" }],
  ["position", { property: "percentage", unit: "%" }],
  ["pi_heating_demand", { property: "valve_position", unit: "%" }],
  ["brightness", { property: "dimming_level", unit: "%", reads: "brightness" }],
  ["occupancy", { property: "motion", reads: "flag" }],
  ["presence", { property: "motion", reads: "flag", channel: "presence" }],
  ["contact", { property: "contact_open", reads: "contact" }],
  ["water_leak", { property: "water_leak", reads: "flag" }],
  ["smoke", { property: "smoke_alarm", reads: "flag" }],
  ["gas", { property: "alarm", reads: "flag", channel: "gas" }],
  ["carbon_monoxide", { property: "alarm", reads: "flag", channel: "carbon_monoxide" }],
  ["vibration", { property: "state", reads: "flag", channel: "vibration" }],
  ["rain", { property: "rain_detected", reads: "flag" }],
  ["tamper", { property: "tamper", reads: "flag" }],
  ["alarm", { property: "alarm", reads: "flag" }],
  ["test", { property: "state", reads: "flag", channel: "test" }],
  ["state", { property: "switch_state", reads: "switch" }],
  ["running_state", { property: "device_mode", reads: "word" }],
  ["system_mode", { property: "device_mode", reads: "word", channel: "system" }],
]);

/** Endpoints of devices that have several of a kind: `power_l2`, `state_left`. */
export const zigbeeEndpoint = /^(?<word>[a-z0-9_]+?)_(?<endpoint>l\d{1,2}|left|right|center|top|bottom|main|\d{1,2})$/u;
