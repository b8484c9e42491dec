import { channelOf, maxChannelLength } from "./device-word.ts";
import type { JsonObject } from "./json-object.ts";
import { obisMeaning } from "./obis.ts";
import { remember } from "./remember.ts";
import { type MeterAlias, mediumMeters, meterAliases } from "./tasmota-aliases.ts";
import type { WordMeaning } from "./tasmota-words.ts";

/** Meters whose name says nothing: their readings stand without a channel. */
const plainMeters: ReadonlySet<string> = new Set(["SML", "OBIS", "ENERGY", ""]);

/**
 * What a label of a meter script means: an OBIS code, or a word of the alias table with phase and tariff taken off. Undefined for
 * each other label; its unit is known to its installer only.
 */
export function labelMeaning(meter: string, label: string, siblings: JsonObject): WordMeaning | undefined {
  // Descriptors of Iskra MT175 and EasyMeter Q3D: `L1` to `L3` are watts beside the sum `P` or `P_in`.
  if (/^L[123]$/u.test(label)) {
    return "P" in siblings || "P_in" in siblings ? withMeter(meter, barePhase(label)) : undefined;
  }
  const inMedium = mediumMeters.get(foldWord(meter));
  if (inMedium?.labels.has(foldWord(label)) === true) return { property: inMedium.property, unit: inMedium.unit };
  const meaning = meaningOfLabel(label);
  return meaning === undefined ? undefined : withMeter(meter, meaning);
}

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
    .replaceAll(/([a-z])([A-Z]{2}|[A-Z][a-z])/gu, "$1_$2")
    .toLowerCase()
    .replaceAll("ä", "ae")
    .replaceAll("ö", "oe")
    .replaceAll("ü", "ue")
    .replaceAll("ß", "ss")
    .replaceAll(/[^a-z0-9]+/gu, "_")
    .replaceAll(/^_+|_+$/gu, ""),
);

const phasePart = /(?:^|_)(?:l|p|phase_?)([123])(?=_|$)/u;
const tariffPart = /(?:^|_)(?:t|tarif_?|tariff_?)([1-9])(?=_|$)/u;
const dayOrNight = /(?:^|_)(ht|nt)(?=_|$)/u;

interface LabelParts {
  readonly base: string;
  /** `L1`, `T1`, `HT`, or none. */
  readonly part: string;
}

function takeApart(label: string): LabelParts {
  for (const [pattern, letter] of [
    [phasePart, "L"],
    [tariffPart, "T"],
    [dayOrNight, ""],
  ] as const) {
    const match = pattern.exec(label);
    if (match === null) continue;
    const base = label.replace(pattern, "").replaceAll(/^_+|_+$/gu, "");
    return { base, part: `${letter}${(match[1] ?? "").toUpperCase()}` };
  }
  return { base: label, part: "" };
}

function aliasMeaning(base: string, part: string): MeterAlias | undefined {
  const alias = meterAliases.get(base);
  return alias?.only?.test(part) === false ? undefined : alias;
}
