import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datastreamId, isChannel, parseDatastreamId } from "./datastream.ts";

const text = (alphabet: string, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet.split("")), minLength: 1, maxLength });

describe("datastream id", () => {
  it("is thing, property and channel, and says each of them again", () => {
    const thing = text("Aa09_:-", 64);
    const property = text("az09_", 20);
    const channel = fc.option(text("Aa09_-", 64), { nil: undefined });
    fc.assert(
      fc.property(thing, property, channel, (aThing, aProperty, aChannel) => {
        const id = datastreamId(aThing, aProperty, aChannel);
        const expected = { id, thing: aThing, property: aProperty };
        expect(parseDatastreamId(id)).toEqual(aChannel === undefined ? expected : { ...expected, channel: aChannel });
      }),
    );
  });

  it.each(["", "gauge", "/level", "gauge/", "gauge/.L1", "gauge/level.", "gauge/level.L 1", "gauge/level.L1.L2"])(
    "is not %j",
    (id) => {
      expect(parseDatastreamId(id)).toBeUndefined();
    },
  );

  it("has a channel of letters, digits, _ and - only, so that it can stand in tags and file names", () => {
    expect(["L1", "lane-2", "T_1", "x".repeat(64)].filter((channel) => !isChannel(channel))).toEqual([]);
    expect(["", "a.b", "a/b", "ä", "a b", "x".repeat(65)].filter(isChannel)).toEqual([]);
  });
});
