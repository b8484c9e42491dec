import { describe, expect, it } from "vitest";
import { problemText } from "./document-problem.ts";
import { exampleProfiles } from "./profile.examples.ts";
import { createProfileSet } from "./profile-set.ts";
import { isProfile, parseProfile } from "./profile.ts";

const device = "lorawan:0000000000000001";
const instant = 1_774_744_200_000;

function contentOf(differences: object): object {
  return {
    profile: "brook/test",
    revision: 1,
    title: "Test",
    documentation: "https://example.org",
    match: { names: ["brook test"] },
    fields: { level: { property: "water_level", unit: "cm" } },
    examples: [{ name: "none", decoded: {}, expect: [] }],
    ...differences,
  };
}

function profileOf(differences: object) {
  const profile = parseProfile(contentOf(differences), "test.yaml");
  if (!isProfile(profile)) throw new Error(profile.problems.map(problemText).join("\n"));
  return profile;
}

function problemsOf(differences: object): string {
  const profile = parseProfile(contentOf(differences), "test.yaml");
  return isProfile(profile) ? "" : profile.problems.map(problemText).join("\n");
}

function read(differences: object, decoded: Readonly<Record<string, unknown>>) {
  return profileOf(differences).read(decoded, { device, time: instant });
}

describe("a profile that is wrong says what is wrong", () => {
  it.each([
    ["a property that nobody knows", { fields: { a: { property: "gloom", unit: "1" } } }, "gloom"],
    ["a unit that cannot become the property's", { fields: { a: { property: "water_level", unit: "Cel" } } }, "Cel"],
    ["a unit that is none", { fields: { a: { property: "water_level", unit: "cubits" } } }, "cubits"],
    ["a difference in degrees", { fields: { a: { property: "temperature_difference", unit: "Cel" } } }, "is in K"],
    ["no unit", { fields: { a: { property: "water_level" } } }, "unit"],
    [
      "a word that the property does not have",
      { fields: { v: { property: "valve_state", enum: { x: "ajar" } } } },
      "ajar",
    ],
    ["a channel that is none", { fields: { a: { property: "number", unit: "1", channel: "1.8.0" } } }, "is no channel"],
    [
      "a channel of a placeholder that the path lacks",
      { fields: { a: { property: "voltage", unit: "V", channel: "<n>" } } },
      "<n>",
    ],
    ["a key that profiles do not have", { feilds: {} }, "feilds"],
    ["no examples", { examples: [] }, "examples"],
  ])("%s", (_, differences, word) => {
    expect(problemsOf(differences)).toContain(word);
  });

  it("all mistakes at once", () => {
    const fields = { a: { property: "gloom", unit: "1" }, b: { property: "water_level", unit: "V" } };
    expect(problemsOf({ fields }).split("\n")).toHaveLength(2);
  });
});

describe("a field", () => {
  it("is scaled without noise", () => {
    const fields = {
      mv: { property: "voltage", unit: "V", scale: 0.001 },
      t: { property: "temperature", unit: "Cel", scale: 0.1, offset: -40 },
    };
    expect(read({ fields }, { mv: 3655, t: 655 }).readings).toMatchObject([{ value: 3.655 }, { value: 25.5 }]);
  });

  it("takes text with its own unit at its word, and refuses other text", () => {
    const { readings, refusals } = read({}, { level: "2000 mm" });
    expect(readings).toMatchObject([{ value: 2000, unit: "mm" }]);
    expect(refusals).toEqual([]);
    expect(read({}, { level: "high" }).refusals).toMatchObject([{ code: "invalid_value", reading: "level", device }]);
  });

  it("is no reading where it has a code for no value or lies outside of what the sensor can give", () => {
    const fields = {
      level: { property: "water_level", unit: "cm", invalid: [-1, "no sensor"], valid: { min: 0, max: 500 } },
    };
    for (const level of [-1, "No Sensor", 501, "501 cm", null]) {
      expect(read({ fields }, { level })).toEqual({ readings: [], refusals: [] });
    }
    expect(read({ fields }, { level: 500 }).readings).toHaveLength(1);
  });

  it("has words whose case and blanks do not matter", () => {
    const fields = { leak: { property: "water_leak", enum: { "no leak": false, leak: true } } };
    expect(read({ fields }, { leak: "NO_LEAK" }).readings).toMatchObject([{ value: false }]);
    expect(read({ fields }, { leak: "damp" }).refusals).toMatchObject([{ code: "invalid_value" }]);
  });

  it("does not mistake a word for a flag", () => {
    const fields = { leak: { property: "water_leak" }, mode: { property: "device_status" } };
    expect(read({ fields }, { leak: "yes" }).refusals).toMatchObject([{ code: "invalid_value", reading: "leak" }]);
  });

  it("takes unit and factor from beside it, and is refused without the factor", () => {
    const fields = {
      "i<n>": { property: "current", channel: "<n>", unitField: "unit<n>", unit: "A", factorField: "x<n>" },
    };
    const { readings, refusals } = read({ fields }, { i1: 5, unit1: "mA", x1: 10, i2: 5, x2: 1, i3: 7 });
    expect(readings).toMatchObject([
      { channel: "1", value: 50, unit: "mA" },
      { channel: "2", value: 5, unit: "A" },
    ]);
    expect(refusals).toMatchObject([{ reading: "i3" }]);
  });

  it("of an amount has its interval", () => {
    const fields = { n: { property: "people_count", unit: "{person}", intervalSeconds: 900 } };
    expect(read({ fields }, { n: 3 }).readings).toMatchObject([{ intervalMs: 900_000 }]);
  });

  it("that nobody explains is refused, however many there are", () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, n]));
    const { refusals } = read({}, many);
    expect(refusals).toHaveLength(33);
    expect(refusals[0]).toMatchObject({ code: "unknown_property", reading: "k0", device });
    expect(refusals[32]).toMatchObject({ came: "468 more fields" });
  });

  it("that the registry explains is a reading without a property", () => {
    const { readings } = profileOf({}).read({ pump: 4 }, { device, time: undefined, explained: { pump: {} } });
    expect(readings).toEqual([{ device, name: "pump", value: 4 }]);
  });
});

