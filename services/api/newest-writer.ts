import { hash } from "node:crypto";
import { createJsonItemsWriter } from "@messnetz/exports";
import { type Catalogue, type Observation, type Thing, toChunk } from "@messnetz/model";
import { createKeptBlocks } from "./kept-blocks.ts";

/** An answer and what tells it from others: a short text that is another one where a byte is. */
export interface NewestBody {
  readonly body: Buffer;
  readonly content: string;
}

/** Of answers that are kept whole. The last one is kept however long it is. */
const mostKeptBytes = 16 * 1024 ** 2;

interface Text {
  readonly text: Buffer;
  readonly digest: string;
}

/**
 * Writes `{"items":[…],"things":[…]}`. Stores hand out the same object for an observation as long as it is the newest, and the registry for a thing
 * as long as nobody changes it: what was written of some of them serves as long as they are the same objects. Whole answers of late serve again
 * where nothing in them is new.
 */
export function createNewestWriter(catalogue: Catalogue, keptBytes = mostKeptBytes) {
  const writeItems = createJsonItemsWriter(catalogue);
  const itemTexts = createKeptBlocks((some: readonly Observation[]) =>
    toText(writeItems([toChunk(some)], { before: "", after: "" })),
  );
  const thingTexts = createKeptBlocks((some: readonly Thing[]) => toText(JSON.stringify(some).slice(1, -1)));

  const whole = createKeptBodies(keptBytes);

  return (newest: readonly Observation[], things: readonly Thing[]): NewestBody => {
    const items = itemTexts(newest);
    const places = thingTexts(things);
    const content = [items, places].map((texts) => texts.map(({ digest }) => digest).join()).join(";");
    const body = whole(content, () => {
      const parts = ['{"items":[', ...listed(items), '],"things":[', ...listed(places), "]}"];
      return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
    });
    return { body, content };
  };
}

/** Answers by their content, those that nobody asked for again first to go: what one principal may see is another content. */
function createKeptBodies(mostBytes: number) {
  const bodies = new Map<string, Buffer>();
  let bytes = 0;
  return (content: string, make: () => Buffer): Buffer => {
    const known = bodies.get(content);
    const body = known ?? make();
    bodies.delete(content);
    bodies.set(content, body);
    if (known === undefined) bytes += body.length;
    for (const [oldest, { length }] of bodies) {
      if (bytes <= mostBytes || bodies.size === 1) break;
      bodies.delete(oldest);
      bytes -= length;
    }
    return body;
  };
}

function toText(written: Uint8Array | string): Text {
  // Of its own size: what a writer gives may be a part of more.
  const text = typeof written === "string" ? Buffer.from(written) : Buffer.from(written);
  return { text, digest: hash("sha1", text, "base64url") };
}

function listed(texts: readonly Text[]): (Buffer | string)[] {
  return texts.flatMap(({ text }, n) => (n === 0 ? [text] : [",", text]));
}
