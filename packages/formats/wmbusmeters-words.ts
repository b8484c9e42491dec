import { channelOf } from "./device-word.ts";
import { type Medium, quantityOf } from "./wmbusmeters-quantities.ts";
import type { MeasuredUnit } from "./wmbusmeters-units.ts";

/** A register, a sum or an extreme of a past date or period. */
const history =
  /(?:^|_)(?:target|due|prev|previous|last|history|historical)(?:_|$)|_at_(?:[a-z]+_)?(?:date|error|month_end)(?:_|$)|^min(?:imum)?_/u;

export function isHistory(name: string): boolean {
  return history.test(name);
}

/** Property, channel and unit of a field. Without a property only the registry can say what it is. */
export interface FieldMeaning {
  readonly property?: string;
  readonly channel?: string;
  readonly unit: string;
}

/** The property of `<name>` (without its unit suffix), told by dimension, medium and the words of the name. */
export function meaningOf(name: string, measured: MeasuredUnit, medium: Medium): FieldMeaning {
  const { parts, words } = readName(name);
  const quantity = quantityOf(measured.dimension, medium, words);
  if (quantity === undefined) return { unit: measured.unit, channel: channelOf(name) };
  const isPlain = words.every((word) => quantity.plain.includes(word));
  const isRegister = isPlain || words.every((word) => quantity.plain.includes(word) || registerWord.test(word));
  const property = isRegister ? quantity.property : (quantity.figure ?? quantity.property);
  const unit = quantity.unit ?? measured.unit;
  const channel = isPlain ? parts.join("-") : channelOf(name);
  return channel === "" ? { property, unit } : { property, unit, channel };
}

/** Words that name another register of the meter. With any other word a figure is not known to be one. */
const registerWord = /^(?:forward|backwards?|subunit\d{1,2}|input\d{1,2})$/u;

interface FieldName {
  /** `L1`, or `L1` and `L2` for what is between two; `N`; `T1`. */
  readonly parts: readonly string[];
  readonly words: readonly string[];
}

const phaseWord = /(?:^|_)(?:(?:at_)?phase_?|l)([123])(?=_|$)/gu;
const neutralWord = /(?:^|_)(?:in_)?neutral(?=_|$)/u;
const tariffWord = /(?:^|_)(?:tariff|rate)_?(\d{1,2})(?=_|$)/u;

function readName(name: string): FieldName {
  const parts: string[] = [];
  const rest = name
    .toLowerCase()
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
