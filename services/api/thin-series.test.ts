import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, type ChartPoint, createThinner } from "./thin-series.ts";

const series = fc
  .uniqueArray(fc.nat(10_000), { minLength: 1, maxLength: 300 })
  .chain((times) =>
    fc
      .array(fc.integer({ min: -50, max: 50 }), { minLength: times.length, maxLength: times.length })
      .map((values) => times.toSorted((a, b) => a - b).map((time, n) => ({ time, value: values[n]! }))),
  );
const interval = { from: 0, to: 10_001 };

function thin(points: readonly ChartPoint[], maxPoints: number) {
  const thinner = createThinner({ interval, points: maxPoints });
  for (const point of points) thinner.add(point);
  return thinner.series();
}

test("whatever the series, it keeps to the number, the order, the ends, and the extremes of every bucket", () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 4, max: 100 }), (points, maxPoints) => {
      const { method, points: kept } = thin(points, maxPoints);
      expect(kept.length).toBeLessThanOrEqual(maxPoints);
      expect(kept).toEqual(kept.toSorted((a, b) => a.time - b.time));
      for (const point of kept) expect(points).toContain(point);
      expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
      expect(method).toBe(points.length <= maxPoints ? "raw" : "extremes");
      if (method === "raw") {
        expect(kept).toEqual(points);
        return;
      }
      const bucketMs = bucketOf(interval, maxPoints);
      const extremes = (list: readonly ChartPoint[]) =>
        [...Map.groupBy(list, ({ time }) => Math.floor(time / bucketMs))].map(([at, inside]) => {
          const values = inside.map(({ value }) => value as number);
          return [at, Math.min(...values), Math.max(...values)];
        });
      expect(extremes(kept)).toEqual(extremes(points));
    }),
  );
});

test("of words the first and the last of each bucket stay", () => {
  const words = Array.from({ length: 50 }, (_, n) => ({ time: n * 200, value: n % 2 === 0 ? "open" : "closed" }));
  const { points } = thin(words, 10);
  expect(points.length).toBeLessThanOrEqual(10);
  expect(points[0]).toBe(words[0]);
  expect(points.at(-1)).toBe(words.at(-1));
});
