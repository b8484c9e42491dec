import { catalogue } from "@messnetz/model";
import { describe, expect, it } from "vitest";
import { createSimulatedTown } from "./simulated-town.ts";

const hourMs = 3_600_000;
/** A Wednesday, 00:00 in Berlin. */
const midnight = Date.parse("2026-06-17T00:00:00+02:00");
/** One or few of each kind of thing. */
const town = createSimulatedTown({ seed: 1, inhabitants: 600 });

describe("rhythms", () => {
  /** Over all devices whose id begins so. */
  const meanAt = (hour: number, property: string, device = ""): number => {
    const from = midnight + hour * hourMs;
    const values = town
      .emissions({ from, to: from + 60_000 })
      .filter((emission) => emission.device.startsWith(device))
      .flatMap(({ meant }) => meant.filter((one) => one.property === property).map(({ value }) => value as number));
    expect(values.length, property).toBeGreaterThan(0);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };

  it("less water flows at 3 in the night than at 7 in the morning", () => {
    expect(meanAt(3, "water_flow")).toBeLessThan(meanAt(7, "water_flow") / 4);
  });

  it("roads are fullest when people go to work and come back, and then they are slower", () => {
    expect(meanAt(3, "vehicle_flow")).toBeLessThan(meanAt(12, "vehicle_flow"));
    expect(meanAt(12, "vehicle_flow")).toBeLessThan(meanAt(17, "vehicle_flow"));
    expect(meanAt(17, "vehicle_speed")).toBeLessThan(meanAt(3, "vehicle_speed"));
    const sunday = -3 * 24;
    expect(meanAt(sunday + 7, "vehicle_flow")).toBeLessThan(meanAt(7, "vehicle_flow") / 2);
  });

  it("the sun shines by day, and what houses feed in then exceeds what they draw", () => {
    expect(meanAt(1, "solar_irradiance")).toBe(0);
    expect(meanAt(13, "solar_irradiance")).toBeGreaterThan(100);
    expect(meanAt(1, "active_power", "tasmota:")).toBeGreaterThan(0);
    expect(meanAt(13, "active_power", "tasmota:")).toBeLessThan(0);
  });

  it("no bus runs at 3 in the night", () => {
    const from = midnight + 3 * hourMs;
    expect(town.emissions({ from, to: from + 60_000 }).filter(({ device }) => device.startsWith("hfp:"))).toEqual([]);
  });

  it("rain fills the sewers, and heavy rain spills over", () => {
    const levels: { rain: number; level: number; overflow: boolean }[] = [];
    for (let hour = 0; hour < 24 * 60; hour += 2) {
      const from = midnight + hour * hourMs;
      const meant = town
        .emissions({ from, to: from + 60_000 })
        .filter(({ device }) => /^plain:overflow-muehlgraben$/.test(device) || device === "urn:dev:mac:020008000000")
        .flatMap((emission) => emission.meant);
      const valueOf = (property: string) => meant.find((one) => one.property === property)?.value;
      levels.push({
        rain: valueOf("rainfall_rate") as number,
        level: valueOf("water_level") as number,
        overflow: valueOf("overflow") as boolean,
      });
    }
    const mean = (list: readonly { level: number }[]): number =>
      list.reduce((sum, { level }) => sum + level, 0) / list.length;
    const wet = levels.filter(({ rain }) => rain > 2);
    const dry = levels.filter(({ rain }) => rain === 0);
    expect(mean(wet)).toBeGreaterThan(1.3 * mean(dry));
    expect(levels.some(({ overflow }) => overflow)).toBe(true);
    expect(dry.filter(({ overflow }) => overflow).length).toBeLessThan(dry.length / 50);
  });

  it("registers never run backwards", () => {
    const last = new Map<string, number>();
    for (let hour = 0; hour < 48; hour++) {
      const from = midnight + hour * hourMs;
      for (const { device, meant } of town.emissions({ from, to: from + 15 * 60_000 })) {
        for (const { word, property, value } of meant) {
          if (catalogue.get(property)?.kind !== "counter" || typeof value !== "number") continue;
          const key = `${device} ${word}`;
          expect(value, key).toBeGreaterThanOrEqual(last.get(key) ?? 0);
          last.set(key, value);
        }
      }
    }
    expect(last.size).toBeGreaterThan(15);
  });
});
