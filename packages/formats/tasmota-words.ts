import { channelOf } from "./device-word.ts";
import type { JsonObject } from "./json-object.ts";
import { remember } from "./remember.ts";

/** What a word means. Without a unit only the registry can say it. */
export interface WordMeaning {
  readonly property: string;
  readonly channel?: string;
  readonly unit?: string;
}

/** Units that the device's owner may choose and that the message names. Absent: the message does not say, and nobody guesses. */
export interface ScaleUnits {
  readonly temperature?: string;
  readonly pressure?: string;
  readonly speed?: string;
}

const temperatureUnits: ReadonlyMap<unknown, string> = new Map([
  ["C", "Cel"],
  ["F", "[degF]"],
  ["K", "K"],
]);

const pressureUnits: ReadonlyMap<unknown, string> = new Map([
  ["hPa", "hPa"],
  ["mmHg", "mm[Hg]"],
  ["inHg", "[in_i'Hg]"],
  ["mbar", "mbar"],
]);

const speedUnits: ReadonlyMap<unknown, string> = new Map([
  ["m/s", "m/s"],
  ["km/h", "km/h"],
  ["kn", "[kn_i]"],
  ["mph", "[mi_i]/h"],
  ["ft/s", "[ft_i]/s"],
  ["yd/s", "[yd_i]/s"],
]);

export function scaleUnits(telemetry: JsonObject): ScaleUnits {
  const temperature = temperatureUnits.get(telemetry["TempUnit"]);
  const pressure = pressureUnits.get(telemetry["PressureUnit"]);
  const speed = speedUnits.get(telemetry["SpeedUnit"]);
  return {
    ...(temperature !== undefined && { temperature }),
    ...(pressure !== undefined && { pressure }),
    ...(speed !== undefined && { speed }),
  };
}

/** Of a sensor, but not measured: addresses, models, raw counts that another word repeats, which tariff is running. */
export const skippedWords: ReadonlySet<string> = new Set(
  "Id Address Model Channel Repeat Time Epoch WeightRaw Tariff tariff Tarifa".split(" "),
);

const identity = /(?:^|[ _-])(?:id|ID|Id|nr|Nr)$|[a-z]I[Dd]$|(?:[Nn]umber|[Nn]ummer|[Ss]erial)$/u;

/** The number of the meter or sensor itself: `Meter_number`, `Server_ID`, `Zaehler_Nummer`. */
export const isIdentity = remember((word) => identity.test(word));

interface SensorWord {
  readonly property: string;
  /** UCUM code, or the scale whose unit the message names. Absent: it depends on the driver (`distanceUnit`). */
  readonly unit?: string | { readonly scale: keyof ScaleUnits };
  /** Names of the only sensors of which the word means this. */
  readonly only?: RegExp;
  /** Sensors that mean something else by it. */
  readonly not?: RegExp;
}

const temperature = { scale: "temperature" } as const;
const pressure = { scale: "pressure" } as const;
/** Of the air; MS5837 measures it in water, LOX in a unit of its own. */
const barometers = /^(?:BM[EP]\d{3}|HP303B|LPS\d|QMP6988)/u;
/** Whose `Current` is an electric one; of a smart meter it may be the current power. */
const shunts = /^INA\d/u;

/** Sensors that are heard over Bluetooth, by the names of their driver (`xsns_62_esp32_mi`). */
const beacons = /^(?:ATC|PVVX|LYWSD|MJ_HT|MJYD|CGG|CGD|MHOC|MCCGQ|SJWS|YEERC|NLIGHT|Flora|IBEACON)/iu;

