import { anObservation } from "@messnetz/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

let town: RunningTown;
beforeAll(async () => {
  const at = (datastream: string, result: number | string) =>
    anObservation({ datastream, phenomenonTime: noon, result });
  town = await startExampleTown({
    observations: [
      at("weir-1/water_level", 1.5),
      at("weir-2/water_level.upper", 3),
      at("pump-1/water_level", 2),
      at("bus-1/latitude", 53.51),
      at("bus-1/longitude", 9.91),
      at("bay-1/traffic_state", "occupied"),
    ],
  });
});
afterAll(() => town.close());

interface Collection {
  readonly features: readonly { readonly id: string; readonly geometry: unknown; readonly properties: object }[];
  readonly links: readonly { readonly rel: string; readonly href: string }[];
  readonly numberMatched: number;
  readonly numberReturned: number;
}

async function collection(path: string): Promise<Collection> {
  const { status, body, headers } = await town.get(path);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("application/geo+json; charset=utf-8");
  return body as unknown as Collection;
}

test("every thing with observations is a feature where it is now, with its newest values", async () => {
  const { features, numberMatched, numberReturned } = await collection("/api/v1/features");
  expect(features.map(({ id, geometry }) => [id, geometry])).toEqual([
    ["bay-1", { type: "Point", coordinates: [9.9, 53.5] }],
    ["bus-1", { type: "Point", coordinates: [9.91, 53.51] }],
    ["pump-1", null],
    ["weir-1", { type: "Point", coordinates: [9.9, 53.5] }],
    ["weir-2", { type: "Point", coordinates: [10.1, 53.6] }],
  ]);
  expect([numberMatched, numberReturned]).toEqual([5, 5]);
  expect(features[3]!.properties).toEqual({
    name: "Thing weir-1",
    domain: "water",
    operator: "waterworks",
    water_level: 1.5,
    water_level_unit: "m",
    water_level_time: "2026-03-28T12:00:00.000Z",
    water_level_quality: "good",
  });
  expect(features[1]!.properties).toMatchObject({ position_time: "2026-03-28T12:00:00.000Z" });
  expect(features[4]!.properties).toMatchObject({ tags: "mill", "water_level.upper": 3 });
});

test("a box has what stands and moves in it", async () => {
  const { features, numberMatched } = await collection("/api/v1/features?bbox=9.8,53.4,10,53.55&limit=2");
  expect(features.map(({ id }) => id)).toEqual(["bay-1", "bus-1"]);
  expect(numberMatched).toBe(3);
});

test("the link to the next page keeps the question, and leads through every thing once", async () => {
  const seen: string[] = [];
  let path: string | undefined = "/api/v1/features?domain=water,transit,wastewater&limit=2";
  while (path !== undefined) {
    const { features, links, numberMatched } = await collection(path);
    expect(numberMatched).toBe(4);
    seen.push(...features.map(({ id }) => id));
    path = links.find(({ rel }) => rel === "next")?.href;
  }
  expect(seen).toEqual(["bus-1", "pump-1", "weir-1", "weir-2"]);
});

test("the same map has the same tag, whenever it is asked for", async () => {
  const headers = { authorization: `Bearer ${await town.token()}` };
  const first = await fetch(`${town.base}/api/v1/features`, { headers });
  const tag = first.headers.get("etag")!;
  const again = await fetch(`${town.base}/api/v1/features`, { headers: { ...headers, "if-none-match": tag } });
  expect(again.status).toBe(304);
});

test("every page is there where one id is the begin of another", async () => {
  for (const id of ["weir", "weir-1-a"])
    await town.registry.putThing({ id, name: id, domain: "water", operator: "waterworks" } as never);
  await town.write(
    ["weir", "weir-1-a"].map((id) => anObservation({ datastream: `${id}/water_level`, phenomenonTime: noon })),
  );
  const seen: string[] = [];
  for (let path: string | undefined = "/api/v1/features?domain=water&limit=1"; path !== undefined;) {
    const { features, links } = await collection(path);
    seen.push(...features.map(({ id }) => id));
    path = links.find(({ rel }) => rel === "next")?.href;
  }
  expect(seen).toEqual(["weir", "weir-1", "weir-1-a", "weir-2"]);
});
