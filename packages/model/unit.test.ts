import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conversion, convert, parseUnit } from "./unit.ts";

describe("convert", () => {
  it.each([
    [1601, "mm", "m", 1.601],
    [0.33, "W.h", "kW.h", 0.00033],
    [73112.963, "W.h", "kW.h", 73.112963],
    [4.35, "m", "cm", 435],
    [7.8, "mA", "A", 0.0078],
    [1e-7, "kW", "W", 1e-4],
    [36, "km/h", "m/s", 10],
    [20.5903, "kPa", "bar", 0.205903],
    [96920, "Pa", "hPa", 969.2],
    [0.005859375, "mS/cm", "uS/cm", 5.859375],
    [1, "m3/h", "L/s", 1 / 3.6],
    [293.25, "K", "Cel", 20.1],
    [20.1, "Cel", "K", 293.25],
    [50, "[degF]", "Cel", 10],
    [44, "%", "1", 0.44],
    [1, "[kn_i]", "km/h", 1.852],
    [1, "a", "d", 365.25],
    [2, "klx", "lx", 2000],
    [180, "deg", "rad", Math.PI],
    [3, "t", "kg", 3000],
    [1, "GJ", "kW.h", 1000 / 3.6],
    [2, "L/m2", "mm", 2],
    [1, "kV.A{reactive}.h", "kvar.h", 1],
    [1, "10*3{vehicle}", "{vehicle}", 1000],
    [90, "/min", "/h", 5400],
  ])("makes %d %s into %s: %d", (value, from, to, expected) => {
    expect(convert(value, from, to)).toBe(expected);
  });

  it("returns the very value where the unit stays", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(convert(value, "Cel", "Cel")).toBe(value);
        expect(convert(value, "L", "dm3")).toBe(value);
      }),
    );
  });

  it("moves the decimal point of what the device wrote, and adds no digits", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 6 }), (digits, decimals) => {
        expect(convert(Number(`${digits}e-${decimals}`), "W.h", "kW.h")).toBe(Number(`${digits}e-${decimals + 3}`));
        expect(convert(Number(`${digits}e-${decimals}`), "kW.h", "W.h")).toBe(Number(`${digits}e${3 - decimals}`));
      }),
    );
  });

  it("goes back to where it came from", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        expect(convert(convert(value, "[psi]", "bar")!, "bar", "[psi]")).toBeCloseTo(value, 6);
        expect(convert(convert(value, "[degF]", "Cel")!, "Cel", "[degF]")).toBeCloseTo(value, 6);
      }),
    );
  });

  it.each([
    ["m", "s"],
    ["V", "A"],
    ["deg", "1"],
    ["kW", "kW.h"],
    ["Cel", "m3.Cel"],
    ["m3.K", "m3.Cel"],
    ["dB", "dB[mW]"],
    ["dB", "1"],
    ["[pH]", "1"],
    ["ug/m3", "[ppb]"],
  ])("refuses %s as %s: not commensurable", (from, to) => {
    expect(convert(1, from, to)).toBeUndefined();
    expect(convert(1, to, from)).toBeUndefined();
  });

  it("refuses a result that no number can hold", () => {
    expect(convert(1e308, "km", "m")).toBeUndefined();
    expect(convert(Number.NaN, "m", "m")).toBeUndefined();
    expect(convert(Number.POSITIVE_INFINITY, "m", "cm")).toBeUndefined();
  });
});

describe("counts", () => {
  it.each([
    ["{person}", "{vehicle}"],
    ["{NTU}", "{FNU}"],
    ["{person}/h", "{vehicle}/h"],
    ["%", "{person}"],
    ["%", "{count}"],
  ])("never makes %s into %s", (from, to) => {
    expect(convert(1, from, to)).toBeUndefined();
    expect(convert(1, to, from)).toBeUndefined();
  });

  it.each([
    ["1", "{person}"],
    ["{count}", "{person}"],
    ["{person}", "{count}"],
    ["{pulse}", "1"],
    ["{vehicle}/h", "/h"],
  ])("takes %s as %s", (from, to) => {
    expect(convert(7, from, to)).toBe(7);
  });

  it("gives no meaning to braces behind a unit", () => {
    expect(convert(1, "kV.A{reactive}.h", "kV.A.h")).toBe(1);
    expect(convert(1, "mg{N}/L", "mg/L")).toBe(1);
  });
});

describe("conversion", () => {
  it("has a factor and an offset that say the same as apply", () => {
    const celsius = conversion("[degF]", "Cel")!;
    expect(212 * celsius.factor + celsius.offset).toBeCloseTo(100, 10);
    expect(celsius.apply(212)).toBe(100);
    expect(conversion("mm", "m")).toMatchObject({ factor: 0.001, offset: 0 });
    expect(conversion("m", "m")).toMatchObject({ factor: 1, offset: 0 });
  });
});

describe("parseUnit", () => {
  it("says dimension and count", () => {
    expect(parseUnit("W")).toMatchObject({ code: "W", dimension: "g.m2.s-3", counted: "" });
    expect(parseUnit("{vehicle}/h")).toMatchObject({ dimension: "s-1", counted: "{vehicle}" });
    expect(parseUnit("%")).toMatchObject({ dimension: "", counted: "%" });
  });

  it.each(["m/s2", "m.s-2", "(m/s)/s", "m/(s.s)", "10*0.m/s2", "dam/s2", "/m", "1/m", "m+2", "10^3.m"])(
    "reads %s",
    (code) => {
      expect(parseUnit(code)).toBeDefined();
    },
  );

  it.each("m/s2 m.s-2 (m/s)/s m/(s.s) 10*0.m/s2 dam/s2 /m 1/m m+2 10^3.m".split(" "))("reads %s", (code) => {
    expect(parseUnit(code)).toBeDefined();
  });

  const units = "°C m³ kWh C F mol foo kmin k% kkm k Cel/m m.Cel Cel2 dB/m [pH].m [m/s2]".split(" ");
  const grammar = "m/ .m m..s m//s (m m) () { {a a{ {ä} m0 0 0.m m99 10*99 -1 1e3".split(" ");
  const hostile = ["", " ", "m ", "__proto__", "constructor", "(".repeat(1000), `${"m.".repeat(1000)}m`];

  it.each(units.concat(grammar, hostile))("refuses %j", (code) => {
    expect(parseUnit(code)).toBeUndefined();
  });

  it("reads any text as a unit that is itself, or refuses it, and never throws", () => {
    const piece = fc.constantFrom(..."mskgAKV/.(){}[]10*^+-%' h".split(""), "Cel", "dB", "{x}", "[ft_i]", "10*", "bar");
    const pieces = fc.array(piece, { maxLength: 12 }).map((list) => list.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.string(), pieces), (code) => {
        expect(convert(1, code, code)).toBe(parseUnit(code) && 1);
      }),
      { numRuns: 2000 },
    );
  });
});
