import { describe, expect, it } from "vitest";
import { deviceSpellings, senmlUnits, ucumFromAlias } from "./unit-alias.ts";
import { convert, parseUnit } from "./unit.ts";

describe("ucumFromAlias", () => {
  it.each([...deviceSpellings, ...senmlUnits])("leads from %s to %s, a unit that is known", (alias, code) => {
    expect(parseUnit(code)).toBeDefined();
    expect(ucumFromAlias(alias)).toBe(code);
  });

  it("never gives another size to a spelling that is UCUM too, but for pH", () => {
    const other = [...deviceSpellings, ...senmlUnits].filter(
      ([alias, code]) => parseUnit(alias) !== undefined && convert(1, alias, code) !== 1,
    );
    expect(other).toEqual([]);
    expect(parseUnit("pH")).toBeUndefined();
  });

  it.each([
    ["°C", 20, "Cel", 20],
    ["m³/h", 1, "m3/h", 1],
    ["µg/m³", 12, "ug/m3", 12],
    ["kWh", 1, "kW.h", 1],
    ["kVArh", 1, "kV.A{reactive}.h", 1],
    ["mph", 100, "km/h", 160.9344],
    ["l/s", 1, "m3/h", 3.6],
    ["/1000", 5, "%", 0.5],
    ["lat", 52.5, "deg", 52.5],
    ["dBm", -70, "dB[mW]", -70],
    ["count", 3, "{vehicle}", 3],
  ])("reads %s as devices mean it", (alias, value, unit, expected) => {
    expect(convert(value, ucumFromAlias(alias)!, unit)).toBeCloseTo(expected, 12);
  });

  it.each(["C", "F", "kt", "gal", "M", "B", "", "foo", "__proto__", "toString"])(
    "does not guess what %j means",
    (text) => {
      expect(ucumFromAlias(text)).toBeUndefined();
    },
  );
});
