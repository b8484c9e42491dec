import { expect, test } from "vitest";
import { publicPrincipal } from "./access.ts";
import { createExampleTown, noon } from "./example-town.fixture.ts";
import { type PlannedQuery, planObservations, queryOf } from "./plan.ts";
import { Problem } from "./problem.ts";
import type { GuardedStore } from "./store-guard.ts";

const town = await createExampleTown();
const { registry } = town;
const waterworks = (await town.principal({ operator: "waterworks", scopes: ["read"] })).principal;
const everybody = (await town.principal()).principal;

test("a query that was not planned does not pass: neither its type nor its object", () => {
  const planned = planObservations({ registry, principal: waterworks }, {});
  const passes = (store: GuardedStore) => [
    store.observations.read(planned),
    // @ts-expect-error a query is no plan
    store.observations.read({}),
    // @ts-expect-error something that has a plan's methods is no plan
    store.observations.latest({ with: planned.with, things: ["bus-1"] }),
    // @ts-expect-error the same of aggregates
    store.observations.aggregate({ things: ["bus-1"] }, 900_000),
    // @ts-expect-error the ledger needs planned sources
    store.ledger.rows({}),
    // @ts-expect-error the quarantine as well
    store.quarantine.list({ limit: 1 }),
  ];
  expect(passes).toBeTypeOf("function");
  for (const forged of [{}, Object.assign({}, planned), Object.create(Object.getPrototypeOf(planned) as object)])
    expect(() => queryOf(forged as PlannedQuery)).toThrow(TypeError);
});

test("another page of a plan has the same things", () => {
  const planned = planObservations({ registry, principal: waterworks }, { domains: ["water"], limit: 5 });
  const more = { limit: 7, properties: ["flow"], things: ["bus-1"], datastreams: ["bus-1/speed"] };
  const page = planned.with(more);
  expect(queryOf(page)).toEqual({ things: ["weir-1", "weir-2"], limit: 7, properties: ["flow"] });
});

test("things are chosen by id, domain, operator, tag, box and polygon, all at once", () => {
  const chosen = (filter: Parameters<typeof planObservations>[1]) =>
    queryOf(planObservations({ registry, principal: everybody }, filter)).things;
  const triangle = [
    [
      [9.8, 53.4],
      [10, 53.4],
      [9.9, 53.7],
      [9.8, 53.4],
    ],
  ] as const;
  expect(chosen({})).toBeUndefined();
  expect(chosen({ operators: ["transport"] })).toEqual(["bay-1", "bus-1", "bus-2"]);
  expect(chosen({ tags: ["mill"] })).toEqual(["weir-2"]);
  expect(chosen({ box: [9.8, 53.4, 10, 53.55] })).toEqual(["bay-1", "weir-1"]);
  expect(chosen({ polygon: triangle })).toEqual(["bay-1", "weir-1"]);
  expect(chosen({ polygon: triangle, domains: ["water"] })).toEqual(["weir-1"]);
  expect(chosen({ polygon: [...triangle, triangle[0].map(([x, y]) => [x, y] as const)] })).toEqual([]);
  expect(chosen({ things: ["weir-2", "bus-1"], box: [9.8, 53.4, 10.2, 53.7] })).toEqual(["weir-2"]);
});

test("without a token, what is public is all there is, however it is asked for", async () => {
  const public1 = "weir-1/water_level";
  await registry.apply([
    { kind: "put-datastream", datastream: { id: public1, public: true } },
    { kind: "put-datastream", datastream: { id: "weir-1/flow", rhythmMs: 60_000 } },
    { kind: "put-datastream", datastream: { id: "bus-1/speed", public: true } },
  ]);
  const plan = (filter: Parameters<typeof planObservations>[1], principal = publicPrincipal) => {
    try {
      return queryOf(planObservations({ registry, principal }, filter));
    } catch (error) {
      if (error instanceof Problem) return error.message;
      throw error;
    }
  };
  const missing = plan({ datastreams: ["nowhere/flow"] });
  const missingThing = plan({ things: ["nowhere"] });
  expect(missing).toBeTypeOf("string");
  expect(plan({})).toEqual({ datastreams: ["bus-1/speed", public1] });
  expect(plan({ domains: ["water"], limit: 3 })).toEqual({ datastreams: [public1], limit: 3 });
  expect(plan({ things: ["weir-1"], interval: { from: noon, to: noon + 1 } })).toEqual({
    datastreams: [public1],
    interval: { from: noon, to: noon + 1 },
  });
  expect(plan({ operators: ["waste"] })).toEqual({ datastreams: [] });
  expect(plan({ datastreams: [public1] })).toEqual({ datastreams: [public1] });
  expect(plan({ datastreams: [public1, "weir-1/flow"] })).toBe(missing);
  expect(plan({ things: ["weir-2"] })).toBe(missingThing);
  // A token of another operator may name it, and gets its own things otherwise.
  expect(plan({ datastreams: ["bus-1/speed"] }, waterworks)).toEqual({ datastreams: ["bus-1/speed"] });
  expect(plan({ datastreams: ["bus-1/fuel_level"] }, waterworks)).toBe(missing);
  expect(plan({ things: ["bus-1"] }, waterworks)).toBe(missingThing);
  expect(plan({ domains: ["transit"] }, waterworks)).toEqual({ things: [] });
  await registry.removeThing("weir-1");
  expect(plan({})).toEqual({ datastreams: ["bus-1/speed"] });
  expect(plan({ datastreams: [public1] })).toBe(missing);
});

test("some datastreams of a plan are never more than it means", () => {
  const named = { datastreams: ["pump-1/flow", "weir-2/flow"], properties: ["flow"], limit: 3 };
  const some = ["weir-2/flow", "bus-1/speed", "gone-1/flow"];
  const only = (...[principal, filter]: [typeof waterworks, Parameters<typeof planObservations>[1]]) =>
    queryOf(planObservations({ registry, principal }, filter).only(some));
  expect(only(waterworks, named)).toEqual({ datastreams: ["weir-2/flow"], properties: ["flow"], limit: 3 });
  expect(only(waterworks, {})).toEqual({ datastreams: ["weir-2/flow"] });
  expect(only(publicPrincipal, {})).toEqual({ datastreams: ["bus-1/speed"] });
  expect(only(everybody, {})).toEqual({ datastreams: some });
});
