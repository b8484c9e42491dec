import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
import { attributeReadings } from "./attribute-readings.ts";
import { fiwareTopic } from "./fiware-topic.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { instantOf } from "./instant.ts";

/**
 * UltraLight 2.0 of FIWARE: `name|value|name|value`, groups of them with `#` between, each with a time before it or among its attributes; or
 * one value on `.../attrs/<name>`. Names say what is measured, the registry in which unit.
 */
export const ultralight: PayloadFormat = {
  name: "ultralight",
  revision: 1,
  topics: ["/ul/#", "ul/#", "/+/+/attrs", "/+/+/attrs/+", "+/+/attrs", "+/+/attrs/+"],
  specification: "https://fiware-iotagent-ul.readthedocs.io/en/latest/usermanual.html",
  recognises,
  decode,
};

function recognises(message: Message): boolean {
  const { levels } = message;
  if (fiwareTopic(levels, "ul", "ul") === undefined) return false;
  const isNamed = levels[0] === "ul" || (levels[0] === "" && levels[1] === "ul");
  return isNamed || !/^\s*[[{]/u.test(message.text() ?? "");
}

const maxGroups = 1_000;

function decode(message: Message): Decoded | Refusal {
  const place = fiwareTopic(message.levels, "ul", "ul");
  if (place === undefined) return refusal("malformed", "a topic /ul/<api key>/<device>/attrs", message.topic);
  const { device, kind, attribute } = place;
  if (kind !== "attrs") return { skip: "a command or its answer", device };
  const text = message.text();
  if (text === undefined) return { ...malformed(message, "text", ""), device };
  if (text.trim() === "") return { skip: "an empty payload", device };
  if (attribute !== undefined)
    return decoded(attributeReadings([[attribute, text]], { device, instant: undefined }), device);

  const readings: Reading[] = [];
  const groups = splitGroups(text);
  if (groups.length > maxGroups)
    return { ...refusal("malformed", `at most ${maxGroups} groups`, groups.length), device };
  for (const group of groups) {
    const parsed = parseGroup(group);
    if (parsed === undefined)
      return { ...refusal("malformed", "groups `name|value|name|value`, `#` between them", group), device };
    readings.push(...attributeReadings(parsed.attributes, { device, instant: parsed.instant }));
  }
  return decoded(readings, device);
}

function decoded(readings: readonly Reading[], device: string): Decoded {
  return readings.length === 0 ? { skip: "no attribute has a value", device } : { readings };
}

/** At `#`, where what follows begins a group: a value may hold JSON with one in it. */
function splitGroups(text: string): string[] {
  const groups: string[] = [];
  for (const piece of text.split("#")) {
    const open = groups.at(-1);
    if (open !== undefined && isOpen(open)) groups[groups.length - 1] = `${open}#${piece}`;
    else groups.push(piece);
  }
  return groups;
}

/** Ends within JSON that was begun. */
function isOpen(group: string): boolean {
  const value = group.slice(group.lastIndexOf("|") + 1).trimStart();
  return (
    (value.startsWith("{") && !value.trimEnd().endsWith("}")) ||
    (value.startsWith("[") && !value.trimEnd().endsWith("]"))
  );
}

interface Group {
  readonly attributes: readonly (readonly [string, string])[];
  readonly instant: EpochMs | undefined;
}

function parseGroup(group: string): Group | undefined {
  const tokens = group.trim().split("|");
  let instant: EpochMs | undefined;
  if (tokens.length % 2 === 1) {
    instant = instantOf(tokens[0]);
    if (instant === undefined || tokens.length === 1) return undefined;
    tokens.shift();
  }
  const attributes: [string, string][] = [];
  for (let at = 0; at < tokens.length; at += 2) {
    const name = tokens[at]!.trim();
    if (name === "") return undefined;
    attributes.push([name, tokens[at + 1]!.trim()]);
  }
  return { attributes, instant };
}
