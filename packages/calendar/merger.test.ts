import { describe, expect, it } from "vitest";
import { lookaround } from "./lookaround.ts";
import { createMerger, mergeWindows } from "./merger.ts";
import { learnRhythm } from "./rhythm.ts";
import { fold, hourMs, merge, minuteMs, observations, quarterMs, type Sample } from "./samples.fixture.ts";
import type { DatastreamTraits } from "./traits.ts";
import { type CalendarWindow, windowsOf } from "./windows.ts";

const start = Date.parse("2026-06-01T00:00Z");
const at = (minutes: number): number => start + minutes * minuteMs;
const hours = (count: number) => windowsOf({ window: "hour", from: start, to: start + count * hourMs });
const every = (
  stepMinutes: number,
  from: number,
  to: number,
  result: (minutes: number) => number = () => 1,
): Sample[] =>
  Array.from({ length: (to - from) / stepMinutes }, (_, n) => from + n * stepMinutes).map((minutes) => ({
    time: at(minutes),
    result: result(minutes),
  }));
const gauge = (settings: Partial<DatastreamTraits> = {}) => ({
  traitsOf: () => ({ kind: "gauge" as const, ...settings }),
});

describe("means", () => {
  const samples: Sample[] = [
    { time: at(-10), result: 40 },
    { time: at(20), result: 10 },
    { time: at(50), result: 20 },
    { time: at(55), result: 20 },
  ];

  it("weighs by the time that each value was held, the one from before the window too", async () => {
    const [hour] = await merge(observations("g/water_level", samples), {
      windows: hours(1),
      ...gauge({ rhythmMs: 30 * minuteMs }),
    });
    expect(hour!.mean).toBeCloseTo((40 * 20 + 10 * 30 + 20 * 10) / 60, 12);
    expect(hour).toMatchObject({
      covered: 1,
      count: 3,
      min: { value: 10, time: at(20) },
      max: { value: 20, time: at(50) },
    });
  });

  it("weighs each observation alike where the settings say so", async () => {
    const options = { windows: hours(1), ...gauge({ rhythmMs: 30 * minuteMs, mean: "count" }) };
    const [hour] = await merge(observations("g/water_level", samples), options);
    expect(hour!.mean).toBeCloseTo(50 / 3, 12);
  });

  it("holds nothing for longer than two and a half rhythms, nor beyond what is known", async () => {
    const all = observations("g/water_level", every(10, 0, 60));
    const [, second, third] = await merge(all, { windows: hours(3), ...gauge() });
    expect(second).toMatchObject({ count: 0, covered: 0.25, mean: 1, complete: false, expected: 6 });
    expect(third).toMatchObject({ count: 0, covered: 0, complete: false });
    expect(third).not.toHaveProperty("mean");
    const [, now] = await merge(all, { windows: hours(3), ...gauge(), until: at(66) });
    expect(now!.covered).toBeCloseTo(0.1, 12);
  });
});

describe("completeness", () => {
  it("counts what is suspect and bad of what came", async () => {
    const samples = every(10, 0, 60).map((sample, n): Sample => {
      return { ...sample, quality: (["good", "suspect", "bad", "good", "bad", "good"] as const)[n]! };
    });
    const [hour] = await merge(observations("g/water_level", samples), {
      windows: hours(1),
      ...gauge({ rhythmMs: 10 * minuteMs }),
    });
    expect(hour).toMatchObject({ count: 4, expected: 6, suspect: 1 / 6, bad: 1 / 3, complete: false, covered: 1 });
  });

  it("marks below the share that is asked for", async () => {
    const all = observations("g/water_level", every(10, 0, 50));
    const traits = gauge({ rhythmMs: 10 * minuteMs });
    const [strict] = await merge(all, { windows: hours(1), ...traits });
    const [lax] = await merge(all, { windows: hours(1), ...traits, completeShare: 0.8 });
    expect([strict!.complete, lax!.complete]).toEqual([false, true]);
  });

  it("gives one row for every window of a datastream that told anything", async () => {
    const all = [
      ...observations("a/water_level", every(10, 0, 60)),
      ...observations("b/water_level", every(10, 120, 180)),
    ];
    const rows = await merge(all, { windows: hours(3), ...gauge() });
    expect(rows.map(({ datastream, window, count }) => [datastream, window, count])).toEqual([
      ["a/water_level", 0, 6],
      ["a/water_level", 1, 0],
      ["a/water_level", 2, 0],
      ["b/water_level", 0, 0],
      ["b/water_level", 1, 0],
      ["b/water_level", 2, 6],
    ]);
  });
});

describe("amounts", () => {
  const windows = hours(2);

  it("belong to the window in which their interval ends, the end of the window included", async () => {
    const samples: Sample[] = [15, 30, 45, 60, 75, 120].map((end) => ({
      time: at(end),
      since: at(end - 15),
      result: 0.1,
    }));
    const rows = await merge(observations("r/vehicle_count", samples), {
      windows,
      traitsOf: () => ({ kind: "amount" }),
    });
    expect(rows).toMatchObject([
      { sum: 0.4, count: 4, covered: 1, complete: true, mean: 0.1, last: { time: at(60) } },
      { sum: 0.2, count: 2, covered: 0.5, complete: false, expected: 4 },
    ]);
    expect(rows[0]).not.toHaveProperty("integral");
  });

  it("stand for a rhythm each where they have no interval", async () => {
    const all = observations("r/vehicle_count", every(10, 0, 120));
    const rows = await merge(all, { windows, traitsOf: () => ({ kind: "amount" }) });
    expect(rows).toMatchObject([
      { sum: 6, covered: 1, complete: true },
      { sum: 6, covered: 1, complete: true },
    ]);
  });
});

