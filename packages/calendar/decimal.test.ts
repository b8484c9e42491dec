import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimalsOf, minus, plus, toDecimal, toMultiple, toNumber, withDecimals, zero } from "./decimal.ts";

describe("exact decimals", () => {
  it("are the numbers as they are written", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 6 }), (units, places) => {
        const written = Number(`${units}e-${places}`);
        expect(toNumber(toDecimal(written))).toBe(written + 0);
        expect(decimalsOf(written)).toBeLessThanOrEqual(places);
      }),
    );
    expect([0.125, 1200, 0.1 + 0.2, -3.5, 1e15 + 0.5].map(decimalsOf)).toEqual([3, 0, 9, 1, 0]);
  });

  it("add up to the same whatever their order", () => {
    const numbers = fc.array(
      fc.integer({ min: -1e9, max: 1e9 }).chain((n) => fc.constantFrom(n, n / 10, n / 1000, n / 1e6)),
    );
    fc.assert(
      fc.property(numbers, (values) => {
        const add = (list: readonly number[]) => list.reduce((sum, value) => plus(sum, toDecimal(value)), zero);
        expect(toNumber(minus(add(values), add(values.toReversed())))).toBe(0);
      }),
    );
  });

  it("stay exact where the integers behind them are beyond what a double has", () => {
    const large = toDecimal(4_000_000_000_000.5);
    expect(toNumber(minus(plus(large, toDecimal(0.000_001)), large))).toBeCloseTo(0, 3);
    expect(toNumber(plus(toDecimal(0.1), toDecimal(0.2)))).toBe(0.3);
    expect(withDecimals(1e300, 3).decimals).toBe(0);
  });

  it("round to steps that are no power of ten", () => {
    expect(toNumber(toMultiple(7.38, toDecimal(0.25)))).toBe(7.5);
    expect(toNumber(toMultiple(1234, toDecimal(10)))).toBe(1230);
    expect(Object.is(toNumber(toMultiple(-0.01, toDecimal(0.25))), 0)).toBe(true);
  });
});
