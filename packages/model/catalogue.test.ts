import { describe, expect, it } from "vitest";
import { CatalogueError, catalogue, createCatalogue, observedProperties } from "./catalogue.ts";
import { domains } from "./domain.ts";
import { type ObservedProperty, observedPropertySchema } from "./property.ts";

const level: ObservedProperty = {
  key: "level",
  name: { en: "Level", de: "Pegel" },
  unit: "m",
  kind: "gauge",
  domains: ["water"],
  range: { min: 0, max: 1, source: "physical bound: of this test" },
};

/** Figures of unknown meaning: no bound could be honest. */
const withoutRange = ["volume_reading", "energy_reading", "heat_cost_reading", "count_reading", "number", "percentage"];

const keys = (properties: readonly ObservedProperty[]): string[] => properties.map(({ key }) => key);

describe("catalogue", () => {
  it.each(observedProperties.map((property) => [property.key, property] as const))(
    "%s keeps the schema",
    (_key, property) => {
      expect(observedPropertySchema.parse(property)).toEqual(property);
    },
  );

  it("has at least ten properties for each domain and 80 in all", () => {
    const special = observedProperties.filter((property) => property.domains.length < domains.length);
    const counts = domains.map((domain) => special.filter((property) => property.domains.includes(domain)).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(10);
    expect(catalogue.size).toBeGreaterThanOrEqual(80);
  });

  it("has a range with a source for every number but figures of unknown meaning", () => {
    const open = observedProperties.filter(({ kind, range }) => kind !== "state" && range === undefined);
    expect(keys(open).toSorted()).toEqual(withoutRange.toSorted());
    expect(keys(observedProperties.filter(({ range }) => range !== undefined && range.source.length < 5))).toEqual([]);
  });

  it("writes a state without a dimension: a flag from 0 to 1, or words", () => {
    const states = observedProperties.filter(({ kind }) => kind === "state");
    expect(keys(states.filter(({ unit }) => unit !== "1"))).toEqual([]);
    expect(keys(states.filter(({ range }) => range !== undefined && (range.min !== 0 || range.max !== 1)))).toEqual([]);
    expect(keys(states.filter((property) => property.range !== undefined && property.states !== undefined))).toEqual(
      [],
    );
  });

  it("has words for states only, each once, in lower case", () => {
    const worded = observedProperties.filter(({ states }) => states !== undefined);
    expect(keys(worded.filter(({ kind }) => kind !== "state"))).toEqual([]);
    expect(keys(worded.filter(({ states = [] }) => new Set(states).size !== states.length))).toEqual([]);
    expect(worded.flatMap(({ states = [] }) => states).filter((word) => !/^[a-z0-9_]+$/.test(word))).toEqual([]);
  });

  it("names every property once in each language", () => {
    expect(new Set(observedProperties.map(({ name }) => name.en)).size).toBe(observedProperties.length);
    expect(new Set(observedProperties.map(({ name }) => name.de)).size).toBe(observedProperties.length);
  });

  it("never lets a register run below zero", () => {
    expect(keys(observedProperties.filter(({ kind, range }) => kind === "counter" && range?.min !== 0))).toEqual([]);
  });
});

describe("createCatalogue", () => {
  it("finds a property by its key", () => {
    expect(createCatalogue([level]).get("level")).toBe(level);
  });

  it.each([
    ["a key that is there twice", [level, level], /level: expected once/],
    ["a unit that is not UCUM", [{ ...level, unit: "°C" }], /level: expected a UCUM unit .*°C/],
    ["a range without width", [{ ...level, range: { min: 1, max: 1, source: "none" } }], /level: .*1 to 1/],
    ["a range of no numbers", [{ ...level, range: { min: Number.NaN, max: 1, source: "none" } }], /NaN to 1/],
  ])("refuses %s", (_what, list, message) => {
    expect(() => createCatalogue(list)).toThrow(CatalogueError);
    expect(() => createCatalogue(list)).toThrow(message);
  });
});
