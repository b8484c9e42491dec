import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitsToChecks, checksToBits, observationAt, toChunk } from "./chunk.ts";
import { type Observation, checks, qualities } from "./observation.ts";

const instant = fc.integer({ min: -1e12, max: 4e12 });

const observation: fc.Arbitrary<Observation> = fc.record(
  {
    datastream: fc.constantFrom("a/water_level", "b/active_power.L1", "b/device_status"),
    phenomenonTime: instant,
    intervalStart: instant,
    ordinal: fc.nat(999_999),
    resultTime: instant,
    result: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string()),
    quality: fc.constantFrom(...qualities),
    checks: fc.subarray([...checks]),
    revision: fc.nat(1000),
    deviceTime: instant,
  },
  {
    noNullPrototype: true,
    requiredKeys: ["datastream", "phenomenonTime", "ordinal", "resultTime", "result", "quality", "checks", "revision"],
  },
);

describe("chunk", () => {
  it("gives back every observation as it was put in, absent fields absent", () => {
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 20 }), (observations) => {
        const chunk = toChunk(observations);
        expect(observations.map((_, row) => observationAt(chunk, row))).toStrictEqual(observations);
        expect(chunk.length).toBe(observations.length);
        expect(chunk.word === undefined).toBe(observations.every(({ result }) => typeof result === "number"));
      }),
    );
  });

  const at = (datastream: string, result: number | string = 1): Observation => ({
    datastream,
    phenomenonTime: 0,
    ordinal: 0,
    resultTime: 0,
    result,
    quality: "good",
    checks: [],
    revision: 1,
  });

  it("names each datastream once", () => {
    const chunk = toChunk([at("b/count"), at("a/count"), at("b/count")]);
    expect(chunk.datastreams).toEqual(["b/count", "a/count"]);
    expect([...chunk.datastream]).toEqual([0, 1, 0]);
  });

  it("keeps the empty word, which is not the same as no word", () => {
    expect(observationAt(toChunk([at("a/word", "")]), 0).result).toBe("");
  });
});

describe("bits of checks", () => {
  it("are one for each check", () => {
    fc.assert(
      fc.property(fc.subarray([...checks]), (list) => {
        expect(bitsToChecks(checksToBits(list))).toEqual(list);
      }),
    );
  });

  it("are never those of another check: files that were written keep their meaning", () => {
    expect(checks.map((check) => [check, checksToBits([check])])).toEqual([
      ["range", 1],
      ["clock", 2],
      ["late", 4],
      ["rate", 8],
      ["stuck", 16],
      ["device", 32],
    ]);
    expect(qualities).toEqual(["good", "suspect", "bad"]);
  });

  it("of the future mean nothing", () => {
    expect(bitsToChecks(1 << 12)).toEqual([]);
  });
});
