import { type Reading, type Refusal, refusal } from "@messnetz/model";
import { channelOf } from "./device-word.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { energyField } from "./tasmota-energy.ts";
import { labelMeaning } from "./tasmota-labels.ts";
import { scaleUnits, type ScaleUnits, sensorField, skippedWords, type WordMeaning } from "./tasmota-words.ts";

/** A reading without device and time, which are the message's. */
export type SensorReading = Omit<Reading, "device" | "time">;

interface Sensor {
  /** Name of the object: `AM2301`, `DS18B20-2`, `SML`, ... */
  readonly name: string;
  readonly values: JsonObject;
}

/** All readings of a telemetry message: one object a sensor or meter, beside `Time` and the units of its scales. */
export function* sensorReadings(telemetry: JsonObject): Generator<SensorReading | Refusal> {
  const units = scaleUnits(telemetry);
  for (const [name, values] of Object.entries(telemetry)) {
    if (!isJsonObject(values)) continue;
    yield* name === "ENERGY" ? energyReadings({ name, values }) : readSensor({ name, values }, units);
  }
}

function* readSensor(sensor: Sensor, units: ScaleUnits): Generator<SensorReading | Refusal> {
  const taken = new Set<string>();
  for (const [word, value] of Object.entries(sensor.values)) {
    if (skippedWords.has(word) || value === null || typeof value === "boolean" || Array.isArray(value)) continue;
    const meaning = sensorField(sensor.name, word, units) ?? labelMeaning(sensor.name, word, sensor.values);
    if (isJsonObject(value)) continue;
    const name = `${sensor.name}.${word}`;
    if (typeof value === "number") yield { name, value, ...apart(meaning ?? {}, word, taken) };
    // Text is a number of a meter, a model, a date; where a measurement is due it is a mistake.
    else if (meaning?.property !== undefined) {
      yield { ...refusal("invalid_value", `a number for ${word}`, value), reading: name };
    }
  }
}

/** Two words of one sensor never share a series: the later one gets its own word as channel. */
function apart(meaning: WordMeaning, word: string, taken: Set<string>): WordMeaning {
  if (meaning.property === undefined) return meaning;
  const key = `${meaning.property}.${meaning.channel ?? ""}`;
  if (taken.has(key)) return { ...meaning, channel: channelOf(word) };
  taken.add(key);
  return meaning;
}

/** The energy meter of a plug or a sub-meter: a number, or a list with one number a phase or output. */
function* energyReadings({ name, values }: Sensor): Generator<SensorReading | Refusal> {
  for (const [word, value] of Object.entries(values)) {
    if (Array.isArray(value)) {
      for (const [index, one] of (value as readonly unknown[]).entries()) {
        if (typeof one === "number")
          yield { name: `${name}.${word}.${index}`, value: one, ...energyField(word, index) };
      }
    } else if (typeof value === "number") {
      yield { name: `${name}.${word}`, value, ...(energyField(word) ?? labelMeaning(name, word, values)) };
    }
  }
}
