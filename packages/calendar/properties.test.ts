import type { Quality } from "@messnetz/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consumedUntil, expectedGauge, type Metered } from "./oracle.fixture.ts";
import { berlin, exactSum, hourMs, merge, minuteMs, observations, quarterMs, type Sample } from "./samples.fixture.ts";
import { type DatastreamTraits, heldRhythms } from "./traits.ts";
import { type CalendarWindow, type WindowName, windowNames, windowsOf } from "./windows.ts";

const runs = { numRuns: process.env["MESSNETZ_TRIALS"] === "full" ? 2000 : 120 };

/** The nights on which the clocks change, and an ordinary one. */
const night = fc.constantFrom(berlin("2026-03-29T00:00"), berlin("2026-10-25T00:00"), berlin("2026-06-30T00:00"));
const name = fc.constantFrom<WindowName>(...windowNames.filter((one) => one !== "heating-season"));

/** Milliseconds from one reading to the next: the rhythm, a little off it, on it to the millisecond, and outages. */
const gap = (rhythmMs: number) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(rhythmMs) },
    { weight: 5, arbitrary: fc.integer({ min: Math.round(rhythmMs * 0.5), max: Math.round(rhythmMs * 1.6) }) },
    { weight: 1, arbitrary: fc.integer({ min: 3 * rhythmMs, max: 20 * rhythmMs }) },
    { weight: 1, arbitrary: fc.constant(8 * hourMs) },
  );

describe("gauges, against their readings one by one", () => {
  const series = fc.record({
    begin: night.chain((at) => fc.integer({ min: at - 6 * hourMs, max: at + 2 * hourMs })),
    base: fc.constantFrom(quarterMs, hourMs),
    steps: fc.array(
      fc.record({
        gap: gap(1000),
        result: fc.integer({ min: -40, max: 40 }).map((n) => n / 4),
        quality: fc.constantFrom<Quality>("good", "good", "good", "suspect", "bad"),
      }),
      { minLength: 1, maxLength: 60 },
    ),
  });

  it("gives means, extremes and the time covered", async () => {
    await fc.assert(
      fc.asyncProperty(series, name, fc.integer({ min: 0, max: 3 }), async ({ begin, base, steps }, window, offset) => {
        // Not more than one gap can be cut within a base window then.
        const rhythmMs = base / 3;
        let time = begin;
        const samples = steps.map(({ gap: rhythms, result, quality }): Sample => {
          time += Math.max(1, Math.round((Math.min(rhythms, 100_000) / 1000) * rhythmMs));
          return { time, result, quality };
        });
        const from = begin + offset * hourMs;
        const windows = windowsOf({ window, from, to: from + 30 * hourMs });
        const usesBase = windows.every((one) => one.from % base === 0 && one.to % base === 0);
        const all = observations("g/water_level", samples);
        const traits: DatastreamTraits = { kind: "gauge", rhythmMs };
        const rows = await merge(all, { windows, traitsOf: () => traits, baseWindowMs: usesBase ? base : quarterMs });
        if (!usesBase) return;
        expect(rows).toHaveLength(windows.length);
        rows.forEach((row, n) => {
          const right = expectedGauge(samples, windows[n]!, heldRhythms * rhythmMs);
          const { from: begins, to: ends } = windows[n]!;
          expect(row.count).toBe(right.count);
          for (const key of ["min", "max", "first", "last"] as const) expect(row[key]).toEqual(right[key]);
          expect(row.covered).toBeCloseTo(right.coveredMs / (ends - begins), 9);
          expect(row.integral ?? 0).toBeCloseTo(right.integral, 6);
          if (right.coveredMs > 0) expect(row.mean).toBeCloseTo((right.integral * hourMs) / right.coveredMs, 6);
        });
      }),
      runs,
    );
  });
});

