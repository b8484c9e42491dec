import { catalogue, conversion, type Reading, type Refusal, refusal, ucumFromAlias } from "@messnetz/model";
import { decimalOf } from "./decimal.ts";
import { channelOf, deviceIdOf } from "./device-word.ts";
import {
  type Decoded,
  type DecodeContext,
  type JsonValue,
  malformed,
  type Message,
  type PayloadFormat,
  type Remembered,
} from "./format.ts";
import { genericProperty } from "./generic-property.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/**
 * The Homie convention, 3 to 5: `homie/<device>/<node>/<property>`. Unit and datatype stand in retained messages of their own (`$unit`,
 * `$datatype`; of Homie 5 in `$description`), which are remembered. A value whose unit has not been told is left to the registry.
 */
export const homie: PayloadFormat = {
  name: "homie",
  revision: 1,
  topics: ["homie/#"],
  specification: "https://homieiot.github.io/specification/",
  recognises: ({ levels }) => levels[0] === "homie" && levels.length > 2,
  decode,
};

const told: ReadonlySet<string> = new Set(["$unit", "$datatype"]);

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const isFive = message.levels[1] === "5";
  const [id = "", node = "", property = "", attribute] = message.levels.slice(isFive ? 2 : 1);
  if (id === "" || id.startsWith("$")) return { skip: "not of a device" };
  const device = deviceIdOf("homie", id);
  if (node === "$description") return describe(message, device, id);
  if (node === "" || node.startsWith("$") || property === "" || property.startsWith("$"))
    return { skip: "what the device says of itself", device };
  const key = `${id}/${node}/${property}`;
  if (attribute !== undefined) return remember(message, { device, key, attribute }, context);
  return readValue(message, { device, node, property, known: context.state?.(key) }, context);
}

const maxToldLength = 64;

function remember(
  message: Message,
  { device, key, attribute }: { device: string; key: string; attribute: string },
  context: DecodeContext,
): Decoded {
  const text = message.text()?.trim();
  const skip = "what the device says of a property";
  if (!told.has(attribute) || text === undefined || text.length > maxToldLength) return { skip, device };
  const known = context.state?.(key);
  const before = isJsonObject(known) ? (known as Readonly<Record<string, JsonValue>>) : {};
  const name = attribute.slice(1);
  if (before[name] === text) return { skip, device };
  return { skip, device, remember: [{ key, value: { ...before, [name]: text } }] };
}

/** Homie 5: all of a device in one object. */
function describe(message: Message, device: string, id: string): Decoded | Refusal {
  if (message.payload.length === 0) return { skip: "an empty payload: the device is gone", device };
  const description = message.json();
  if (!isJsonObject(description))
    return { ...malformed(message, "`$description` as a JSON object", description), device };
  const list: Remembered[] = [];
  for (const [node, each] of entriesOf(description["nodes"])) {
    for (const [property, { unit, datatype }] of entriesOf(each["properties"])) {
      const value = {
        ...(typeof unit === "string" && unit.length <= maxToldLength && { unit }),
        ...(typeof datatype === "string" && datatype.length <= maxToldLength && { datatype }),
      };
      if (list.length < maxProperties) list.push({ key: `${id}/${node}/${property}`, value });
    }
  }
  return { skip: "the description of a device", device, ...(list.length > 0 && { remember: list }) };
}

const maxProperties = 500;

function entriesOf(object: unknown): [string, JsonObject][] {
  if (!isJsonObject(object)) return [];
  return Object.entries(object).flatMap(([key, value]) => (isJsonObject(value) ? [[key, value]] : []));
}

/** The convention's own spellings, 4.0.0, "Property attributes". */
const units: ReadonlyMap<string, string> = new Map([
  ["#", "{count}"],
  ["°", "deg"],
  ["gal", "[gal_us]"],
]);

function unitOf(written: unknown): string | undefined {
  if (typeof written !== "string" || written === "") return undefined;
  const code = units.get(written) ?? ucumFromAlias(written) ?? written;
  return code.length <= 40 ? code : undefined;
}

function readValue(
  message: Message,
  found: { device: string; node: string; property: string; known: JsonValue | undefined },
  context: DecodeContext,
): Decoded | Refusal {
  const { device, node, property } = found;
  const name = `${node}/${property}`;
  const text = message.text();
  if (text === undefined) return { ...malformed(message, "text", ""), device, reading: name };
  if (text === "") return { skip: "an empty payload", device };
  const { unit: written, datatype } = isJsonObject(found.known) ? found.known : ({} as JsonObject);
  if (datatype === "color" || datatype === "json" || datatype === "datetime" || datatype === "duration") {
    const isExplained = Object.hasOwn(context.device(device)?.fields ?? {}, name);
    if (!isExplained) return { skip: `a ${datatype} is no result`, device };
  }
  const value = valueOf(text.trim(), datatype);
  if (value === undefined) {
    const expected = typeof datatype === "string" ? `a value of datatype ${datatype}` : "a number, a flag or a word";
    return { ...refusal("invalid_value", expected, text), device, reading: name };
  }
  const unit = typeof value === "number" ? unitOf(written) : undefined;
  const word = property.replaceAll("-", "_");
  const isKnown = catalogue.has(word);
  const generic = unit === undefined || conversion(unit, unit) === undefined ? undefined : genericProperty(unit);
  const reading: Reading = {
    device,
    name,
    value,
    ...(isKnown ? { property: word } : generic !== undefined && { property: generic }),
    channel: channelOf(isKnown ? node : `${node}-${property}`),
    ...(unit !== undefined && { unit }),
  };
  return { readings: [reading] };
}

function valueOf(text: string, datatype: unknown): number | boolean | string | undefined {
  if (datatype === "boolean") return text === "true" ? true : text === "false" ? false : undefined;
  if (datatype === "integer" || datatype === "float") return decimalOf(text);
  const isWord = /^[^\p{C}]{1,256}$/u.test(text);
  if (datatype === "enum" || datatype === "string") return isWord ? text : undefined;
  if (text === "true" || text === "false") return text === "true";
  return (
    decimalOf(text) ??
    (isWord && !/^(?:nan|[+-]?inf(?:inity)?)$/iu.test(text) && !/^[[{]/u.test(text) ? text : undefined)
  );
}
