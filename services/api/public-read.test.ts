import { anObservation } from "@messnetz/testing";
import { afterEach, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown, type TownContents } from "./example-town.fixture.ts";

let town: RunningTown;
afterEach(() => town.close());

async function start(contents: TownContents = {}): Promise<void> {
  const observations = ["weir-1/water_level", "weir-1/flow", "weir-2/water_level", "bus-1/speed"].map((datastream, n) =>
    anObservation({ datastream, phenomenonTime: noon, result: 1000.5 + n }),
  );
  town = await startExampleTown({ observations, ...contents });
}

async function open(datastream: string): Promise<void> {
  const answer = await town.send("PUT", `/api/v1/datastreams/${datastream}/settings`, { body: { public: true } });
  expect(answer.status).toBe(200);
}

const readings = ["observations", "latest", "observations/export?format=ndjson"];
const ask = (path: string) => town.get(`/api/v1/${path}`, "");

test("nobody without a token reads anything until an operator says so, and then just that", async () => {
  await start();
  for (const path of readings) {
    const { status, text } = await ask(path);
    expect({ path, status }).toEqual({ path, status: 200 });
    expect(text).not.toContain("100");
  }
  await open("weir-1/water_level");
  for (const path of readings) {
    const { text } = await ask(path);
    expect(text).toContain("1000.5");
    expect(text).not.toMatch(/1001\.5|1002\.5|1003\.5|flow|weir-2|bus-1/);
  }
  expect((await ask("datastreams")).body.items?.map(({ id }) => id)).toEqual(["weir-1/water_level"]);
  const hidden = await ask("observations?datastream=weir-1/flow");
  expect(hidden.status).toBe(404);
  expect((await ask("observations?datastream=nowhere/flow")).text).toBe(hidden.text);
  await town.send("DELETE", "/api/v1/datastreams/weir-1/water_level/settings");
  for (const path of readings) expect((await ask(path)).text).not.toContain("1000.5");
});

test("everything else needs a token still, and a wrong one is refused where none is needed", async () => {
  await start();
  await open("weir-1/water_level");
  for (const path of ["things", "ledger", "quarantine", "audit", "tokens", "datastreams/weir-1/water_level/settings"])
    expect({ path, status: (await ask(path)).status }).toEqual({ path, status: 401 });
  for (const path of readings) expect((await town.get(`/api/v1/${path}`, "mn_wrong")).status).toBe(401);
  expect((await town.get("/api/v1/observations", await town.token({ scopes: ["ledger"] }))).status).toBe(403);
});

test("settings are kept, told, and refused to whom they are not", async () => {
  await start();
  const path = "/api/v1/datastreams/weir-1/flow/settings";
  const body = {
    rhythmMs: 900_000,
    mean: "held",
    register: { modulus: 10_000 },
    exchanges: [{ at: "2026-03-01T10:00:00+01:00", end: 5, start: 0 }],
  };
  const told = {
    id: "weir-1/flow",
    ...body,
    exchanges: [{ at: "2026-03-01T09:00:00.000Z", end: 5, start: 0 }],
  };
  expect((await town.send("PUT", path, { body })).body).toEqual(told);
  expect((await town.get(path)).body).toEqual(told);
  expect((await town.get("/api/v1/datastreams/weir-1/power/settings")).body).toEqual({ id: "weir-1/power" });
  const send = async (method: string, at: string, token?: string) =>
    town.send(method, at, { ...(method === "PUT" && { body }), ...(token !== undefined && { token }) });
  const admin = await town.token({ operator: "transport", scopes: ["admin"] });
  const other = await town.token({ operator: "waterworks", scopes: ["admin"], domains: ["wastewater"] });
  const reader = await town.token({ operator: "waterworks", scopes: ["read"] });
  for (const method of ["GET", "PUT", "DELETE"]) {
    const missing = await send(method, "/api/v1/datastreams/weir-9/flow/settings", admin);
    for (const token of [admin, other]) {
      const foreign = await send(method, path, token);
      expect([foreign.status, foreign.text]).toEqual([404, missing.text]);
    }
    expect((await send(method, path, reader)).status).toBe(403);
  }
  expect((await send("PUT", "/api/v1/datastreams/weir-1/sorrow/settings")).status).toBe(400);
  const twice = { exchanges: [body.exchanges[0], body.exchanges[0]] };
  const wrong = await town.send("PUT", path, { body: twice });
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining("ascending")]);
  expect((await town.get(path)).body).toEqual(told);
});

test("who asks too often is told when to come again; others, tokens and supervisors are not held up by it", async () => {
  const rates = { requests: 5, publicRequests: 3, cost: 1000, publicCost: 1000 };
  const limits = Object.fromEntries(Object.entries(rates).map(([name, perMinute]) => [name, { perMinute }]));
  await start({ limits: { rates: limits as never, trustedProxies: "127.0.0.1" } });
  for (let n = 0; n < 3; n++) expect((await ask("latest")).status).toBe(200);
  const refused = await ask("latest");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused.body.detail).toContain("3 requests a minute without a token");
  // Guessing tokens is paid by the address.
  expect((await town.get("/api/v1/things", "mn_guess")).status).toBe(429);
  const elsewhere = await fetch(`${town.base}/api/v1/latest`, { headers: { "x-forwarded-for": "192.0.2.9" } });
  expect(elsewhere.status).toBe(200);
  expect((await town.get("/healthz", "")).status).toBe(200);
  const token = await town.token({ scopes: ["read"] });
  const statuses: number[] = [];
  for (let n = 0; n < 6; n++) statuses.push((await town.get("/api/v1/latest", token)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  expect((await town.get("/api/v1/latest", await town.token({ scopes: ["read"] }))).status).toBe(200);
});

test("an export without a token is bounded by what it would read, and says what to do instead", async () => {
  const rates = { requests: 100, publicRequests: 100, cost: 1, publicCost: 5000 };
  const limits = Object.fromEntries(Object.entries(rates).map(([name, perMinute]) => [name, { perMinute }]));
  await start({ limits: { rates: limits as never } });
  await open("weir-1/water_level");
  const path = "observations/export?format=ndjson&datastream=weir-1/water_level";
  const whole = await ask(path);
  expect(whole.status).toBe(422);
  expect(whole.body.detail).toMatch(/at most about 5000 observations.*shorter span/);
  const day = `${path}&from=2026-03-27T13:00:00Z&to=2026-03-29T00:00:00Z`;
  const statuses: number[] = [];
  for (let n = 0; n < 4; n++) statuses.push((await ask(day)).status);
  // A day of minutes is 1,380: three fit into a minute's worth.
  expect(statuses).toEqual([200, 200, 200, 429]);
  const reader = await town.token({ scopes: ["export"] });
  expect((await town.get(`/api/v1/${path}`, reader)).text).toContain("1000.5");
});

test("pages of observations are charged too, by what they can read at most", async () => {
  const rates = { requests: 100, publicRequests: 100, cost: 1, publicCost: 2500 };
  const limits = Object.fromEntries(Object.entries(rates).map(([name, perMinute]) => [name, { perMinute }]));
  await start({ limits: { rates: limits as never } });
  await open("weir-1/water_level");
  const statuses: number[] = [];
  for (let n = 0; n < 3; n++)
    statuses.push((await ask("observations?datastream=weir-1/water_level&limit=1000")).status);
  expect(statuses).toEqual([200, 200, 429]);
  const short = "observations?datastream=weir-1/water_level&from=2026-03-28T10:00:00Z&to=2026-03-28T10:10:00Z";
  expect((await ask(short)).status).toBe(200);
});
