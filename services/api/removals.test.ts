import type { Observation } from "@messnetz/model";
import { refusal } from "@messnetz/model";
import type { TokenRequest } from "@messnetz/registry";
import { type EmbeddedStore, openDuckDbStore } from "@messnetz/store";
import { aMessage, anIntakeMessage, anObservation, createTemporaryFolder } from "@messnetz/testing";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

const dayMs = 86_400_000;
const february = Date.UTC(2026, 1, 1);
const things = ["weir-1", "weir-2", "pump-1", "bus-1", "bus-2", "bay-1"];

let town: RunningTown;
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  await town.close();
  for (const close of opened.splice(0).toReversed()) await close();
});

/** Three a day of each thing, over February and half of March. */
const levels = (): readonly Observation[] =>
  things.flatMap((thing) =>
    Array.from({ length: 40 }, (_, day) =>
      anObservation({
        datastream: `${thing}/water_level`,
        phenomenonTime: february + day * dayMs,
        resultTime: february + day * dayMs,
        result: day,
      }),
    ),
  );
const unread = (thing: string) =>
  anIntakeMessage({
    message: aMessage({
      source: "waterworks-door",
      receivedAt: february + dayMs,
      topic: `gauges/${thing}`,
      payload: "?",
    }),
    device: `dev:${thing}`,
    observations: [],
    refusals: [refusal("malformed", "a number", "?")],
  });

async function openEmbedded(): Promise<EmbeddedStore> {
  const folder = await createTemporaryFolder();
  opened.push(() => folder.remove());
  const store = await openDuckDbStore({
    directory: folder.path,
    quarantine: { maxBytes: 2 ** 20, maxAgeMs: 2 ** 40 },
    clock: () => noon,
  });
  opened.push(() => store.close());
  return store;
}

const erase = async (body: object, given: { readonly preview?: boolean; readonly token?: string } = {}) =>
  town.send("POST", `/api/v1/removals${given.preview === true ? "?preview" : ""}`, {
    body,
    ...(given.token !== undefined && { token: given.token }),
  });
async function countOf(thing: string): Promise<number> {
  const { text } = await town.get(`/api/v1/observations/export?format=ndjson&thing=${thing}`);
  return text.split("\n").filter((line) => line !== "").length;
}

test("an erasure is counted first, reaches closed months, the open one and the quarantine, and its receipt stands in the audit log", async () => {
  const store = await openEmbedded();
  town = await startExampleTown({ store, observations: levels(), messages: [unread("weir-1"), unread("weir-2")] });
  const closed = await town.send("POST", "/api/v1/months/close");
  expect(closed).toMatchObject({
    status: 200,
    body: {
      isClosing: false,
      items: [{ month: "2026-02", revision: 1, rows: 168, files: [{ name: "2026-02.r1.parquet" }] }],
    },
  });
  expect((await town.get("/api/v1/months")).body).toEqual(closed.body);

  const body = { things: ["weir-1"] };
  expect((await erase(body, { preview: true })).body).toEqual({
    state: "preview",
    observations: 40,
    datastreams: 1,
    quarantined: 1,
    months: ["2026-02"],
  });
  expect(await countOf("weir-1")).toBe(40);
  expect((await town.get("/api/v1/audit?action=remove")).body.items).toEqual([]);

  const done = await erase(body);
  const receipt = { state: "done", observations: 40, datastreams: 1, quarantined: 1, closed: 28, months: ["2026-02"] };
  expect(done).toMatchObject({ status: 200, body: receipt });
  expect((await town.get(`/api/v1/removals/${String(done.body["id"])}`)).body).toEqual(done.body);
  expect(await countOf("weir-1")).toBe(0);
  expect(await countOf("weir-2")).toBe(40);
  expect((await town.get("/api/v1/latest?thing=weir-1")).body.items).toEqual([]);
  expect((await town.get("/api/v1/quarantine")).body.items).toMatchObject([{ device: "dev:weir-2" }]);
  const entries = await town.audit.list({ actions: ["remove"], limit: 10 });
  expect(entries.toReversed()).toMatchObject([
    { outcome: "begun", subject: "things weir-1" },
    {
      outcome: "done",
      rows: 41,
      subject: expect.stringMatching(
        /^things weir-1: 40 observations of 1 datastreams, 1 of the quarantine, months 2026-02 written anew, at 20/,
      ),
    },
  ]);
  expect((await erase(body)).body).toMatchObject({ state: "done", observations: 0, quarantined: 0 });
});

test("a span, a datastream and a property restrict it, and none of them touches the quarantine", async () => {
  const more = anObservation({ datastream: "weir-1/flow", phenomenonTime: february });
  town = await startExampleTown({ observations: [...levels(), more], messages: [unread("weir-1")] });
  const week = { from: "2026-02-01T00:00:00Z", to: "2026-02-08T00:00:00Z" };
  expect((await erase({ datastreams: ["weir-1/water_level"], ...week })).body).toMatchObject({ observations: 7 });
  expect((await erase({ things: ["weir-1"], properties: ["flow"] })).body).toMatchObject({ observations: 1 });
  expect((await erase({ properties: ["water_level"], to: "2026-02-02T00:00:00Z" })).body).toMatchObject({
    observations: 5,
    quarantined: 0,
  });
  expect((await town.get("/api/v1/quarantine")).body.items).toHaveLength(1);
  expect((await erase({})).body).toMatchObject({ status: 400, detail: expect.stringContaining("things, datastreams") });
  expect((await erase({ ...week })).status).toBe(400);
  expect((await erase({ things: ["weir-1"], from: week.to, to: week.from })).body).toMatchObject({
    mistakes: [{ in: "body", name: "to" }],
  });
});

