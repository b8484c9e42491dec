import { channelOf } from "./device-word.ts";
import type { JsonObject } from "./json-object.ts";
import { obisMeaning } from "./obis.ts";
import { meterAliases, mediumMeters } from "./tasmota-aliases.ts";
import type { WordMeaning } from "./tasmota-words.ts";

/** Meters whose name says nothing: their readings stand without a channel. */
const plainMeters: ReadonlySet<string> = new Set(["SML", "OBIS", "ENERGY", ""]);

/**
 * What a label of a meter script means: an OBIS code, or a word of the alias table with phase and tariff taken off. Undefined for
 * each other label; its unit is known to its installer only.
 */
export function labelMeaning(meter: string, label: string, siblings: JsonObject): WordMeaning | undefined {
  const medium = mediumMeters.get(fold(meter));
  if (medium?.labels.has(fold(label)) === true) return { property: medium.property, unit: medium.unit };
  const { base, part } = takeApart(fold(label));
  const meaning = obisMeaning(base) ?? aliasMeaning({ base, part, label }, siblings);
  if (meaning?.property === undefined) return undefined;
  const parts = [plainMeters.has(meter) ? "" : channelOf(meter), meaning.channel ?? "", part];
  const channel = parts.filter((one) => one !== "").join("-");
  const { property, unit } = meaning;
  return { property, ...(unit !== undefined && { unit }), ...(channel !== "" && { channel }) };
}

/** `E_inHT` and `e-in-ht` are one word: lower case, umlauts spelled out, parts separated by `_`. */
function fold(label: string): string {
  return label
    .replaceAll(/k(?:Wh|VAh|varh)/giu, (unit) => unit.toLowerCase())
    .replaceAll(/([a-z])([A-Z]{2}|[A-Z][a-z])/gu, "$1_$2")
    .toLowerCase()
    .replaceAll("ä", "ae")
    .replaceAll("ö", "oe")
    .replaceAll("ü", "ue")
    .replaceAll("ß", "ss")
    .replaceAll(/[^a-z0-9]+/gu, "_")
    .replaceAll(/^_+|_+$/gu, "");
}

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

function aliasMeaning(
  { base, part, label }: LabelParts & { readonly label: string },
  siblings: JsonObject,
): WordMeaning | undefined {
  // Descriptors of Iskra MT175 and EasyMeter Q3D: `L1` to `L3` are watts beside the sum `P` or `P_in`.
  if (base === "" && /^L[123]$/u.test(label)) {
    return "P" in siblings || "P_in" in siblings ? { property: "active_power", unit: "W" } : undefined;
  }
  const alias = meterAliases.get(base);
  if (alias === undefined || (alias.only !== undefined && !alias.only.test(part))) return undefined;
  return alias;
}
