import { describe, expect, it } from "vitest";
import { hourMs, merge, minuteMs, observations, quarterMs } from "./samples.fixture.ts";
import type { DatastreamTraits } from "./traits.ts";
import type { CalendarWindow } from "./windows.ts";

const start = Date.parse("2026-06-01T00:00Z");
const at = (minutes: number): number => start + minutes * minuteMs;

type Readings = readonly (readonly [minutes: number, value: number])[];

function windowsEvery(lengthMs: number, count: number): CalendarWindow[] {
  return Array.from({ length: count }, (_, n) => ({
    from: start + n * lengthMs,
    to: start + (n + 1) * lengthMs,
    label: String(n),
  }));
}

function merged(readings: Readings, settings: Omit<DatastreamTraits, "kind">, windows = windowsEvery(hourMs, 2)) {
  const samples = readings.map(([minutes, result]) => ({ time: at(minutes), result }));
  return merge(observations("m/volume", samples), {
    windows,
    traitsOf: () => ({ kind: "counter", ...settings }),
    baseWindowMs: windows[0]!.to - windows[0]!.from === hourMs ? hourMs : quarterMs,
  });
}

describe("what a register does other than grow", () => {
  const modulus = { register: { modulus: 1000, resolution: 0.1 } };
  const cases: readonly {
    readonly name: string;
    readonly readings: Readings;
    readonly settings: Omit<DatastreamTraits, "kind">;
    readonly consumed: number;
    readonly events: readonly (readonly [kind: string, minutes: number, before: number, after: number])[];
  }[] = [
    {
      name: "nothing",
      readings: [
        [0, 5],
        [20, 6],
        [60, 7.5],
      ],
      settings: {},
      consumed: 2.5,
      events: [],
    },
    {
      name: "a rollover",
      readings: [
        [0, 990],
        [20, 995],
        [40, 4],
        [60, 8],
      ],
      settings: modulus,
      consumed: 18,
      events: [["rollover", 40, 995, 4]],
    },
    {
      name: "a reset, where the register has no modulus",
      readings: [
        [0, 990],
        [20, 995],
        [40, 4],
        [60, 8],
      ],
      settings: {},
      consumed: 13,
      events: [["reset", 40, 995, 4]],
    },
    {
      name: "a reset, where a rollover would be more than can have been",
      readings: [
        [0, 500],
        [20, 501],
        [40, 4],
        [60, 8],
      ],
      settings: modulus,
      consumed: 9,
      events: [["reset", 40, 501, 4]],
    },
    {
      name: "a rollover, where the greatest consumption allows it",
      readings: [
        [0, 500],
        [20, 501],
        [40, 4],
        [60, 8],
      ],
      settings: { register: { modulus: 1000, maxPerHour: 1600 } },
      consumed: 508,
      events: [["rollover", 40, 501, 4]],
    },
    {
      name: "a run backward",
      readings: [
        [0, 100],
        [20, 99.5],
        [60, 103],
      ],
      settings: modulus,
      consumed: 3,
      events: [["backward", 20, 100, 99.5]],
    },
    {
      name: "a leap",
      readings: [
        [0, 100],
        [20, 101],
        [40, 900],
        [60, 901],
      ],
      settings: { register: { maxPerHour: 10, resolution: 1 } },
      consumed: 801,
      events: [["leap", 40, 101, 900]],
    },
    {
      name: "no leap, where one step of the register is more than the time allows",
      readings: [
        [0, 100],
        [1, 101],
        [60, 102],
      ],
      settings: { register: { maxPerHour: 2, resolution: 1 } },
      consumed: 2,
      events: [],
    },
    {
      name: "an exchange for a meter that shows less",
      readings: [
        [0, 100],
        [20, 101],
        [40, 7],
        [60, 8],
      ],
      settings: { exchanges: [{ at: at(30), end: 101.5, start: 6 }] },
      consumed: 3.5,
      events: [["exchange", 30, 101.5, 6]],
    },
    {
      name: "an exchange for a meter that shows more",
      readings: [
        [0, 100],
        [20, 101],
        [40, 507],
        [60, 508],
      ],
      settings: { register: { maxPerHour: 10 }, exchanges: [{ at: at(30), end: 101.5, start: 506 }] },
      consumed: 3.5,
      events: [["exchange", 30, 101.5, 506]],
    },
    {
      name: "two exchanges between two readings",
      readings: [
        [0, 100],
        [50, 21],
        [60, 22],
      ],
      settings: {
        exchanges: [
          { at: at(10), end: 101, start: 500 },
          { at: at(30), end: 502, start: 20 },
        ],
      },
      consumed: 5,
      events: [
        ["exchange", 10, 101, 500],
        ["exchange", 30, 502, 20],
      ],
    },
  ];

  it.each(cases)(
    "tells $name, within a base window and between two",
    async ({ readings, settings, consumed, events }) => {
      const told = events.map(([kind, minutes, before, after]) => ({ kind, time: at(minutes), before, after }));
      const [hour] = await merged(readings, settings);
      expect(hour).toMatchObject({ consumption: consumed, begin: { kind: "exact" }, end: { kind: "exact" } });
      expect((hour!.events ?? []).map(({ kind, time, before, after }) => ({ kind, time, before, after }))).toEqual(
        told,
      );

      const parts = await merged(readings, settings, windowsEvery(quarterMs, 4));
      expect(parts.reduce((sum, { consumption }) => sum + consumption!, 0)).toBeCloseTo(consumed, 9);
      const all = parts.flatMap((part) => part.events ?? []);
      expect(all.map(({ kind, time, before, after }) => ({ kind, time, before, after }))).toEqual(told);
    },
  );

  it("shows readings at boundaries as the register did: rolled over, reset, of the new meter", async () => {
    const readingsAt = async (readings: Readings, settings: Omit<DatastreamTraits, "kind">) => {
      const rows = await merged(readings, settings, windowsEvery(quarterMs, 4));
      return [rows[0]!.begin!.reading, ...rows.map(({ end }) => end!.reading)];
    };
    expect(
      await readingsAt(
        [
          [0, 980],
          [60, 20],
        ],
        modulus,
      ),
    ).toEqual([980, 990, 0, 10, 20]);
    expect(
      await readingsAt(
        [
          [0, 980],
          [60, 20],
        ],
        {},
      ),
    ).toEqual([980, 5, 10, 15, 20]);
    const exchanges = [{ at: at(30), end: 984, start: 16 }];
    expect(
      await readingsAt(
        [
          [0, 980],
          [60, 20],
        ],
        { exchanges },
      ),
    ).toEqual([980, 982, 984, 18, 20]);
  });
});