test("whoever is no admin erases nothing, and an admin only what is its operator's and domains'", async () => {
  town = await startExampleTown({ observations: levels() });
  const all = await town.token({ operator: "*" });
  const owners: Readonly<Record<string, readonly string[]>> = {
    waterworks: ["weir-1", "weir-2", "pump-1"],
    transport: ["bus-1", "bus-2", "bay-1"],
  };
  const domainOf = (thing: string) =>
    thing.startsWith("weir") ? "water" : thing === "pump-1" ? "wastewater" : thing === "bay-1" ? "traffic" : "transit";
  const principal = fc.record({
    operator: fc.constantFrom("waterworks", "transport"),
    domains: fc.option(fc.subarray(["water", "wastewater", "transit", "traffic"] as const, { minLength: 1 }), {
      nil: undefined,
    }),
    isAdmin: fc.boolean(),
  });
  const request = fc.record(
    {
      things: fc.oneof(
        fc.constantFrom(["weir-1"], ["bus-1"], ["pump-1", "weir-2"]),
        fc.subarray([...things, "nowhere-1"], { minLength: 1 }),
      ),
      datastreams: fc.subarray([...things.map((thing) => `${thing}/water_level`), "nowhere-1/flow"], { minLength: 1 }),
      properties: fc.constantFrom(["water_level"], ["flow"]),
    },
    { requiredKeys: [] },
  );
  let erased = 0;
  await fc.assert(
    fc.asyncProperty(principal, request, async ({ operator, domains, isAdmin }, body) => {
      const issued: Partial<TokenRequest> = { operator, scopes: isAdmin ? ["admin"] : ["read", "export"] };
      const token = await town.token({ ...issued, ...(domains && { domains }) });
      const { status, body: answer } = await erase(body, { token });
      const mine = new Set(owners[operator]!.filter((thing) => domains?.includes(domainOf(thing) as never) !== false));
      const named = [...(body.things ?? []), ...(body.datastreams ?? []).map((id) => id.split("/")[0]!)];
      const isForeign = named.some((thing) => !mine.has(thing));
      const expected = !isAdmin ? 403 : Object.keys(body).length === 0 ? 400 : isForeign ? 404 : 200;
      expect({ status, detail: answer.detail }).toMatchObject({ status: expected });
      for (const thing of things.filter((one) => status !== 200 || !mine.has(one))) {
        const { text } = await town.get(`/api/v1/observations/export?format=ndjson&thing=${thing}`, all);
        expect({ thing, rows: text.split("\n").length - 1 }).toEqual({ thing, rows: 40 });
      }
      if (answer["observations"] !== undefined) erased += Number(answer["observations"]);
      await town.write(levels());
    }),
    { numRuns: 40 },
  );
  const own = await town.token({ operator: "waterworks", scopes: ["admin"] });
  erased += Number((await erase({ things: ["weir-1"] }, { token: own })).body["observations"]);
  expect(erased).toBeGreaterThanOrEqual(40);
});

test("what was a thing's stays its operator's to erase, and what nobody ever knew is for who sees everything", async () => {
  const stranger = anObservation({ datastream: "stranger-1/flow", phenomenonTime: february });
  town = await startExampleTown({ observations: [...levels(), stranger] });
  await town.registry.removeThing("weir-1");
  const [own, other] = [await town.token({ operator: "waterworks" }), await town.token({ operator: "transport" })];
  expect((await erase({ things: ["weir-1"] }, { token: other })).status).toBe(404);
  expect((await erase({ things: ["weir-1"] }, { token: own })).body).toMatchObject({ observations: 40 });
  expect((await erase({ things: ["stranger-1"] }, { token: own })).status).toBe(404);
  expect((await erase({ things: ["stranger-1"] })).body).toMatchObject({ observations: 1 });
});

test(
  "one that takes long goes on without its client, and says afterwards how it ended",
  { timeout: 30_000 },
  async () => {
    const { promise, resolve, reject } = Promise.withResolvers<never>();
    const store = await openEmbedded();
    town = await startExampleTown({
      store,
      readable: { ...store, eraser: { preview: () => promise, erase: () => promise } } as never,
    });
    const leaving = new AbortController();
    const token = await town.token();
    const asked = fetch(`${town.base}/api/v1/removals`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ things: ["weir-1"] }),
      signal: leaving.signal,
    });
    const { id, state } = (await (await asked).json()) as { id: string; state: string };
    expect(state).toBe("running");
    reject(new Error("the disk is full"));
    void resolve;
    const ended = await town.get(`/api/v1/removals/${id}`, token);
    expect(ended.body).toMatchObject({ state: "failed", problem: expect.stringContaining("ask again for the rest") });
    expect((await town.get(`/api/v1/removals/${id}`)).status).toBe(404);
    expect(await town.audit.list({ limit: 2 })).toMatchObject([{ outcome: "failed" }, { outcome: "begun" }]);
  },
);

test("months are for an admin of everything, and a store without them says so", async () => {
  const store = await openEmbedded();
  const { months: _, ...servers } = store;
  town = await startExampleTown({ store, readable: servers });
  const partial = await town.token({ operator: "waterworks" });
  for (const [method, path] of [
    ["GET", "/api/v1/months"],
    ["POST", "/api/v1/months/close"],
  ] as const) {
    expect((await town.send(method, path, { token: partial })).status).toBe(403);
    expect((await town.send(method, path)).body).toMatchObject({
      status: 404,
      detail: expect.stringContaining("InfluxDB, which has no closed months"),
    });
  }
});