describe("states", () => {
  const state: DatastreamTraits = { kind: "state" };

  it("last until they change, over windows without observations too", async () => {
    const samples: Sample[] = [
      { time: at(-20), result: "closed" },
      { time: at(15), result: "open" },
      { time: at(30), result: "__proto__" },
      { time: at(45), result: "open" },
      { time: at(210), result: "closed" },
    ];
    const rows = await merge(observations("d/door_state", samples), { windows: hours(4), traitsOf: () => state });
    expect(rows.map(({ states }) => states && Object.entries(states))).toEqual([
      [
        ["closed", 0.25],
        ["open", 0.5],
        ["__proto__", 0.25],
      ],
      [["open", 1]],
      [["open", 1]],
      [
        ["open", 0.5],
        ["closed", 0.5],
      ],
    ]);
    expect(rows[1]).toMatchObject({ count: 0, covered: 1, complete: true });
    expect(rows[0]).not.toHaveProperty("mean");
  });

  it("last no longer than their rhythm lets expect where one is declared", async () => {
    const samples: Sample[] = [
      { time: at(0), result: 1 },
      { time: at(5), result: 0 },
      { time: at(50), result: 1 },
    ];
    const traits = { ...state, rhythmMs: 10 * minuteMs };
    const [hour] = await merge(observations("d/door_open", samples), { windows: hours(1), traitsOf: () => traits });
    expect(hour!.states).toEqual({ "1": 15 / 40, "0": 25 / 40 });
    expect(hour!.covered).toBeCloseTo(40 / 60, 12);
    expect(hour!.mean).toBeCloseTo(15 / 40, 12);
  });
});

describe("learning the rhythm", () => {
  const learned = async (samples: readonly Sample[], baseWindowMs = quarterMs) => {
    const spans = [];
    for await (const chunk of fold(observations("g/water_level", samples), baseWindowMs))
      spans.push({ chunk, from: 0, to: chunk.length });
    return learnRhythm(spans);
  };

  it("takes the usual gap, whatever the window and the outages", async () => {
    for (const rhythm of [1, 4, 10, 15, 60, 1440]) {
      const samples = every(rhythm, 0, rhythm * 60).filter((_, n) => n < 20 || n > 27);
      for (const base of [quarterMs, hourMs]) expect(await learned(samples, base)).toBeCloseTo(rhythm * minuteMs, 6);
    }
  });

  it("knows none of fewer than two observations", async () => {
    expect(await learned([])).toBeUndefined();
    expect(await learned(every(1, 0, 1))).toBeUndefined();
    expect(await learned(every(1, 0, 2))).toBe(minuteMs);
  });
});

describe("the stream of chunks", () => {
  it("hands out datastreams as they are finished, however the base aggregates were cut", async () => {
    const names = Array.from({ length: 40 }, (_, n) => `g${String(n).padStart(2, "0")}/water_level`);
    const all = names.flatMap((name) =>
      observations(
        name,
        every(60, 0, 600 * 60, (minutes) => minutes % 7),
      ),
    );
    const windows = hours(600);
    const whole = await merge(all, { windows, ...gauge(), baseWindowMs: hourMs });
    expect(whole).toHaveLength(40 * 600);
    expect(whole.every(({ complete, count }) => complete && count === 1)).toBe(true);
    const merger = createMerger({ windows, ...gauge() });
    const lengths: number[] = [];
    for await (const chunk of fold(all, hourMs)) lengths.push(...merger.add(chunk).map(({ length }) => length));
    lengths.push(...merger.end().map(({ length }) => length));
    // The first one soon, the next ones large.
    expect(lengths).toEqual([600, 2400, 7800, 7800, 5400]);
  });

  it("asks for no more than its reader does", async () => {
    let asked = 0;
    async function* endless() {
      for (;;) {
        asked += 1;
        const samples = observations(`g${String(asked).padStart(6, "0")}/water_level`, every(60, 0, 6000));
        yield* fold(samples, hourMs);
      }
    }
    for await (const { length } of mergeWindows(endless(), { windows: hours(100), ...gauge() })) {
      expect(length).toBe(100);
      break;
    }
    expect(asked).toBe(2);
  });

  it("has nothing to say of nothing", async () => {
    expect(await merge([], { windows: hours(1), ...gauge() })).toEqual([]);
    const none: CalendarWindow[] = [];
    expect(await merge(observations("a/water_level", every(1, 0, 10)), { windows: none, ...gauge() })).toEqual([]);
  });
});

describe("how far to look around", () => {
  it("follows the rhythm where one is declared, in whole base windows", () => {
    expect(lookaround({ kind: "gauge", rhythmMs: 10 * minuteMs }, quarterMs)).toEqual({
      beforeMs: 30 * minuteMs,
      afterMs: 0,
    });
    const counter = { kind: "counter", rhythmMs: 24 * hourMs } as const;
    expect(lookaround(counter, hourMs)).toEqual({ beforeMs: 60 * hourMs, afterMs: 60 * hourMs });
    expect(lookaround({ kind: "amount" }, hourMs)).toEqual({ beforeMs: 0, afterMs: 1 });
    expect(lookaround({ kind: "state" }, hourMs).beforeMs).toBeGreaterThan(24 * hourMs);
  });
});
