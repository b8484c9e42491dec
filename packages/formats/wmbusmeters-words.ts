import { channelOf } from "./device-word.ts";
import { remember } from "./remember.ts";
import { type Medium, quantityOf } from "./wmbusmeters-quantities.ts";
import { measuredUnits, type MeasuredUnit, pointInTimeSuffixes } from "./wmbusmeters-units.ts";

/** A register, a sum or an extreme of a past date or period, the year of making; how long ago something was (`duration_since_last_...`) is of now. */
const history =
  /(?:^|_)(?:target|due|prev|previous|last|history|historical)(?:_|$)|_at_(?:[a-z]+_){0,2}(?:date|error|month_end)(?:_|$)|^min_|^manufacture_/u;

/** Property, channel and unit of a field. Without a property only the registry can say what it is. */
export interface FieldMeaning {
  readonly property?: string;
  readonly channel?: string;
  readonly unit: string;
}

const sinceThen = /(?:^|_)since_/u;

/** What the field means; a field without `_<unit>`, a date and a past figure are not measured now. */
export function fieldMeaning(field: string, medium: Medium): FieldMeaning | "unknown unit" | "not of now" {
  return meaningsByMedium[medium](field);
}

const meaningsByMedium = {
  water: remember((field) => meaningOfField(field, "water")),
  gas: remember((field) => meaningOfField(field, "gas")),
  electricity: remember((field) => meaningOfField(field, "electricity")),
  heat: remember((field) => meaningOfField(field, "heat")),
  cooling: remember((field) => meaningOfField(field, "cooling")),
  other: remember((field) => meaningOfField(field, "other")),
};

function meaningOfField(field: string, medium: Medium): FieldMeaning | "unknown unit" | "not of now" {
  const underscore = field.lastIndexOf("_");
  const suffix = field.slice(underscore + 1);
  if (underscore < 1 || pointInTimeSuffixes.has(suffix) || (history.test(field) && !sinceThen.test(field)))
    return "not of now";
  const unit = measuredUnits.get(suffix);
  return unit === undefined ? "unknown unit" : meaningOf(field.slice(0, underscore), unit, medium);
}

/** The property of `<name>` (without its unit suffix), told by dimension, medium and the words of the name. */
function meaningOf(name: string, measured: MeasuredUnit, medium: Medium): FieldMeaning | "unknown unit" {
  const { parts, words } = readName(name);
  const quantity = quantityOf(measured.dimension, medium, words);
  if (quantity === undefined) return { unit: measured.unit, channel: channelOf(name) };
  // A difference in degrees Fahrenheit is none in kelvin, and no point of the scale: there is no UCUM code for it.
  if (quantity.unit === "K" && measured.unit === "[degF]") return "unknown unit";
  const isPlain = words.every((word) => quantity.plain.includes(word));
  const isRegister = isPlain || words.every((word) => quantity.plain.includes(word) || registerWord.test(word));
  const property = isRegister ? quantity.property : (quantity.figure ?? quantity.property);
  const unit = quantity.unit ?? measured.unit;
  const channel = isPlain ? parts.join("-") : channelOf(name);
  return channel === "" ? { property, unit } : { property, unit, channel };
}

/** Words that name another register of the meter. With any other word a figure is not known to be one. */
const registerWord = /^(?:forward|backwards?|heat|heating|cooling|subunit\d{1,2}|input\d{1,2})$/u;

interface FieldName {
  /** `L1`, or `L1` and `L2` for what is between two; `N`; `T1`. */
  readonly parts: readonly string[];
  readonly words: readonly string[];
}

/** `voltage_1_n` and `voltage_1_2`, as one driver writes the voltage of a phase and between two. */
const bareVoltage = /^voltage_([123])_(?:n|([123]))$/u;
const phaseWord = /(?:^|_)(?:(?:at_)?phase_?|l)([123])(?:_n)?(?=_|$)/gu;
const neutralWord = /(?:^|_)(?:in_)?neutral(?=_|$)|(?<=^current)_n$/u;
const tariffWord = /(?:^|_)(?:tariff|rate)_?(\d{1,2})(?=_|$)/u;

function readName(name: string): FieldName {
  const parts: string[] = [];
  const rest = name
    .toLowerCase()
    .replace(
      bareVoltage,
      (_, one: string, other?: string) => `voltage_l${one}${other === undefined ? "" : `_l${other}`}`,
    )
    .replaceAll(phaseWord, (_, number: string) => {
      parts.push(`L${number}`);
      return "";
    })
    .replace(neutralWord, () => {
      parts.push("N");
      return "";
    })
    .replace(tariffWord, (_, number: string) => {
      parts.push(`T${number}`);
      return "";
    });
  return { parts, words: rest.split("_").filter((word) => word !== "") };
}
