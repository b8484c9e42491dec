import { createJsonItemsWriter } from "@messnetz/exports";
import { type Catalogue, type Observation, type Thing, toChunk } from "@messnetz/model";

/**
 * Writes `{"items":[…],"things":[…]}`. Stores hand out the same object for an observation as long as it is the newest, and the registry for a thing
 * as long as nobody changes it: the text that was made of one serves as long as the object lives.
 */
export function createNewestWriter(catalogue: Catalogue) {
  const writeItems = createJsonItemsWriter(catalogue);
  const itemTexts = new WeakMap<Observation, string>();
  const thingTexts = new WeakMap<Thing, string>();

  function addTexts(missing: readonly Observation[]): void {
    const lines = writeItems([toChunk(missing)], { before: "", between: "\n", after: "\n" });
    const buffer = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
    let from = 0;
    for (const observation of missing) {
      const end = buffer.indexOf(10, from);
      // A text of its own: a part of a longer one would keep all of it in memory.
      itemTexts.set(observation, buffer.toString("utf8", from, end));
      from = end + 1;
    }
  }

  function textOf(thing: Thing): string {
    const known = thingTexts.get(thing);
    if (known !== undefined) return known;
    const text = JSON.stringify(thing);
    thingTexts.set(thing, text);
    return text;
  }

  return (newest: readonly Observation[], things: readonly Thing[]): Buffer => {
    const missing = newest.filter((observation) => !itemTexts.has(observation));
    if (missing.length > 0) addTexts(missing);
    const items = newest.map((observation) => itemTexts.get(observation)!);
    return Buffer.from(`{"items":[${items.join(",")}],"things":[${things.map(textOf).join(",")}]}`);
  };
}
