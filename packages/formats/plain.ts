import { catalogue, type Reading, type Refusal, refusal } from "@messnetz/model";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isFlag } from "./profile-value.ts";

/**
 * One value a message: `plain/<thing>/<property>[/<channel>]`, the payload a bare number, a flag or a word. A credential that names this
 * format may publish to any `<prefix>/<thing>/<property>`, however long its prefix. The device is `plain:<thing>`; the unit stands in
 * the device's `fields` in the registry, never in the message, and without one nothing is stored.
 */
export const plain: PayloadFormat = {
  name: "plain",
  revision: 1,
  topics: ["plain/+/+", "plain/+/+/+"],
  specification: "Messnetz: one value a message",
  recognises: ({ levels }) => levels[0] === "plain" && (levels.length === 3 || levels.length === 4),
  decode,
};

function decode(message: Message): Decoded | Refusal {
  const place = placeOf(message.levels);
  if (place === undefined) {
    return refusal(
      "malformed",
      "a topic <prefix>/<thing>/<property>, no blank in <thing> or <property>",
      message.topic,
    );
  }
  const device = `plain:${place.thing}`;
  const text = message.text()?.trim();
  if (text === undefined) return { ...malformed(message, "text", ""), device };
  if (text === "") return { skip: "an empty payload, as it clears a retained message", device };
  const value = valueOf(text, place.property);
  if (value === undefined) {
    const expected = "a number with a decimal point, true, false, on, off, or a word of at most 64 characters";
    return { ...refusal("invalid_value", expected, text), device, reading: place.name };
  }
  const reading: Reading = {
    device,
    name: place.name,
    value,
    ...(propertyKey.test(place.property) && { property: place.property }),
    ...(place.channel !== undefined && { channel: place.channel }),
  };
  return { readings: [reading] };
}

interface Place {
  readonly thing: string;
  readonly property: string;
  readonly channel: string | undefined;
  /** What the registry knows the reading by: `voltage`, with channel `voltage/L1`. */
  readonly name: string;
}

const word = /^[^\s]{1,120}$/u;
const propertyKey = /^[a-z][a-z0-9_]{0,62}$/u;

function placeOf(levels: readonly string[]): Place | undefined {
  const hasChannel = levels[0] === "plain" && levels.length === 4;
  const [thing, property, channel] = hasChannel ? levels.slice(1) : levels.slice(-2);
  if (thing === undefined || property === undefined || !word.test(thing) || !word.test(property)) return undefined;
  if (channel === undefined) return { thing, property, channel, name: property };
  return word.test(channel) ? { thing, property, channel, name: `${property}/${channel}` } : undefined;
}

const number = /^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$|^[+-]?\.\d+(?:[eE][+-]?\d+)?$/u;
const flags: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
  ["on", true],
  ["off", false],
]);
const letters = /^\p{L}[\p{L}\d _-]{0,63}$/u;

/** A word that a property with a closed set of words knows stays a word: a valve is `open`, not true. */
function valueOf(text: string, property: string): number | boolean | string | undefined {
  if (number.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const observed = catalogue.get(property);
  if (observed?.states?.includes(text) === true) return text;
  const flag = flags.get(text.toLowerCase());
  if (flag !== undefined && observed?.states === undefined) return flag;
  const isOpen = observed !== undefined && isFlag(observed) ? text.toLowerCase() : "";
  if (isOpen === "open" || isOpen === "closed") return isOpen === "open";
  return letters.test(text) && !notANumber.test(text) ? text : undefined;
}

const notANumber = /^(?:nan|inf|infinity|null|undefined|none)$/iu;