describe("times and lists", () => {
  const fields = {
    level: { property: "water_level", unit: "cm" },
    "log[].level": { property: "water_level", unit: "cm" },
  };
  const times = [{ field: "log[].at", as: "unix" }];

  it("an entry has its own time, the rest the uplink's", () => {
    const { readings } = read(
      { fields, times },
      {
        log: [
          { at: 1_774_740_000, level: 1 },
          { level: 3, at: 1_774_741_000 },
        ],
        level: 2,
      },
    );
    expect(readings.map(({ time }) => time)).toEqual([
      { instant: 1_774_740_000_000 },
      { instant: 1_774_741_000_000 },
      { instant },
    ]);
  });

  it("an entry without its time, or with a wrong one, is refused and not put at another time", () => {
    const { readings, refusals } = read({ fields, times }, { log: [{ level: 1 }, { level: 2, at: "soon" }] });
    expect(readings).toEqual([]);
    expect(refusals).toMatchObject([{ code: "invalid_time" }, { code: "invalid_time" }]);
  });

  it("a wall clock stays one", () => {
    const local = [{ field: "clock", as: "local" }];
    const { readings } = read({ times: local }, { level: 1, clock: "2026-03-29 02:30:00" });
    expect(readings).toMatchObject([{ time: { local: "2026-03-29T02:30:00" } }]);
  });

  it("entries that name themselves are fields, also wrapped in a second list", () => {
    const lists = [{ path: "m", key: "id", value: "v", unit: "u" }];
    const own = { lists, fields: { "m.7": { property: "water_level", unit: "m" } } };
    const { readings, refusals } = read(own, {
      m: [{ id: 7, v: 1 }, [{ id: "7", v: 2, u: "cm" }], { id: 8, v: 1 }, { id: 7 }],
    });
    expect(readings).toMatchObject([
      { name: "m.7", value: 1, unit: "m" },
      { value: 2, unit: "cm" },
    ]);
    expect(refusals).toMatchObject([
      { code: "unknown_property", reading: "m.8" },
      { code: "invalid_value", reading: "m.7" },
    ]);
  });

  it("a message that measures nothing is told by a field", () => {
    const skip = { type: ["boot"] };
    expect(read({ skip, ignore: { type: "kind" } }, { level: 1, type: "boot" })).toMatchObject({
      readings: [],
      skip: "type is boot",
    });
    expect(read({ skip, ignore: { type: "kind" } }, { level: 1, type: "data" }).readings).toHaveLength(1);
  });
});

describe("the set of profiles", () => {
  const long = profileOf({ profile: "brook/test-pro", match: { names: ["brook test pro"], ports: [5] } });
  const short = profileOf({});
  const set = createProfileSet([short, long, ...exampleProfiles]);

  it("finds whole words in what the network server calls the device, the longest first", () => {
    expect(set.find({ names: ["Our BROOK-Test Pro (yard)"], port: 5 })).toBe(long);
    expect(set.find({ names: ["brook/test"] })).toBe(short);
    expect(set.find({ names: ["brook tester"] })).toBeUndefined();
  });

  it("goes by the port where a profile has ports", () => {
    expect(set.find({ names: ["Brook Test Pro"], port: 4 })).toBe(short);
  });

  it("takes the first name that is known, a profile's own name before all", () => {
    expect(set.find({ names: ["nobody", "brook/well-probe", "brook test"] })?.name).toBe("brook/well-probe");
  });

  it("goes by the fields only where no name tells", () => {
    expect(set.find({ names: ["x"], fields: ["FILL_1", "MODE", "more"] })?.name).toBe("brook/bin");
    expect(set.find({ names: ["brook test"], fields: ["FILL_1", "MODE"] })).toBe(short);
    expect(set.find({ names: [], fields: ["MODE"] })).toBeUndefined();
  });

  it("takes a town's own before those that Messnetz brings, however long their names are", () => {
    const mixed = createProfileSet([short, { ...long, isBrought: true }]);
    expect(mixed.find({ names: ["Brook Test Pro"], port: 5 })).toBe(short);
    const told = profileOf({ profile: "brook/told", match: { names: ["told"], fields: ["A", "B"] } });
    const more = profileOf({ profile: "brook/more", match: { names: ["more"], fields: ["A", "B", "C"] } });
    const fields = ["A", "B", "C"];
    expect(createProfileSet([told, { ...more, isBrought: true }]).find({ names: [], fields })).toBe(told);
    expect(createProfileSet([told, more]).find({ names: [], fields })).toBe(more);
  });

  it("says nothing where two profiles are told by as many fields", () => {
    const twin = profileOf({ profile: "brook/twin", match: { names: ["twin"], fields: ["FILL_1", "OTHER"] } });
    expect(
      createProfileSet([...exampleProfiles, twin]).find({ names: [], fields: ["FILL_1", "MODE", "OTHER"] }),
    ).toBeUndefined();
  });
});
