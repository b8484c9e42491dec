import type { Refusal } from "@messnetz/model";
import type { Message } from "./format.ts";
import type { JsonObject } from "./json-object.ts";
import { readXml, type XmlElement } from "./xml.ts";

/** A document of ThingPark in XML as its JSON would be: elements with text alone are text, and `CustomerData` holds JSON. */
export function readThingparkXml(message: Message): { readonly kind: string; readonly body: JsonObject } | Refusal {
  const root = readXml(message);
  return "code" in root ? root : { kind: root.name, body: objectOf(root) };
}

function objectOf(element: XmlElement): JsonObject {
  const entries = new Map<string, unknown>();
  for (const child of element.children) {
    const value = valueOf(child);
    const before = entries.get(child.name);
    if (before === undefined) entries.set(child.name, value);
    else if (Array.isArray(before)) before.push(value);
    else entries.set(child.name, [before, value]);
  }
  return Object.fromEntries(entries);
}

function valueOf(element: XmlElement): unknown {
  if (element.children.length > 0) return objectOf(element);
  if (element.name !== "CustomerData") return element.text;
  try {
    return JSON.parse(element.text) as unknown;
  } catch {
    // It is the operator's own text then.
    return element.text;
  }
}
