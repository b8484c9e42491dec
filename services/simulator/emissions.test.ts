import { describe, expect, it } from "vitest";
import { createDice } from "./dice.ts";
import { emissionsOf } from "./emissions.ts";
import type { SimulatedDevice } from "./simulated-device.ts";

const hourMs = 3_600_000;
const weekMs = 168 * hourMs;
const from = Math.floor(Date.UTC(2026, 5, 18) / weekMs) * weekMs;

/** Counts hours; its message is the register and the time. */
function meter(number: number): SimulatedDevice {
  return {
    id: `x:${number}`,
    source: "meters",
    intervalMs: hourMs,
    measure: (at) => [{ word: "total", property: "water_volume", value: at / hourMs, unit: "m3", isRegister: true }],
    write: ([one], { clock }) => ({ topic: `x/${number}`, payload: `${String(one?.value)} ${clock}`, time: clock }),
    sentinel: { word: "total", code: -1 },
  };
}

const meters = Array.from({ length: 8 }, (_, n) => meter(n));
const emit = (faults: object, to = from + weekMs) => emissionsOf(meters, { from, to }, { dice: createDice(5), faults });

describe("emissions", () => {
  it("come at the device's interval, in the order of sending", () => {
    const sent = emit({});
    expect(sent).toHaveLength(8 * 168);
    expect(sent.map(({ sentAt }) => sentAt)).toEqual(sent.map(({ sentAt }) => sentAt).toSorted((a, b) => a - b));
    expect(sent.flatMap(({ labels }) => labels)).toEqual([]);
  });

  it("a meter exchange sets a register back once, and is labelled there", () => {
    const sent = emit({ meterExchange: 1 });
    for (const { id } of meters) {
      const own = sent.filter(({ device }) => device === id);
      const values = own.map(({ meant }) => meant[0]!.value as number);
      const back = own.filter((_, n) => n > 0 && values[n]! < values[n - 1]!);
      expect(back).toHaveLength(1);
      expect(own.filter(({ labels }) => labels.includes("meter_exchange"))).toEqual(back);
    }
  });

  it("an outage holds messages back and lets them go in order, none lost", () => {
    const often = meters.map((device) => ({ ...device, intervalMs: 60_000 }));
    const to = from + 6 * hourMs;
    const options = { dice: createDice(5), faults: { outage: 1 } };
    const sent = emissionsOf(often, { from, to }, options);
    const late = sent.filter(({ labels }) => labels.includes("late"));
    expect(late.length).toBeGreaterThan(sent.length / 5);
    expect(late.every(({ sentAt, measuredAt }) => sentAt > measuredAt)).toBe(true);
    const own = sent.filter(({ device }) => device === "x:0").map(({ measuredAt }) => measuredAt);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
    expect(new Set(own).size).toBe(own.length);
    expect(own.slice(1).every((at, n) => at - own[n]! === 60_000)).toBe(true);
  });

  it("a stuck device repeats its value, a sentinel is meant to be nothing, a wrong clock is in the message", () => {
    const day = from + 24 * hourMs;
    const stuck = emit({ stuck: 1 }, day).filter(({ device }) => device === "x:1");
    expect(new Set(stuck.map(({ meant }) => meant[0]!.value)).size).toBe(1);
    for (const { payload, meant } of emit({ sentinel: 1 }, day)) {
      expect(payload).toMatch(/^-1 /);
      expect(meant).toEqual([]);
    }
    for (const { payload, meant, labels, measuredAt } of emit({ wrongClock: 1 }, day)) {
      expect(Math.abs(Number(payload.split(" ")[1]) - measuredAt)).toBeGreaterThan(300 * 24 * hourMs);
      expect(meant[0]!.time).toBeUndefined();
      expect(labels[0]).toMatch(/^clock_/);
    }
  });
});
