import { hash } from "node:crypto";
import { createJsonItemsWriter } from "@messnetz/exports";
import { type Catalogue, type Observation, type Thing, toChunk } from "@messnetz/model";
import { createKeptBlocks } from "./kept-blocks.ts";

/** An answer and what tells it from others: a short text that is another one where a byte is. */
export interface NewestBody {
  readonly body: Buffer;
  readonly content: string;
}

interface Text {
  readonly text: Buffer;
  readonly digest: string;
}

/**
 * Writes `{"items":[…],"things":[…]}`. Stores hand out the same object for an observation as long as it is the newest, and the registry for a thing
 * as long as nobody changes it: what was written of some of them serves as long as they are the same objects.
 */
export function createNewestWriter(catalogue: Catalogue) {
  const writeItems = createJsonItemsWriter(catalogue);
  const itemTexts = createKeptBlocks((some: readonly Observation[]) =>
    toText(writeItems([toChunk(some)], { before: "", after: "" })),
  );
  const thingTexts = createKeptBlocks((some: readonly Thing[]) => toText(JSON.stringify(some).slice(1, -1)));

  return (newest: readonly Observation[], things: readonly Thing[]): NewestBody => {
    const items = itemTexts(newest);
    const places = thingTexts(things);
    const parts = ['{"items":[', ...listed(items), '],"things":[', ...listed(places), "]}"];
    return {
      body: Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part))),
      content: [items, places].map((texts) => texts.map(({ digest }) => digest).join()).join(";"),
    };
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
