import type { Observation } from "@messnetz/model";
import { beforeAll, describe, expect, it } from "vitest";
import type { CalendarAggregate } from "./calendar-aggregate.ts";
import { berlin, exactSum, hourMs, merge, observations, quarterMs, type Sample } from "./samples.fixture.ts";
import type { DatastreamTraits } from "./traits.ts";
import { type WindowName, windowNames, windowsOf } from "./windows.ts";

const from = berlin("2026-01-01T00:00");
const to = berlin("2027-01-01T00:00");
const day = 24 * hourMs;

/** Every quarter of an hour over 2026 and a day on both sides; `n` counts the quarters of the year. */
function quarters(result: (n: number, time: number) => Omit<Sample, "time"> | undefined): Sample[] {
  const samples: Sample[] = [];
  for (let time = from - day; time <= to + day; time += quarterMs) {
    const sample = result((time - from) / quarterMs, time);
    if (sample !== undefined) samples.push({ time, ...sample });
  }
  return samples;
}

const windows = (window: WindowName) => windowsOf({ window, from, to });
const merged = (all: readonly Observation[], window: WindowName, traits: DatastreamTraits) =>
  merge(all, { windows: windows(window), traitsOf: () => traits });

describe("a year over both nights, by each window of the calendar", () => {
  /** 0.125 kWh a quarter of an hour, at a register that shows thousandths. */
  const meter = observations(
    "m/active_energy",
    quarters((n) => ({ result: Math.round((5000 + n * 0.125) * 1000) / 1000 })),
  );
  const counter: DatastreamTraits = { kind: "counter" };

  it.each(windowNames)("gives the consumption of each %s right to the quarter of an hour", async (name) => {
    const rows = await merged(meter, name, counter);
    const list = windows(name);
    const said = rows.map(({ consumption, begin, end, count, expected, complete, covered }) => {
      return { consumption, begin: begin?.kind, end: end?.kind, count, expected, complete, covered };
    });
    const right = list.map((window) => {
      const count = (window.to - window.from) / quarterMs;
      const ends = { begin: "exact", end: "exact" };
      return { ...ends, consumption: count * 0.125, count, expected: count, complete: true, covered: 1 };
    });
    const isRead = (n: number) => list[n]!.from >= from - day && list[n]!.to <= to + day;
    expect(said.filter((_, n) => isRead(n))).toEqual(right.filter((_, n) => isRead(n)));
    expect(rows).toHaveLength(list.length);
  });

  describe("read at odd times, with outages", () => {
    /** A reading about every 17 minutes, none for three days in May and for three hours around the change of the clocks. */
    const readings: Sample[] = [];
    let register = 81_234.567;
    for (
      let time = from - day + 123_456, n = 0;
      time < to + day;
      time += (14 + ((n * 7) % 6)) * 60_000 + (n % 997), n++
    ) {
      register = Math.round((register + ((n * 37) % 113) / 1000) * 1000) / 1000;
      const outage = time >= berlin("2026-05-03T10:20") && time < berlin("2026-05-06T11:00");
      const night = time >= berlin("2026-10-25T01:10") && time < berlin("2026-10-25T03:20");
      if (!outage && !night) readings.push({ time, result: register });
    }
    const all = observations("m/active_energy", readings);
    let byName: Map<WindowName, CalendarAggregate[]>;

    beforeAll(async () => {
      byName = new Map();
      for (const name of windowNames) byName.set(name, await merged(all, name, counter));
    });
    const total = (name: WindowName) => exactSum(byName.get(name)!.map(({ consumption }) => consumption));

    it("adds up to the year, exactly: quarters of an hour, hours, days, months, quarters", () => {
      const [year] = byName.get("year")!;
      const readingsDiffer = exactSum([year!.end!.reading!, -year!.begin!.reading!]);
      expect(year!.consumption).toBe(readingsDiffer);
      for (const name of ["quarter-hour", "hour", "day", "month", "quarter"] as const) {
        expect([name, total(name)]).toEqual([name, readingsDiffer]);
      }
    });

    it("adds up gas days to gas months", () => {
      const days = byName.get("gas-day")!;
      const months = byName.get("gas-month")!;
      const dayWindows = windows("gas-day");
      windows("gas-month").forEach((month, n) => {
        if (month.from < from || month.to > to) return;
        const inMonth = days.filter((_, at) => dayWindows[at]!.from >= month.from && dayWindows[at]!.to <= month.to);
        expect(exactSum(inMonth.map(({ consumption }) => consumption))).toBe(months[n]!.consumption);
      });
    });

    it("says which days are not to be trusted", () => {
      const days = windows("day");
      const incomplete = days.filter((_, n) => !byName.get("day")![n]!.complete);
      expect(incomplete.map(({ label }) => label.slice(5))).toEqual(["05-03", "05-04", "05-05", "05-06", "10-25"]);
      const within = byName.get("day")![days.findIndex(({ label }) => label === "2026-05-04")]!;
      expect(within).toMatchObject({ count: 0, complete: false, begin: { kind: "interpolated" } });
      expect(within.consumption).toBeGreaterThan(0);
      const hours = windows("hour")
        .filter((_, n) => !byName.get("hour")![n]!.complete)
        .map(({ label }) => label);
      expect(hours).toContain("2026-10-25T02:00+02:00");
      expect(hours).toContain("2026-10-25T02:00+01:00");
    });
  });

  it("adds up amounts, and puts each where its interval ends", async () => {
    const rain = observations(
      "r/vehicle_count",
      quarters((n, time) => ({ result: ((n * 31) % 17) / 10, since: time - quarterMs })),
    );
    const traits: DatastreamTraits = { kind: "amount" };
    const year = await merged(rain, "year", traits);
    const truth = exactSum(
      rain
        .filter(({ phenomenonTime }) => phenomenonTime > from && phenomenonTime <= to)
        .map(({ result }) => result as number),
    );
    expect(year).toMatchObject([{ sum: truth, covered: 1, complete: true, count: 35_040 }]);
    for (const name of ["hour", "day", "month"] as const) {
      const rows = await merged(rain, name, traits);
      expect(exactSum(rows.map(({ sum }) => sum))).toBe(truth);
      expect(rows.every(({ covered, complete }) => covered === 1 && complete)).toBe(true);
    }
    const days = await merged(rain, "day", traits);
    expect(
      windows("day")
        .filter((_, n) => days[n]!.count !== 96)
        .map(({ label }) => label),
    ).toEqual(["2026-03-29", "2026-10-25"]);
    expect(days.flatMap(({ count }) => (count === 96 ? [] : count))).toEqual([92, 100]);
  });

  it("gives the mean and the energy of a curve that begins anew each local day", async () => {
    const localHour = (time: number) =>
      Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO("Europe/Berlin").hour;
    const load = observations(
      "p/active_power",
      quarters((_, time) => ({ result: localHour(time) < 6 ? 100 : 400 })),
    );
    const rows = await merged(load, "day", { kind: "gauge" });
    const [short, long, usual] = ["2026-03-29", "2026-10-25", "2026-06-01"].map(
      (label) => rows[windows("day").findIndex((window) => window.label === label)]!,
    );
    expect([short!.integral, usual!.integral, long!.integral]).toEqual([
      5 * 100 + 18 * 400,
      6 * 100 + 18 * 400,
      7 * 100 + 18 * 400,
    ]);
    expect(short!.mean).toBeCloseTo((5 * 100 + 18 * 400) / 23, 9);
    expect(long!.mean).toBeCloseTo((7 * 100 + 18 * 400) / 25, 9);
    expect([short!.expected, usual!.expected, long!.expected]).toEqual([92, 96, 100]);
  });
});
