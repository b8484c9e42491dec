import { anObservation } from "@messnetz/testing";
import { afterEach, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

let town: RunningTown;
afterEach(() => town.close());

const streams = ["bay-1/water_level", "weir-1/water_level", "weir-2/water_level"];
const span = "from=2026-03-28&to=2026-03-29";

/** The registry does not know weir-1 any more; its observations are there. */
async function start(): Promise<void> {
  town = await startExampleTown({
    observations: streams.map((datastream) => anObservation({ datastream, phenomenonTime: noon })),
    limits: { aggregateRows: 1 },
  });
  await town.registry.removeDevice("dev:weir-1");
  await town.registry.removeThing("weir-1");
}

test("who sees everything gets every page of aggregates, those of things that were removed too", async () => {
  await start();
  const seen: unknown[] = [];
  for (let next: string | undefined = ""; next !== undefined;) {
    const { status, body } = await town.get(`/api/v1/aggregates?${span}${next === "" ? "" : `&cursor=${next}`}`);
    expect(status).toBe(200);
    seen.push(...body.items!.map(({ datastream, count }) => [datastream, count]));
    next = body.next;
  }
  expect(seen).toEqual(streams.map((datastream) => [datastream, 1]));
});

test.each([`observations/export?shape=wide`, `aggregates/export?${span}&compare=P1D`])(
  "%s has them as well",
  async (path) => {
    await start();
    const { status, text } = await town.get(`/api/v1/${path}`);
    expect(status).toBe(200);
    for (const datastream of streams) expect(text).toContain(datastream);
  },
);

test("nobody else gets them, and no request can name them", async () => {
  await start();
  const token = await town.token({ operator: "waterworks" });
  const { body } = await town.get(`/api/v1/aggregates?${span}`, token);
  expect(body.items!.map(({ datastream }) => datastream)).toEqual(["weir-2/water_level"]);
  expect((await town.get(`/api/v1/aggregates?${span}&datastream=weir-1/water_level`)).status).toBe(404);
});
