import type { Observation } from "@messnetz/model";
import { createMemoryStore } from "@messnetz/store";
import { anObservation } from "@messnetz/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chartSeries, chartWindowMs } from "./chart-series.ts";
import { createExampleTown, noon } from "./example-town.fixture.ts";
import { planObservations } from "./plan.ts";
import { guardStore } from "./store-guard.ts";

const town = await createExampleTown();
const { principal } = await town.principal();
const dayMs = 86_400_000;
const begin = noon - 40 * dayMs;

async function chartOf(observations: readonly Observation[], { points = 20, from = begin, to = noon } = {}) {
  const store = createMemoryStore({ quarantine: { maxBytes: 1, maxAgeMs: 1 }, clock: () => noon });
  await store.observations.write(observations);
  const interval = { from, to };
  const plan = planObservations({ registry: town.registry, principal }, { interval });
  const guarded = guardStore({ ...town.options.store, ...store }, 1000);
  return chartSeries(guarded.observations, { plan, interval, points });
}

const observation = fc
  .record({
    name: fc.constantFrom("bay-1/vehicle_count", "weir-1/water_level", "weir-2/water_level"),
    minute: fc.nat(40 * 24 * 60 - 1),
    result: fc.integer({ min: -50, max: 50 }),
    quality: fc.constantFrom("good" as const, "suspect" as const, "bad" as const),
  })
  .map(({ name, minute, result, quality }) =>
    anObservation({
      datastream: name,
      phenomenonTime: begin + minute * 60_000,
      result,
      quality,
      checks: quality === "good" ? [] : ["range"],
      ...(name.endsWith("count") && { intervalStart: begin + minute * 60_000 - 60_000 }),
    }),
  );

test("a curve of fixed windows is as good as one of all observations: ends, extremes of each part, nothing invented", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(observation, {
        minLength: 50,
        maxLength: 200,
        selector: (one) => `${one.datastream} ${one.phenomenonTime}`,
      }),
      fc.integer({ min: 4, max: 40 }),
      async (observations, points) => {
        const series = await chartOf(observations, { points });
        const good = observations.filter(({ quality }) => quality !== "bad");
        const oracle = Map.groupBy(good, ({ datastream }) => datastream);
        expect(series.map((one) => one.datastream)).toEqual([...oracle.keys()].toSorted());
        for (const { datastream, observations: count, points: kept, method, bucketMs = 0 } of series) {
          const all = oracle.get(datastream)!.toSorted((a, b) => a.phenomenonTime - b.phenomenonTime);
          const places = all.map(({ phenomenonTime: time, result }) => ({ time, value: result }));
          expect(count).toBe(all.length);
          expect(kept.length).toBeLessThanOrEqual(points);
          expect(kept).toEqual(kept.toSorted((a, b) => a.time - b.time));
          expect([kept[0], kept.at(-1)]).toEqual([places[0], places.at(-1)]);
          for (const point of kept) expect(places).toContainEqual(point);
          expect(method).toBe(all.length <= points ? "raw" : "extremes");
          if (method === "raw") continue;
          expect(bucketMs % 3_600_000).toBe(0);
          // An amount belongs where its interval ends, an end on the boundary to the part before.
          const back = datastream.endsWith("count") ? 1 : 0;
          const parts = (list: typeof places) =>
            [...Map.groupBy(list, ({ time }) => Math.max(0, Math.floor((time - back - begin) / bucketMs)))].map(
              ([part, inside]) => {
                const values = inside.map(({ value }) => value as number);
                return [part, Math.min(...values), Math.max(...values)];
              },
            );
          expect(parts([...kept])).toEqual(parts(places));
        }
      },
    ),
    { numRuns: 40 },
  );
});

describe("words", () => {
  test("the first and the last of each part of the span, with their times", async () => {
    const observations = Array.from({ length: 200 }, (_, n) =>
      anObservation({
        datastream: "bay-1/traffic_state",
        phenomenonTime: begin + n * 4 * 3_600_000,
        result: n % 2 === 0 ? "free" : "congested",
      }),
    );
    const [series] = await chartOf(observations, { points: 10 });
    expect(series).toMatchObject({ method: "extremes", observations: 200 });
    expect(series!.points.length).toBeLessThanOrEqual(10);
    const places = observations.map(({ phenomenonTime: time, result: value }) => ({ time, value }));
    for (const point of series!.points) expect(places).toContainEqual(point);
    expect([series!.points[0], series!.points.at(-1)]).toEqual([places[0], places.at(-1)]);
    expect(new Set(series!.points.map(({ value }) => value))).toEqual(new Set(["free", "congested"]));
  });
});

test("spans are drawn from hours, from quarters of an hour, and from single observations", () => {
  const of = (days: number) => chartWindowMs({ interval: { from: noon - days * dayMs, to: noon }, points: 1000 });
  expect([of(365), of(10), of(3)]).toEqual([3_600_000, 900_000, undefined]);
});

test("the span is half-open, also in the middle of an hour", async () => {
  const observations = [-2, -1, 0, 1, 2].flatMap((n) =>
    [begin, noon].map((edge) =>
      anObservation({ datastream: "weir-1/water_level", phenomenonTime: edge + 1_234_000 + n, result: n }),
    ),
  );
  const [series] = await chartOf(observations, { points: 4, from: begin + 1_234_000, to: noon + 1_234_000 });
  expect([series!.observations, series!.points[0]?.value, series!.points.at(-1)?.value]).toEqual([5, 0, -1]);
});
