import { anObservation } from "@messnetz/testing";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { noon, type RunningTown, startExampleTown, type TownContents } from "./example-town.fixture.ts";
import { observationView } from "./views.ts";

let town: RunningTown;
afterEach(() => town.close());

async function start(contents: TownContents = {}): Promise<void> {
  town = await startExampleTown({
    observations: Array.from({ length: 5 }, (_, n) =>
      anObservation({ datastream: "weir-1/water_level", phenomenonTime: noon + n * 60_000, result: n / 10 }),
    ),
    ...contents,
  });
}

test("an observation comes with its result, the unit, and times in UTC", async () => {
  await start();
  const { body } = await town.get("/api/v1/observations?datastream=weir-1/water_level&limit=1");
  expect(body.items).toEqual([
    {
      datastream: "weir-1/water_level",
      thing: "weir-1",
      property: "water_level",
      phenomenonTime: "2026-03-28T12:00:00.000Z",
      result: 0,
      unit: "m",
      quality: "good",
      checks: [],
      resultTime: "2026-03-28T11:00:00.250Z",
    },
  ]);
});

test("a span has its begin and not its end", async () => {
  await start();
  const { body } = await town.get(
    "/api/v1/observations?thing=weir-1&from=2026-03-28T12:01:00Z&to=2026-03-28T13:03:00%2B01:00",
  );
  expect(body.items?.map(({ result }) => result)).toEqual([0.1, 0.2]);
});

test("the pages of a list hold every row once", async () => {
  await start();
  const seen: unknown[] = [];
  let path: string | undefined = "/api/v1/observations?thing=weir-1&limit=2";
  while (path !== undefined) {
    const { body } = await town.get(path);
    seen.push(...(body.items ?? []).map(({ result }) => result));
    path = body.next === undefined ? undefined : `/api/v1/observations?thing=weir-1&limit=2&cursor=${body.next}`;
  }
  expect(seen).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
});

test("an open span of more datastreams than one may name is refused with what to do instead", async () => {
  const observations = ["weir-1", "weir-2", "pump-1"].map((thing) =>
    anObservation({ datastream: `${thing}/water_level` }),
  );
  await start({ observations, limits: { named: 2 } });
  const { status, body } = await town.get("/api/v1/observations");
  expect(status).toBe(422);
  expect(body.detail).toContain("came an open span of 3");
  expect(body.detail).toContain("/api/v1/observations/export");
  expect((await town.get("/api/v1/observations?thing=weir-1")).status).toBe(200);
  expect((await town.get("/api/v1/observations?from=2026-03-28T00:00:00Z&to=2026-03-29T00:00:00Z")).status).toBe(200);
});

test("a cursor that no page gave is refused", async () => {
  await start();
  for (const cursor of ["x", "bm90IGpzb24", btoa("[1]"), btoa('["a",1.5,0]')]) {
    const { status, body } = await town.get(`/api/v1/observations?thing=weir-1&cursor=${cursor}`);
    expect(status).toBe(400);
    expect(body.mistakes?.[0]?.name).toBe("cursor");
  }
});

test("every kind of observation comes as the description says", async () => {
  const base = anObservation({ phenomenonTime: noon });
  await start({
    observations: [
      { ...base, datastream: "bay-1/traffic_state", result: 'occupied, "or not"' },
      { ...base, datastream: "weir-1/rainfall.roof", intervalStart: noon - 600_000, result: 0.2 },
      {
        ...base,
        datastream: "weir-2/water_level",
        quality: "suspect",
        checks: ["range", "clock"],
        deviceTime: 0,
        result: -1e-9,
      },
    ],
  });
  for (const path of ["observations", "latest"]) {
    const { body } = await town.get(`/api/v1/${path}`);
    const items = (body.items ?? []).map((item) => z.strictObject(observationView.shape).parse(item));
    expect(items).toMatchObject([
      { datastream: "bay-1/traffic_state", result: 'occupied, "or not"', unit: "1" },
      { channel: "roof", intervalStart: "2026-03-28T11:50:00.000Z", result: 0.2, unit: "mm" },
      { quality: "suspect", checks: ["range", "clock"], deviceTime: "1970-01-01T00:00:00.000Z", result: -1e-9 },
    ]);
  }
});

test.each([1, 2, 3, 4, 5, 6])(
  "pages of %i rows say where the next begins, and the last that there is none",
  async (limit) => {
    await start();
    const { body } = await town.get(`/api/v1/observations?thing=weir-1&limit=${limit}`);
    expect(body.items).toHaveLength(Math.min(limit, 5));
    expect(body.next === undefined).toBe(limit >= 5);
  },
);
