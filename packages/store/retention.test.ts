import { describe, expect, it } from "vitest";
import { parseRetention, planRetention, RetentionError, unknownProperties } from "./retention.ts";

const now = Date.UTC(2026, 2, 15, 12);
const domainOf = (thing: string) =>
  thing.startsWith("gauge") ? "water" : thing.startsWith("loop") ? "traffic" : undefined;
const plan = (text: string, ...datastreams: string[]) =>
  planRetention({ rules: parseRetention(text), datastreams, domainOf, now });

describe("rules of retention", () => {
  it("keep everything where there are none", () => {
    expect(parseRetention("")).toEqual([]);
    expect(plan("", "gauge-1/water_level")).toEqual([]);
  });

  it.each([
    ["water", "expected rules like"],
    ["sea=2y", "expected a domain (traffic, transit, water"],
    ["water/Wet ness=2y", "expected the key of an observed property"],
    ["water=2 years", "expected a time like 90d"],
    ["water=0d", "expected a time like 90d"],
    ["water=2y, water=3y", "expected one rule for water/*"],
  ])("refuse %s and say what was expected", (text, message) => {
    expect(() => parseRetention(text)).toThrow(RetentionError);
    expect(() => parseRetention(text)).toThrow(message);
  });

  it("hold for observed properties of a town's own, and tell which nobody knows", () => {
    const rules = parseRetention("water/brook_foam=15d,water/water_level=1y,*=keep");
    expect(unknownProperties(rules)).toEqual(["brook_foam"]);
    expect(plan("water/brook_foam=15d,*=keep", "gauge-1/brook_foam", "gauge-1/water_level")).toEqual([
      { rule: "water/brook_foam=15d", datastreams: ["gauge-1/brook_foam"], before: Date.UTC(2026, 1) },
    ]);
  });

  it("let months go as a whole, once all of one is older", () => {
    expect(plan("water=10y", "gauge-1/water_level")[0]?.before).toBe(Date.UTC(2016, 2));
    expect(plan("water=18mo", "gauge-1/water_level")[0]?.before).toBe(Date.UTC(2024, 8));
    expect(plan("water=14d", "gauge-1/water_level")[0]?.before).toBe(Date.UTC(2026, 2));
    expect(plan("water=15d", "gauge-1/water_level")[0]?.before).toBe(Date.UTC(2026, 1));
  });

  it("hold for what they name most closely", () => {
    const steps = plan(
      "*=1y,water=10y,traffic=3y,traffic/vehicle_count=2y,*/battery_level=keep",
      "gauge-1/water_level",
      "gauge-1/battery_level",
      "loop-1/vehicle_count.lane-2",
      "loop-1/vehicle_speed",
      "gone/vehicle_speed",
    );
    expect(steps.map(({ rule, datastreams }) => [rule, ...datastreams])).toEqual([
      ["water/*=10y", "gauge-1/water_level"],
      ["traffic/vehicle_count=2y", "loop-1/vehicle_count.lane-2"],
      ["traffic/*=3y", "loop-1/vehicle_speed"],
      ["*/*=1y", "gone/vehicle_speed"],
    ]);
  });
});
