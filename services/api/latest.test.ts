import { anObservation } from "@messnetz/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

let town: RunningTown;
beforeAll(async () => {
  const at = (datastream: string, minute: number, result: number | string) =>
    anObservation({ datastream, phenomenonTime: noon + minute * 60_000, result });
  town = await startExampleTown({
    observations: [
      at("weir-1/water_level", 0, 1),
      at("weir-1/water_level", 5, 2),
      at("weir-2/water_level", 0, 3),
      at("bus-1/latitude", 5, 53.51),
      at("bus-1/longitude", 5, 9.91),
      at("bus-1/speed", 4, 30),
      at("bus-2/latitude", 5, 54.9),
      at("bus-2/longitude", 5, 9.91),
      at("bay-1/traffic_state", 1, "occupied"),
    ],
  });
});
afterAll(() => town.close());

async function latest(query: string) {
  const { body, status } = await town.get(`/api/v1/latest?${query}`);
  expect(status).toBe(200);
  return {
    items: (body.items ?? []).map(({ datastream, result }) => `${String(datastream)} ${String(result)}`),
    things: body["things"] as { readonly id: string; readonly location?: object; readonly locationTime?: string }[],
  };
}

test("one call gives the newest observation of every station of a domain", async () => {
  const { items, things } = await latest("domain=water");
  expect(items).toEqual(["weir-1/water_level 2", "weir-2/water_level 3"]);
  expect(things.map(({ id }) => id)).toEqual(["weir-1", "weir-2"]);
});

test("a thing that moves is where it was last, and others where they stand", async () => {
  const { things } = await latest("property=speed,water_level&thing=bus-1,weir-1");
  expect(things).toEqual([
    expect.objectContaining({
      id: "bus-1",
      location: { type: "Point", coordinates: [9.91, 53.51] },
      locationTime: "2026-03-28T12:05:00.000Z",
    }),
    expect.objectContaining({ id: "weir-1", location: { type: "Point", coordinates: [9.9, 53.5] } }),
  ]);
});

test("a box has what is in it now: standing and moving things", async () => {
  const { items } = await latest("bbox=9.8,53.4,10,53.55");
  expect(items).toEqual([
    "bay-1/traffic_state occupied",
    "bus-1/latitude 53.51",
    "bus-1/longitude 9.91",
    "bus-1/speed 30",
    "weir-1/water_level 2",
  ]);
  expect((await latest("bbox=9.8,53.4,10,53.55&property=speed")).items).toEqual(["bus-1/speed 30"]);
});

test("a tag chooses things", async () => {
  expect((await latest("tag=mill")).items).toEqual(["weir-2/water_level 3"]);
});

test("the datastreams say unit, kind, name and newest, and come in pages", async () => {
  const first = await town.get("/api/v1/datastreams?domain=water&limit=1");
  expect(first.body.items).toEqual([
    {
      id: "weir-1/water_level",
      thing: "weir-1",
      property: "water_level",
      name: { en: "Water level", de: "Wasserstand" },
      unit: "m",
      kind: "gauge",
      newest: { phenomenonTime: "2026-03-28T12:05:00.000Z", result: 2, quality: "good" },
    },
  ]);
  const second = await town.get(`/api/v1/datastreams?domain=water&limit=1&cursor=${first.body.next}`);
  expect(second.body.items?.map(({ id }) => id)).toEqual(["weir-2/water_level"]);
  expect(second.body.next).toBeUndefined();
});
