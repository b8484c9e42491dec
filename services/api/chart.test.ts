import { anObservation } from "@messnetz/testing";
import { afterEach, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown, type TownContents } from "./example-town.fixture.ts";

let town: RunningTown;
afterEach(() => town.close());

const dayMs = 86_400_000;
const much = { perMinute: 1e9 };
const noLimits = { requests: much, publicRequests: much, cost: much, publicCost: much };
const peakAt = noon - 40.05 * dayMs;

async function start(contents: TownContents = {}): Promise<void> {
  const observations = Array.from({ length: 2000 }, (_, n) => {
    const phenomenonTime = noon - (1999 - n) * 0.1 * dayMs;
    return anObservation({ datastream: "weir-1/water_level", phenomenonTime, result: Math.sin(n / 50) });
  });
  town = await startExampleTown({
    observations: [
      ...observations,
      anObservation({ datastream: "weir-1/water_level", phenomenonTime: peakAt, result: 9.5 }),
      anObservation({ datastream: "weir-1/water_level", phenomenonTime: peakAt + 1, result: 99, quality: "bad" }),
      anObservation({ datastream: "weir-2/water_level", phenomenonTime: noon, result: 1 }),
      anObservation({ datastream: "bay-1/traffic_state", phenomenonTime: noon, result: "free" }),
    ],
    ...contents,
  });
}

interface Series {
  readonly datastream: string;
  readonly points: readonly { readonly phenomenonTime: string; readonly result: number | string }[];
}

test("a long span comes in few points, and its peak is among them", async () => {
  await start();
  const { status, body } = await town.get(
    "/api/v1/observations/chart?thing=weir-1&from=2025-09-01T00:00:00Z&points=100",
  );
  expect(status).toBe(200);
  const [series] = body.items as unknown as Series[];
  expect(series).toMatchObject({ datastream: "weir-1/water_level", unit: "m", method: "extremes", observations: 2001 });
  expect(series!.points.length).toBeGreaterThan(80);
  expect(series!.points.length).toBeLessThanOrEqual(100);
  expect(series!.points).toContainEqual({ phenomenonTime: new Date(peakAt).toISOString(), result: 9.5 });
});

test("what has fewer comes whole, each datastream with its own points, words too", async () => {
  await start();
  const { body } = await town.get("/api/v1/observations/chart?from=2026-03-28T00:00:00Z&points=20");
  const items = body.items as unknown as Series[];
  expect(items.map(({ datastream, points }) => [datastream, points.at(-1)?.result])).toEqual([
    ["bay-1/traffic_state", "free"],
    ["weir-1/water_level", Math.sin(1999 / 50)],
    ["weir-2/water_level", 1],
  ]);
  expect(items.every((one) => "method" in one && one.method === "raw" && !("bucketSeconds" in one))).toBe(true);
});

test("more points than an answer may hold are refused with the figures and the ways out", async () => {
  await start({ limits: { chartPoints: 100 } });
  const { status, body } = await town.get("/api/v1/observations/chart?from=2026-03-28T00:00:00Z&points=40");
  expect(status).toBe(422);
  expect(body.detail).toContain("at most 100 points in one answer; came 3 datastreams × 40 points = 120");
  expect(body.detail).toContain("/api/v1/aggregates");
});

test("what a chart reads is charged before it is read", async () => {
  const cost = { perMinute: 100 };
  await start({ limits: { rates: { ...noLimits, cost } } });
  const short = await town.get("/api/v1/observations/chart?thing=weir-2&from=2026-03-28T11:00:00Z");
  expect(short.status).toBe(200);
  const long = await town.get("/api/v1/observations/chart?thing=weir-2&from=2025-03-28T11:00:00Z");
  expect([long.status, long.body.detail]).toEqual([422, expect.stringContaining("at most about 100 observations")]);
});
