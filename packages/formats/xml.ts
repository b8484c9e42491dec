import { SaxesParser } from "saxes";
import { type Refusal, refusal } from "@messnetz/model";
import { malformed, type Message } from "./format.ts";

/** An element of XML: names without their prefix, since publishers choose prefixes as they like. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly within, trimmed. */
  readonly text: string;
}

/** No family's documents are deeper than 25. */
const maxDepth = 64;
const maxReasonLength = 120;

interface Growing extends XmlElement {
  readonly children: Growing[];
  text: string;
}

/** What stops the parser: the reason, told as a refusal. Thrown and caught within `readXml`. */
class XmlRefusal extends Error {
  readonly refusal: Refusal;

  constructor(why: Refusal) {
    super(why.code);
    this.refusal = why;
  }
}

/**
 * The root element of a message that is XML. A document type is refused, so that no entity but XML's own five is ever expanded and nothing
 * outside is asked for; depth is bounded, size by the message's own limit.
 */
export function readXml(message: Message): XmlElement | Refusal {
  const text = message.text();
  if (text === undefined) return malformed(message, "XML in UTF-8", undefined);
  const open: Growing[] = [];
  let root: Growing | undefined;
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on("error", (error) => {
    throw new XmlRefusal(refusal("malformed", `XML (${error.message.slice(0, maxReasonLength)})`, text));
  });
  parser.on("doctype", () => {
    throw new XmlRefusal(refusal("malformed", "XML without a document type", text));
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (open.length >= maxDepth) throw new XmlRefusal(refusal("too_deep", `XML of at most ${maxDepth} levels`, text));
    const element: Growing = {
      name: localName(name),
      attributes: attributesOf(attributes),
      children: [],
      text: "",
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const element = open.pop();
    if (element !== undefined) element.text = element.text.trim();
  });
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof XmlRefusal) return error.refusal;
    throw error;
  }
  return root ?? refusal("malformed", "XML with an element", text);
}

const none: ReadonlyMap<string, string> = new Map();

function attributesOf(attributes: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  let found: Map<string, string> | undefined;
  for (const key in attributes) (found ??= new Map<string, string>()).set(localName(key), attributes[key] ?? "");
  return found ?? none;
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}