describe("readings at boundaries", () => {
  it("interpolates, and says so, rounded once to what the register shows", async () => {
    const readings: Readings = [
      [-7, 10],
      [50, 20.01],
      [113, 21],
    ];
    const [first, second] = await merged(readings, {});
    expect(first!.begin).toEqual({ kind: "interpolated", reading: 11.23 });
    expect(first!.end).toEqual({ kind: "interpolated", reading: 20.17 });
    expect(first!.consumption).toBe(8.94);
    expect(second).toMatchObject({
      begin: first!.end,
      end: { kind: "held", reading: 21 },
      consumption: 0.83,
      complete: false,
    });
    const [coarse] = await merged(readings, { register: { resolution: 0.5 } });
    expect(coarse).toMatchObject({ begin: { reading: 11 }, end: { reading: 20 }, consumption: 9 });
  });

  it("says what is missing before the first reading, and held after the last", async () => {
    const [first, second, third] = await merged(
      [
        [30, 5],
        [90, 8],
      ],
      {},
      windowsEvery(hourMs, 3),
    );
    expect(first).toMatchObject({
      begin: { kind: "missing", reading: 5 },
      end: { kind: "interpolated" },
      consumption: 2,
      complete: false,
    });
    expect(second).toMatchObject({ end: { kind: "held", reading: 8 }, consumption: 1 });
    expect(third).toMatchObject({ count: 0, begin: { kind: "held" }, end: { kind: "held" }, complete: false });
    expect(third).not.toHaveProperty("consumption");
    expect(third!.begin).not.toHaveProperty("reading");
  });

  it("says nothing of a register that told nothing", async () => {
    const bad = observations("m/volume", [{ time: at(5), result: 3, quality: "bad" }]);
    const rows = await merge(bad, { windows: windowsEvery(hourMs, 1), traitsOf: () => ({ kind: "counter" }) });
    expect(rows).toEqual([
      {
        datastream: "m/volume",
        window: 0,
        count: 0,
        suspect: 0,
        bad: 1,
        covered: 0,
        complete: false,
        begin: { kind: "missing" },
        end: { kind: "missing" },
      },
    ]);
  });
});
