import { exportFormats } from "@messnetz/exports";
import type { Observation } from "@messnetz/model";
import { anObservation } from "@messnetz/testing";
import { afterEach, describe, expect, test } from "vitest";
import type { AggregateRow } from "./aggregate-rows.ts";
import { aggregateView } from "./aggregate-values.ts";
import { type RunningTown, startExampleTown, type TownContents } from "./example-town.fixture.ts";

let town: RunningTown;
afterEach(() => town.close());

const quarterMs = 900_000;

/** A register that grows by 1 every quarter of an hour, read at each, from 2025-03-20 to 2026-03-28T12:00Z, whatever part of it is asked for. */
function register(datastream: string, from: string, to: string): Observation[] {
  const begin = Date.parse("2025-03-20T00:00:00Z");
  const readings: Observation[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += quarterMs) {
    readings.push(anObservation({ datastream, phenomenonTime: at, result: (at - begin) / quarterMs }));
  }
  return readings;
}

async function start(observations: readonly Observation[], contents: TownContents = {}): Promise<void> {
  town = await startExampleTown({ observations, ...contents });
}

async function ask(query: string) {
  const { status, body, text } = await town.get(`/api/v1/aggregates?${query}`);
  expect(status, text).toBe(200);
  for (const item of body.items ?? []) aggregateView.parse(item);
  return { ...body, items: body.items as unknown as AggregateRow[] };
}

