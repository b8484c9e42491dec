import { type Reading, type Refusal, refusal } from "@messnetz/model";
import { decimalOf } from "./decimal.ts";
import { channelOf } from "./device-word.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { energyField } from "./tasmota-energy.ts";
import { createLabelReader } from "./tasmota-labels.ts";
import {
  isIdentity,
  isNoValue,
  scaleUnits,
  type ScaleUnits,
  sensorField,
  skippedWords,
  type WordMeaning,
} from "./tasmota-words.ts";

/** Whose readings they are, and when. */
export type TelemetryOrigin = Pick<Reading, "device" | "time">;

export interface SensorReadings {
  readonly readings: Reading[];
  readonly refusals: Refusal[];
}

interface Sensor {
  /** Name of the object: `AM2301`, `DS18B20-2`, `SML`, ... */
  readonly name: string;
  readonly values: JsonObject;
  /** What a label means where the object is a meter. */
  readonly label: (label: string) => WordMeaning | undefined;
  readonly units: ScaleUnits;
  readonly origin: TelemetryOrigin;
  /** Series that the message has already. */
  readonly taken: Set<string>;
}

/**
 * All readings of a telemetry message: one object a sensor or meter, beside `Time` and the units of its scales. A number that stands
 * alone is a label of the owner's script.
 */
export function sensorReadings(telemetry: JsonObject, origin: TelemetryOrigin): SensorReadings {
  const found: SensorReadings = { readings: [], refusals: [] };
  const units = scaleUnits(telemetry);
  const taken = new Set<string>();
  const alone = createLabelReader("", telemetry);
  for (const [name, values] of Object.entries(telemetry)) {
    if (isJsonObject(values)) {
      const sensor = { name, values, label: createLabelReader(name, values), units, origin, taken };
      if (name === "ENERGY") readEnergy(sensor, found);
      else readSensor(sensor, found);
    } else if (contact.test(name) && (values === "ON" || values === "OFF")) {
      const state = { property: "input_state", channel: name, unit: "1" };
      found.readings.push({ ...origin, name, value: values === "ON", ...state });
    } else if (typeof values === "number" && !skippedWords.has(name)) {
      found.readings.push({ ...origin, name, value: values, ...apart(alone(name), name, taken) });
    }
  }
  return found;
}

const contact = /^Switch\d{1,2}$/u;

function readSensor(sensor: Sensor, found: SensorReadings): void {
  for (const [word, value] of Object.entries(sensor.values)) {
    if (!isJsonObject(value)) {
      readWord(sensor, { word, value }, found);
      continue;
    }
    // The deepest drivers go one level further: `Speed.Act` of a wind sensor.
    for (const [inner, one] of Object.entries(value)) readWord(sensor, { word: `${word}.${inner}`, value: one }, found);
  }
}

function readWord(
  sensor: Sensor,
  { word, value }: { readonly word: string; readonly value: unknown },
  found: SensorReadings,
): void {
  if (typeof value !== "number" && typeof value !== "string") return;
  if (skippedWords.has(word) || isIdentity(word)) return;
  const name = `${sensor.name}.${word}`;
  const meaning = sensorField(sensor.name, word, sensor.units) ?? sensor.label(word);
  // Firmware before 5.11 wrote its numbers as text.
  const number = meaning === undefined && typeof value === "string" ? undefined : decimalOf(value);
  if (number !== undefined) {
    if (isNoValue(sensor.name, word, number)) return;
    const isClear = !isOtherwise(sensor.name, meaning, number);
    found.readings.push({
      ...sensor.origin,
      name,
      value: number,
      ...apart(isClear ? meaning : undefined, word, sensor.taken),
    });
  } else if (meaning !== undefined) {
    // Text is a model, a date, a direction in letters; where a measurement is due it is a mistake.
    found.refusals.push({
      ...refusal("invalid_value", `a number for ${word}`, value),
      reading: name,
      device: sensor.origin.device,
    });
  }
}

/**
 * The number tells that the word means something else here: set up to measure the time between two pulses, a counter sends seconds with a
 * fraction; a power factor above 1 is a percentage, or an angle.
 */
function isOtherwise(sensor: string, meaning: WordMeaning | undefined, value: number): boolean {
  if (meaning?.property === "power_factor") return Math.abs(value) > 1;
  return sensor === "COUNTER" && !Number.isInteger(value);
}

/** Two words of one message never share a series: the later one gets its own word as channel. */
function apart(meaning: WordMeaning | undefined, word: string, taken: Set<string>): WordMeaning | undefined {
  if (meaning === undefined) return undefined;
  const key = `${meaning.property}.${meaning.channel ?? ""}`;
  if (taken.has(key)) return { ...meaning, channel: channelOf(word) };
  taken.add(key);
  return meaning;
}

/** The energy meter of a plug or a sub-meter: a number, or a list with one number a phase or output. */
function readEnergy({ name, values, label, origin, taken }: Sensor, { readings }: SensorReadings): void {
  for (const [word, value] of Object.entries(values)) {
    if (Array.isArray(value)) {
      for (const [index, one] of (value as readonly unknown[]).entries()) {
        if (typeof one === "number")
          readings.push({ ...origin, name: `${name}.${word}.${index}`, value: one, ...energyField(word, index) });
      }
    } else if (typeof value === "number" && !isIdentity(word)) {
      const meaning = energyField(word) ?? label(word);
      readings.push({ ...origin, name: `${name}.${word}`, value, ...apart(meaning, word, taken) });
    }
  }
}
