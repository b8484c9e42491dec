import { describe, expect, it } from "vitest";
import { problemText } from "./document-problem.ts";
import type { DeviceProfile } from "./profile.ts";
import { isProfile, parseProfile } from "./profile.ts";

function parsed(differences: object) {
  const content = {
    profile: "brook/test",
    revision: 1,
    title: "Test",
    documentation: "https://example.org",
    match: { names: ["brook test"] },
    fields: {},
    examples: [{ name: "none", decoded: {}, expect: [] }],
    ...differences,
  };
  return parseProfile(content, "test.yaml");
}

function profileOf(differences: object): DeviceProfile {
  const profile = parsed(differences);
  if (!isProfile(profile)) throw new Error(profile.problems.map(problemText).join("\n"));
  return profile;
}

function read(differences: object, decoded: Readonly<Record<string, unknown>>) {
  const { readings, refusals } = profileOf(differences).read(decoded, { device: "lorawan:1", time: 0 });
  return {
    readings: readings.map(({ property, channel, value }) => [
      property,
      ...(channel === undefined ? [] : [channel]),
      value,
    ]),
    refused: refusals.map(({ reading }) => reading),
  };
}

describe("a field with a condition", () => {
  const when = { fields: { a: { property: "number", unit: "1", when: { mode: [1, "on"] } } } };
  const unless = { fields: { a: { property: "number", unit: "1", unless: { a: [0], echo: [0] } } } };

  it("gives a reading only where the key beside it has one of its values, and needs no place for that key", () => {
    expect(read(when, { a: 5, mode: 1 })).toEqual({ readings: [["number", 5]], refused: [] });
    expect(read(when, { a: 5, mode: "on" })).toEqual({ readings: [["number", 5]], refused: [] });
    expect(read(when, { a: 5, mode: 2 })).toEqual({ readings: [], refused: [] });
    expect(read(when, { a: 5 })).toEqual({ readings: [], refused: [] });
  });

  it("gives none where all keys say so, its own among them", () => {
    expect(read(unless, { a: 0, echo: 0 })).toEqual({ readings: [], refused: [] });
    expect(read(unless, { a: 0, echo: 3 })).toEqual({ readings: [["number", 0]], refused: [] });
    expect(read(unless, { a: 0 })).toEqual({ readings: [["number", 0]], refused: [] });
  });

  it("goes by the key of the same placeholder, in the same object", () => {
    const fields = { "list[].v<n>": { property: "number", channel: "<n>", unit: "1", unless: { "c<n>": [0] } } };
    expect(
      read(
        { fields },
        {
          list: [
            { v1: 7, c1: 0, v2: 8, c2: 1 },
            { v1: 9, c1: 1 },
          ],
        },
      ),
    ).toEqual({
      readings: [
        ["number", "2", 8],
        ["number", "1", 9],
      ],
      refused: [],
    });
  });

  it("leaves the key its own meaning where it has one", () => {
    const fields = {
      speed: { property: "vehicle_speed", unit: "km/h", unless: { count: [0] } },
      count: { property: "vehicle_count", unit: "{vehicle}" },
    };
    expect(read({ fields }, { speed: 0, count: 0 })).toEqual({ readings: [["vehicle_count", 0]], refused: [] });
  });
});

describe("a field whose meaning another tells", () => {
  const choices = {
    "in<n>": [
      { when: { "kind<n>": ["gas"] }, property: "gas_volume", channel: "<n>", unit: "L" },
      { when: { "kind<n>": ["water", "none"] }, unless: { "kind<n>": ["none"] }, property: "water_volume", unit: "L" },
    ],
  };

  it("means what the first says whose condition holds", () => {
    expect(read({ choices }, { in1: 5, kind1: "gas", in2: 6, kind2: "water" })).toEqual({
      readings: [
        ["gas_volume", "1", 5],
        ["water_volume", 6],
      ],
      refused: [],
    });
    expect(read({ choices }, { in1: 0, kind1: "none" })).toEqual({ readings: [], refused: [] });
  });

  it("may go by bounds, also its own", () => {
    const bounds = {
      battery: [
        { when: { battery: { min: 1000 } }, property: "battery_voltage", unit: "mV" },
        { when: { battery: { max: 10 } }, property: "battery_voltage", unit: "V" },
      ],
    };
    const profile = profileOf({ choices: bounds });
    const unitOf = (battery: unknown) =>
      profile.read({ battery }, { device: "lorawan:1", time: 0 }).readings.map(({ unit }) => unit);
    expect([3216, 1000, 3.2, 10].map(unitOf)).toEqual([["mV"], ["mV"], ["V"], ["V"]]);
    expect(read({ choices: bounds }, { battery: 500 }).refused).toEqual(["battery"]);
    expect(read({ choices: bounds }, { battery: "3216" }).refused).toEqual(["battery"]);
  });

  it("is refused where none holds", () => {
    expect(read({ choices }, { in1: 5, kind1: "steam" })).toEqual({ readings: [], refused: ["in1"] });
    expect(read({ choices }, { in1: 5 })).toEqual({ readings: [], refused: ["in1"] });
  });

  it("tells a mistake with its place", () => {
    const wrong = parsed({ choices: { a: [{ property: "gas_volume", unit: "Cel" }] } });
    expect("problems" in wrong && wrong.problems.map(({ path }) => path.join("/"))).toEqual(["choices/a/0/unit"]);
    expect("problems" in parsed({ fields: { a: { property: "number", unit: "1", when: {} } } })).toBe(true);
  });
});