describe("windows of the calendar", () => {
  test("the nights of the clock change make days of 23 and 25 hours", async () => {
    await start([
      ...register("weir-1/water_volume", "2025-10-24T00:00:00Z", "2025-10-28T00:00:00Z"),
      ...register("weir-1/water_volume", "2026-03-27T00:00:00Z", "2026-03-28T12:00:00Z"),
    ]);
    const { items } = await ask("thing=weir-1&from=2025-10-25&to=2025-10-27");
    expect(
      items.map(({ window, from, to, consumption, complete }) => [window, from, to, consumption, complete]),
    ).toEqual([
      ["2025-10-25", "2025-10-24T22:00:00.000Z", "2025-10-25T22:00:00.000Z", 96, true],
      ["2025-10-26", "2025-10-25T22:00:00.000Z", "2025-10-26T23:00:00.000Z", 100, true],
    ]);
    const hours = await ask("thing=weir-1&window=hour&span=2025-10-26");
    expect(hours.items).toHaveLength(25);
    expect(hours.items.map(({ window }) => window).slice(1, 4)).toEqual([
      "2025-10-26T01:00+02:00",
      "2025-10-26T02:00+02:00",
      "2025-10-26T02:00+01:00",
    ]);
    const gas = await ask("thing=weir-1&window=gas-day&span=2025-10-25");
    expect(gas.items).toMatchObject([{ window: "2025-10-25", from: "2025-10-25T04:00:00.000Z", consumption: 100 }]);
  });

  test("yesterday, last month and this year are those of the zone", async () => {
    await start(register("weir-1/water_volume", "2026-03-26T00:00:00Z", "2026-03-28T12:00:00Z"));
    const windows = async (query: string) => (await ask(`thing=weir-1&${query}`)).items.map(({ window }) => window);
    expect(await windows("span=yesterday")).toEqual(["2026-03-27"]);
    expect(await windows("span=yesterday&timeZone=Pacific/Kiritimati")).toEqual(["2026-03-28"]);
    expect(await windows("span=last-month&window=month")).toEqual(["2026-02"]);
    expect(await windows("span=this-week&window=week")).toEqual(["2026-W13"]);
    expect(await windows("span=2026&window=quarter")).toEqual(["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]);
    expect(await windows("span=today&window=gas-day")).toEqual(["2026-03-28"]);
  });

  test.each([
    "span=tomorrow",
    "span=2026-13",
    "from=2026-02-30",
    "from=2026-03-02&to=2026-03-01",
    "from=2026-03-02&span=2026",
    "",
    "span=1800-01-01",
    "span=2026&timeZone=Berlin",
    "span=2026&compare=1Y",
    "span=2026&aggregate=median",
  ])("%j is refused as a mistake of the request", async (query) => {
    await start(register("weir-1/water_volume", "2026-03-26T00:00:00Z", "2026-03-27T00:00:00Z"));
    expect((await town.get(`/api/v1/aggregates?thing=weir-1&${query}`)).status).toBe(400);
  });
});

test("each kind gets what people ask of it, in its unit, and what is asked for in its place", async () => {
  const at = (datastream: string, minute: number, result: number | string) =>
    anObservation({ datastream, phenomenonTime: Date.parse("2026-03-27T00:00:00Z") + minute * 60_000, result });
  await start([
    ...Array.from({ length: 24 }, (_, hour) => at("weir-1/active_power", hour * 60, hour < 12 ? 1000 : 3000)),
    ...Array.from({ length: 24 }, (_, hour) => at("bay-1/traffic_state", hour * 60, hour < 6 ? "free" : "occupied")),
  ]);
  const query = "from=2026-03-27T00:00:00Z&to=2026-03-28T00:00:00Z&timeZone=UTC&window=day";
  const { items } = await ask(query);
  expect(items[0]).toMatchObject({ datastream: "bay-1/traffic_state", states: { free: 0.25, occupied: 0.75 } });
  expect(items[1]).toMatchObject({ unit: "W", mean: 2000, min: 1000, max: 3000, integral: 48, integralUnit: "kW.h" });
  expect(items[1]).toMatchObject({ maxTime: "2026-03-27T12:00:00.000Z", count: 24, expected: 24, covered: 1 });
  expect(items[1]).not.toHaveProperty("first");
  const asked = await ask(`${query}&thing=weir-1&aggregate=first,last`);
  expect(asked.items[0]).toMatchObject({ first: 1000, last: 3000, lastTime: "2026-03-27T23:00:00.000Z" });
  expect(asked.items[0]).not.toHaveProperty("mean");
});

test("a window without observations has its row and is not complete; half of one is marked by the share that is asked for", async () => {
  await start([
    ...register("weir-1/water_volume", "2026-03-27T23:00:00Z", "2026-03-28T12:00:00Z"),
    ...register("weir-2/water_level", "2026-03-27T23:00:00Z", "2026-03-28T12:00:00Z"),
  ]);
  const { items } = await ask("thing=weir-1&from=2026-03-20&to=2026-03-29");
  expect(items).toHaveLength(9);
  expect(items[0]).toMatchObject({ window: "2026-03-20", count: 0, covered: 0, complete: false });
  expect(items[0]).not.toHaveProperty("consumption");
  expect(items.at(-1)).toMatchObject({ window: "2026-03-28", complete: false });
  const complete = async (minShare: number) =>
    (await ask(`thing=weir-2&span=2026-03-28&minShare=${minShare}`)).items.map((item) => item.complete);
  expect([await complete(0.5), await complete(0.6)]).toEqual([[true], [false]]);
});

test("an earlier period stands beside each window: days of the same date, weeks of the same number", async () => {
  await start([
    ...register("weir-1/water_volume", "2025-03-20T00:00:00Z", "2025-04-10T00:00:00Z"),
    ...register("weir-1/water_volume", "2026-03-20T00:00:00Z", "2026-03-28T12:00:00Z"),
  ]);
  const days = await ask("thing=weir-1&from=2026-03-26&to=2026-03-28&compare=P1Y");
  expect(days.items.map(({ window, compared }) => [window, compared?.window, compared?.consumption])).toEqual([
    ["2026-03-26", "2025-03-26", 96],
    ["2026-03-27", "2025-03-27", 96],
  ]);
  const weeks = await ask("thing=weir-1&span=2026-03-26&window=week&compare=P1Y");
  expect(weeks.items.map(({ window, compared }) => [window, compared?.window])).toEqual([["2026-W13", "2025-W13"]]);
  const night = await ask("thing=weir-1&from=2026-03-27&to=2026-03-28&compare=P1D");
  expect(night.items[0]!.compared).toMatchObject({ window: "2026-03-26", consumption: 96 });
});

test("the pages lead through every datastream once, also where writes go on", async () => {
  const things = ["bay-1", "bus-1", "bus-2", "pump-1", "weir-1", "weir-2"];
  await start(
    things.flatMap((thing) => register(`${thing}/water_volume`, "2026-03-26T00:00:00Z", "2026-03-28T12:00:00Z")),
  );
  const seen: string[] = [];
  let next: string | undefined = "";
  while (next !== undefined) {
    const { items, next: cursor } = await ask(`span=yesterday&limit=2${next === "" ? "" : `&cursor=${next}`}`);
    seen.push(...items.map(({ datastream, consumption }) => `${datastream} ${consumption}`));
    await town.write(register("aaa-1/water_volume", "2026-03-26T00:00:00Z", "2026-03-28T12:00:00Z"));
    next = cursor;
  }
  expect(seen).toEqual(things.map((thing) => `${thing}/water_volume 96`));
});

test("long spans make smaller pages; more windows than an answer holds are refused with the ways out", async () => {
  await start(
    ["weir-1", "weir-2"].flatMap((thing) =>
      register(`${thing}/water_volume`, "2026-03-26T00:00:00Z", "2026-03-28T12:00:00Z"),
    ),
    { limits: { aggregateRows: 40 } },
  );
  const { items, next } = await ask("span=2026-03&window=day");
  expect([items.length, next !== undefined]).toEqual([31, true]);
  const { status, body } = await town.get("/api/v1/aggregates?span=2026-03&window=hour");
  expect(status).toBe(422);
  expect(body.detail).toContain("at most 40 windows in one answer; came about 743 of hour");
  expect(body.detail).toContain("/api/v1/aggregates/export");
  for (const span of ["from=0001-01-01&to=9999-01-01&window=quarter-hour", "from=2026-01-01&to=9999-12-31"])
    expect((await town.get(`/api/v1/aggregates?${span}`)).status).toBe(422);
});

test("days of a year add up to its months, and both to the difference of the readings", async () => {
  const observations = register("weir-1/water_volume", "2025-03-20T00:00:00Z", "2026-03-28T12:00:00Z").map(
    (reading, n) => ({ ...reading, phenomenonTime: reading.phenomenonTime + ((n * 7919) % 500) * 1000, result: n / 8 }),
  );
  await start(observations);
  const sum = async (window: string) =>
    (await ask(`thing=weir-1&from=2025-04-01&to=2026-03-01&window=${window}`)).items.reduce(
      (total, { consumption = Number.NaN }) => total + Math.round(consumption * 1e6),
      0,
    );
  const days = await sum("day");
  expect(days).toBeGreaterThan(0);
  expect([await sum("month"), (await sum("week")) > days]).toEqual([days, true]);
});

describe("a file of aggregates", () => {
  const path = "/api/v1/aggregates/export?property=water_volume&span=2026-03-27";

  test("has a row for each datastream and window, in every format, and a name that tells what it is", async () => {
    await start(
      ["weir-1", "weir-2"].flatMap((thing) =>
        register(`${thing}/water_volume`, "2026-03-25T00:00:00Z", "2026-03-28T12:00:00Z"),
      ),
    );
    const { text, headers } = await town.get(`${path}&compare=P1D`);
    expect(headers.get("content-disposition")).toBe('attachment; filename="water_volume_2026-03-27_day.csv"');
    const [head, ...lines] = text.trimEnd().split("\r\n");
    expect(lines).toHaveLength(2);
    const cells = (line: string) => Object.fromEntries(head!.split(",").map((name, n) => [name, line.split(",")[n]]));
    expect(cells(lines[1]!)).toMatchObject({
      datastream: "weir-2/water_volume",
      window: "2026-03-27",
      consumption: "96",
      begin: "exact",
      complete: "true",
      unit: "m3",
      compared_window: "2026-03-26",
      compared_consumption: "96",
    });
    for (const { name } of exportFormats) {
      const answer = await town.get(`${path}&format=${name}`);
      expect([name, answer.status, answer.text.length > 100]).toEqual([name, 200, true]);
    }
  });
});