/** Words that Tasmota's sensor drivers share (sources of the drivers, `xsns_*`), and that are no labels of meters. */
const sensorWords: ReadonlyMap<string, SensorWord> = new Map<string, SensorWord>([
  // ME007 says degrees Celsius, whatever the scale of the message.
  ["Temperature", { property: "temperature", unit: temperature, not: /^ME007/u }],
  ["DewPoint", { property: "dew_point", unit: temperature }],
  ["Humidity", { property: "relative_humidity", unit: "%" }],
  ["Pressure", { property: "air_pressure", unit: pressure, only: barometers }],
  ["SeaPressure", { property: "air_pressure_sea_level", unit: pressure, only: barometers }],
  // SI1145 sends the raw count of its diode.
  ["Illuminance", { property: "illuminance", unit: "lx", not: /^SI114/u }],
  ["CarbonDioxide", { property: "co2", unit: "[ppm]" }],
  ["eCO2", { property: "co2", unit: "[ppm]" }],
  ["TVOC", { property: "tvoc", unit: "[ppb]" }],
  ["PM1", { property: "pm1", unit: "ug/m3" }],
  ["PM2.5", { property: "pm2_5", unit: "ug/m3" }],
  ["PM10", { property: "pm10", unit: "ug/m3" }],
  ["Distance", { property: "distance" }],
  // In kg; a scale heard over Bluetooth has a unit of its own.
  ["Weight", { property: "weight", unit: "kg", only: /^HX711/u }],
  ["Voltage", { property: "voltage", unit: "V", only: shunts }],
  ["Current", { property: "current", unit: "A", only: shunts }],
  ["Power", { property: "active_power", unit: "W", only: shunts }],
  // Thermocouples and infrared thermometers: what they are held to, and their own chip.
  ["ProbeTemperature", { property: "temperature", unit: temperature }],
  ["ReferenceTemperature", { property: "device_temperature", unit: temperature }],
  ["OBJTMP", { property: "temperature", unit: temperature }],
  ["AMBTMP", { property: "device_temperature", unit: temperature }],
  ["Speed.Act", { property: "wind_speed", unit: { scale: "speed" } }],
  ["Speed.Max", { property: "wind_gust", unit: { scale: "speed" } }],
  ["Speed.Avg", { property: "wind_speed", unit: { scale: "speed" } }],
  ["Speed.Min", { property: "wind_speed", unit: { scale: "speed" } }],
  ["Dir.Deg", { property: "wind_direction", unit: "deg" }],
  ["Dir.Avg", { property: "wind_direction", unit: "deg" }],
  ["UvIndex", { property: "uv_index", unit: "1" }],
  ["Battery", { property: "battery_level", unit: "%", only: beacons }],
  ["RSSI", { property: "rssi", unit: "dB[mW]", only: beacons }],
]);

/** Words that say what another word of the same sensor says in its plain form: they are series of their own. */
const wordsApart: ReadonlySet<string> = new Set(["Speed.Avg", "Speed.Min", "Dir.Avg"]);

/** The chip's own thermometer. */
const chips = /^ESP32/u;

/**
 * Drivers whose `Distance` has had one unit in all versions. VL53L0X, VL53L1X and HRXL sent whole millimetres before they sent
 * centimetres: of these and of each other one only the registry can say it.
 */
const distanceUnits: readonly (readonly [RegExp, string])[] = [
  [/^(?:SR04|TFminiPlus|GY-US42)/u, "cm"],
  [/^TOF10120/u, "mm"],
  [/^AS3935/u, "km"],
];

/** The meaning of a word of a sensor; undefined where no driver writes it. Channel: the sensor. */
export function sensorField(sensor: string, word: string, units: ScaleUnits): WordMeaning | undefined {
  if (sensor === "COUNTER") return { property: "pulse_count", channel: channelOf(word), unit: "{pulse}" };
  const found = sensorWords.get(
    sensor === "ANALOG" ? word.replace(/(?<=^(?:Temperature|Illuminance))[1-9]$/u, "") : word,
  );
  if (found === undefined || found.only?.test(sensor) === false || found.not?.test(sensor) === true) return undefined;
  // Of several analogue inputs the number is part of the word.
  const channel = !sensorWords.has(word) || wordsApart.has(word) ? channelOf(`${sensor}-${word}`) : channelOf(sensor);
  if (word === "Temperature" && chips.test(sensor)) {
    return { property: "device_temperature", channel, ...inScale(units, "temperature") };
  }
  const { property } = found;
  const unit = found.unit ?? distanceUnits.find(([drivers]) => drivers.test(sensor))?.[1];
  if (unit === undefined) return { property, channel };
  return typeof unit === "string" ? { property, channel, unit } : { property, channel, ...inScale(units, unit.scale) };
}

/** Codes of AS3935 for a storm out of range, of unknown distance, and overhead. */
const stormCodes: ReadonlySet<number> = new Set([-1, 0, 1, 63]);

/** The value is a code for "nothing to measure". */
export function isNoValue(sensor: string, word: string, value: number): boolean {
  return word === "Distance" && sensor.startsWith("AS3935") && stormCodes.has(value);
}

function inScale(units: ScaleUnits, scale: keyof ScaleUnits): { unit?: string } {
  const unit = units[scale];
  return unit === undefined ? {} : { unit };
}