/** A register that counts on, rolls over, is reset and exchanged: what it shows and what was really consumed, in steps. */
const modulus = 100_000;
const stepKind = fc.oneof(
  { weight: 30, arbitrary: fc.constant("on" as const) },
  { weight: 1, arbitrary: fc.constant("reset" as const) },
  { weight: 1, arbitrary: fc.constant("exchange" as const) },
);
const registerSteps = fc.array(
  fc.record({
    gap: gap(20 * minuteMs),
    consumption: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.constant(0), fc.integer({ min: 0, max: 4000 })),
    kind: stepKind,
    start: fc.integer({ min: 0, max: 2 * modulus }),
    at: fc.double({ min: 0.01, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 80 },
);
interface Register {
  readonly readings: readonly Metered[];
  readonly exchanges: { at: number; end: number; start: number }[];
  readonly kinds: string[];
}

type RegisterStep = typeof registerSteps extends fc.Arbitrary<(infer T)[]> ? T : never;

function run(begin: number, first: number, steps: readonly RegisterStep[]): Register {
  const exchanges: Register["exchanges"] = [];
  const kinds: string[] = [];
  let [time, shown, consumed] = [begin, first, 0];
  const readings: Metered[] = [{ time, shown, consumed }];
  for (const { gap: gapMs, consumption, kind, start, at } of steps) {
    time += gapMs;
    if (kind === "reset" && shown > 2 * consumption && shown < modulus * 0.9) {
      shown = consumption;
      kinds.push("reset");
    } else if (kind === "exchange") {
      // Read at the exchange itself, so that the truth is a straight line.
      const exchangedAt = Math.max(time - gapMs + 1, Math.round(time - gapMs * (1 - at)));
      exchanges.push({ at: exchangedAt, end: shown, start: start % modulus });
      shown = start % modulus;
      time = exchangedAt;
      readings.push({ time, shown, consumed });
      kinds.push("exchange");
      continue;
    } else {
      shown += consumption;
      if (shown >= modulus) {
        shown -= modulus;
        kinds.push("rollover");
      }
    }
    consumed += consumption;
    readings.push({ time, shown, consumed });
  }
  return { readings, exchanges, kinds };
}

describe("counters, against what was really consumed", () => {
  const resolution = fc.constantFrom(1, 0.001, 0.25, 10);
  const scenario = fc.record({
    begin: night.chain((at) => fc.integer({ min: at - 30 * hourMs, max: at + 2 * hourMs })),
    first: fc.integer({ min: 0, max: modulus - 1 }),
    steps: registerSteps,
    resolution,
    declared: fc.boolean(),
    base: fc.constantFrom(quarterMs, hourMs),
  });

  const toUnit = (steps: number, size: number) => Number((steps * size).toFixed(6));

  function merged(
    { register, size, declared, base }: { register: Register; size: number; declared: boolean; base: number },
    windows: readonly CalendarWindow[],
  ) {
    const unit = (steps: number) => toUnit(steps, size);
    const traits: DatastreamTraits = {
      kind: "counter",
      register: { modulus: unit(modulus), ...(declared ? { resolution: size } : {}) },
      exchanges: register.exchanges.map(({ at, end, start }) => ({ at, end: unit(end), start: unit(start) })),
    };
    const all = observations(
      "m/volume",
      register.readings.map(({ time, shown }) => ({ time, result: unit(shown) })),
    );
    return merge(all, { windows, traitsOf: () => traits, baseWindowMs: base });
  }

  it("gives each window its consumption, exactly, and tells rollovers, resets and exchanges apart", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, name, async ({ begin, first, steps, resolution: size, base }, window) => {
        const register = run(begin, first, steps);
        const { readings } = register;
        const windows = windowsOf({ window, from: begin, to: readings.at(-1)!.time + 1 });
        const baseMs = windows.every(({ from, to }) => from % base === 0 && to % base === 0) ? base : quarterMs;
        const rows = await merged({ register, size, declared: true, base: baseMs }, windows);
        expect(rows.map(({ consumption }) => consumption ?? 0)).toEqual(
          windows.map(({ from, to }) => toUnit(consumedUntil(readings, to) - consumedUntil(readings, from), size)),
        );
        const kinds = rows.flatMap(({ events = [] }) => events.map(({ kind }) => kind));
        expect(kinds).toEqual(register.kinds);
      }),
      runs,
    );
  });

  it("adds up, whatever the partition and the resolution", async () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(scenario, cuts, async ({ begin, first, steps, resolution: size, declared }, places) => {
        const register = run(begin, first, steps);
        const from = Math.floor(begin / quarterMs) * quarterMs - 2 * quarterMs;
        const edges = [0, ...places.toSorted((a, b) => a - b), 401].map((n) => from + n * quarterMs);
        const windows = edges.slice(1).map((to, n): CalendarWindow => ({ from: edges[n]!, to, label: String(n) }));
        const whole: CalendarWindow = { from: edges[0]!, to: edges.at(-1)!, label: "whole" };
        const given = { register, size, declared, base: quarterMs };
        const [all] = await merged(given, [whole]);
        const parts = await merged(given, windows);
        expect(exactSum(parts.map(({ consumption }) => consumption))).toBe(all!.consumption ?? 0);
        const events = parts.flatMap(({ events: some = [] }) => some);
        expect(events).toEqual(all!.events ?? []);
        // A window asked for alone has the same answer, as long as the readings on both sides of it are read.
        for (const [n, window] of windows.entries())
          expect((await merged(given, [window]))[0]!.consumption).toBe(parts[n]!.consumption);
      }),
      { numRuns: runs.numRuns / 4 },
    );
  });
});
