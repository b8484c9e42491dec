import { channelOf, maxChannelLength } from "./device-word.ts";
import type { JsonObject } from "./json-object.ts";
import { obisMeaning } from "./obis.ts";
import { remember } from "./remember.ts";
import { genericLabels, type MeterAlias, mediumMeters, meterAliases } from "./tasmota-aliases.ts";
import { descriptorOf } from "./tasmota-descriptors.ts";
import type { WordMeaning } from "./tasmota-words.ts";

/** Meters whose name says nothing: their readings stand without a channel. */
const plainMeters: ReadonlySet<string> = new Set(["SML", "OBIS", "ENERGY", ""]);

/** Names of objects that are smart meters, whatever their labels. Folded. */
const meterName = /sml|obis|^energy$|ehz|zaehler|strom|smart_?meter/u;

/**
 * Drivers of sensors, which also write words like `Energy`, `Total`, `Voltage`, `P`: of a lightning, of rain, of a battery. Beside
 * them everything that has no unmistakable label of a meter is taken for a sensor.
 */
const sensorDriver =
  /^(?:AS3935|RG-15|RG15|LD24\d\d|INA\d|MAX\d|ADS\d|ADE\d|Wooliis|JBD|PZEM_BMS|MPU\d|BM[EP]\d|HX711|ANALOG|COUNTER|DHT|AM23|DS18|SHT|SI\d|VL53|SR04|TX2|ESP32|FLOWRATE|MS5837|LOX|PN532|APDS|VEML|TSL|BH17|SDS|PMS|SEN\d|SCD|MH)/u;

/**
 * What the labels of one object mean: an OBIS code, or a word of the alias table with phase and tariff taken off. Words that devices of
 * any kind use (`Total`, `Energy`, `P`) are labels only where the object is a meter by its name, or by a label that nothing but a meter
 * has. Undefined for each other label; its unit is known to its installer only.
 */
export function createLabelReader(meter: string, siblings: JsonObject): (label: string) => WordMeaning | undefined {
  if (sensorDriver.test(meter)) return () => undefined;
  const descriptor = descriptorOf(meter, siblings);
  let known: boolean | undefined;
  const isMeter = () => (known ??= meterName.test(foldWord(meter)) || Object.keys(siblings).some(tellsMeter));
  return (label) => {
    const described = descriptor?.(label);
    if (described !== undefined) return described === null ? undefined : withMeter(meter, described);
    // Descriptors of Iskra MT175 and EasyMeter Q3D: `L1` to `L3` are watts beside the sum `P` or `P_in`.
    if (/^L[123]$/u.test(label)) {
      return ("P" in siblings || "P_in" in siblings) && isMeter() ? withMeter(meter, barePhase(label)) : undefined;
    }
    const inMedium = mediumMeters.get(foldWord(meter));
    if (inMedium?.labels.has(foldWord(label)) === true) return { property: inMedium.property, unit: inMedium.unit };
    const meaning = meaningOfLabel(label);
    if (meaning === undefined || (isGeneric(label) && !tellsMeter(label) && !isMeter())) return undefined;
    return withMeter(meter, meaning);
  };
}

const isGeneric = remember((label) => genericLabels.has(takeApart(foldWord(label)).base));

/** A label that nothing but a smart meter has: an OBIS code, a phase or tariff of a known word, a register with its direction. */
const tellsMeter = remember((label): boolean => {
  const { base, part } = takeApart(foldWord(label));
  if (obisMeaning(base) !== undefined) return true;
  const alias = aliasMeaning(base, part);
  if (alias === undefined) return false;
  return part !== "" || (alias.property.includes("_energy_") && !genericLabels.has(base));
});

function barePhase(label: string): WordMeaning {
  return { property: "active_power", unit: "W", channel: label };
}

function withMeter(meter: string, meaning: WordMeaning): WordMeaning {
  if (plainMeters.has(meter)) return meaning;
  const name = channelOf(meter);
  if (meaning.channel === undefined) return { ...meaning, channel: name };
  // The end tells the phase or tariff: what is too long is cut before it.
  return { ...meaning, channel: `${name.slice(0, maxChannelLength - meaning.channel.length - 1)}-${meaning.channel}` };
}

const meaningOfLabel = remember((label): WordMeaning | undefined => {
  const { base, part } = takeApart(foldWord(label));
  const meaning = obisMeaning(base) ?? aliasMeaning(base, part);
  if (meaning === undefined) return undefined;
  const { property, unit } = meaning;
  const channel = [meaning.channel ?? "", part].filter((one) => one !== "").join("-");
  return channel === "" ? { property, unit } : { property, unit, channel };
});

/** `E_inHT` and `e-in-ht` are one word: lower case, umlauts spelled out, parts separated by `_`. */
const foldWord = remember((label) =>
  label
    .replaceAll(/k(?:Wh|VAh|varh)/giu, (unit) => unit.toLowerCase())
    .replaceAll(/([a-z])(?=[LT][123](?:[^0-9]|$))/gu, "$1_")
    .replaceAll(/(^|[^A-Za-z])(L[123])(?=[A-Z][a-z])/gu, "$1$2_")
    .replaceAll(/([a-z])([A-Z]{2}|[A-Z][a-z])/gu, "$1_$2")
    .toLowerCase()
    .replaceAll("ä", "ae")
    .replaceAll("ö", "oe")
    .replaceAll("ü", "ue")
    .replaceAll("ß", "ss")
    .replaceAll(/[^a-z0-9]+/gu, "_")
    .replaceAll(/^_+|_+$/gu, ""),
);

/** The sum of the phases, spelled out: `kW_L1+L2+L3`. */
const allPhases = /_l1_l2_l3$/u;
const phasePart = /(?:^|_)(?:l|p|phase_?)([123])(?=_|$)/u;
const neutral = /(?<=_l[123])_n$/u;
const tariffPart = /(?:^|_)(?:t|tarif_?|tariff_?)([1-9])(?=_|$)/u;
const dayOrNight = /(?:^|_)(ht|nt)(?=_|$)/u;

interface LabelParts {
  readonly base: string;
  /** `L1`, `T1`, `HT`, or none. */
  readonly part: string;
}

function takeApart(label: string): LabelParts {
  if (allPhases.test(label)) return { base: label.replace(allPhases, ""), part: "" };
  for (const [pattern, letter] of [
    [phasePart, "L"],
    [tariffPart, "T"],
    [dayOrNight, ""],
  ] as const) {
    const match = pattern.exec(label);
    if (match === null) continue;
    // A voltage or power of a phase is that against the neutral: `Voltage_L1-N`.
    const rest = letter === "L" ? label.replace(neutral, "") : label;
    const base = rest.replace(pattern, "").replaceAll(/^_+|_+$/gu, "");
    return { base, part: `${letter}${(match[1] ?? "").toUpperCase()}` };
  }
  return { base: label, part: "" };
}

function aliasMeaning(base: string, part: string): MeterAlias | undefined {
  const alias = meterAliases.get(base);
  return alias?.only?.test(part) === false ? undefined : alias;
}
