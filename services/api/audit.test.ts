import { type AuditLog, createMemoryAuditLog } from "@messnetz/store";
import { anObservation, eventually } from "@messnetz/testing";
import { afterEach, describe, expect, test } from "vitest";
import { changingRoutes } from "./changing-routes.fixture.ts";
import { noon, type RunningTown, startExampleTown, type TownContents } from "./example-town.fixture.ts";

let town: RunningTown;
afterEach(() => town.close());

async function start(contents: TownContents = {}): Promise<void> {
  const observations = [0, 1, 2].map((n) =>
    anObservation({ datastream: "weir-1/water_level", phenomenonTime: noon + n, result: n }),
  );
  town = await startExampleTown({ observations, ...contents });
}

/** `action subject outcome rows`, oldest first. */
async function written(query = ""): Promise<readonly string[]> {
  const { status, body } = await town.get(`/api/v1/audit${query}`);
  expect(status).toBe(200);
  const text = (body.items ?? []).map(({ action, subject, outcome, rows }) =>
    [action, subject, outcome, ...(rows === undefined ? [] : [rows])].join(" "),
  );
  return text.toReversed();
}

test("every change stands in the audit log, before and after it was made", async () => {
  await start();
  const operator = { operator: "waterworks" };
  await town.send("PUT", "/api/v1/operators/new", { body: { name: "New" } });
  await town.send("PUT", "/api/v1/things/weir-3", { body: { name: "Weir 3", domain: "water", ...operator } });
  await town.send("PUT", "/api/v1/devices/dev:weir-3", { body: { thing: "weir-3" } });
  await town.send("DELETE", "/api/v1/devices/dev:weir-3");
  await town.send("DELETE", "/api/v1/things/weir-3");
  await town.send("POST", "/api/v1/credentials", { body: { id: "gauges", topics: ["#"], ...operator } });
  await town.send("PUT", "/api/v1/credentials/gauges", { body: { topics: ["a/#"], ...operator } });
  await town.send("POST", "/api/v1/credentials/gauges/rotate");
  await town.send("DELETE", "/api/v1/credentials/gauges");
  const issued = await town.send("POST", "/api/v1/tokens", {
    body: { name: "dashboard", scopes: ["read"], ...operator },
  });
  const id = String(issued.body["id"]);
  await town.send("DELETE", `/api/v1/tokens/${id}`);
  const csv = "thing;name;domain;operator\nweir-9;Weir nine;water;waterworks\n";
  await town.send("POST", "/api/v1/import", { type: "text/csv", body: csv });
  const twice = (act: string) => [`${act} begun`, `${act} done`];
  expect(await written()).toEqual([
    ...twice("operator.put new"),
    ...twice("thing.put weir-3"),
    ...twice("device.put dev:weir-3"),
    ...twice("device.remove dev:weir-3"),
    ...twice("thing.remove weir-3"),
    ...twice("credential.issue gauges"),
    ...twice("credential.change gauges"),
    ...twice("credential.rotate gauges"),
    ...twice("credential.revoke gauges"),
    "token.issue dashboard begun",
    `token.issue ${id} done`,
    ...twice(`token.revoke ${id}`),
    `import csv of ${csv.length} bytes begun`,
    `import csv of ${csv.length} bytes done 1`,
  ]);
  const log = await town.audit.list({ limit: 100 });
  expect(JSON.stringify(log)).not.toContain(String(issued.body["token"]));
  expect(await town.audit.verify()).toEqual({ entries: 24 });
});

test("each route that changes something writes down who did what, before and after", async () => {
  await start();
  const { token, principal } = await town.principal({ name: "the one who did it" });
  const doomed = await town.principal({ operator: "waterworks", scopes: ["read"] });
  const target = {
    operator: "waterworks",
    thing: "weir-1",
    device: "dev:weir-1",
    credential: "waterworks-door",
    token: doomed.principal.id,
  };
  const routes = changingRoutes((await town.get("/openapi.json", "")).body);
  expect(routes.length).toBeGreaterThan(12);
  for (const { name, method, requestOf } of routes) {
    const before = (await town.audit.verify()).entries;
    const { path, ...given } = requestOf(target);
    const answer = await town.send(method, path, { ...given, token });
    expect({ name, text: answer.text, isGood: answer.status < 300 }).toMatchObject({ name, isGood: true });
    const entries = await town.audit.list({ limit: 100 });
    const fresh = entries.filter(({ seq }) => seq > before).toReversed();
    expect({ name, outcomes: fresh.map(({ outcome }) => outcome) }).toEqual({ name, outcomes: ["begun", "done"] });
    expect(new Set(fresh.map((entry) => entry.principal))).toEqual(new Set([principal.id]));
  }
  const verdict = await town.get("/api/v1/audit/verify");
  expect(verdict.body).toEqual({ entries: routes.length * 2, isWhole: true });
});

test("where its chain was broken, it is told where", async () => {
  const whole = createMemoryAuditLog({ clock: () => noon });
  await start({ audit: { ...whole, verify: async () => ({ entries: 7, brokenAt: 3 }) } });
  expect((await town.get("/api/v1/audit/verify")).body).toEqual({ entries: 7, isWhole: false, brokenAt: 3 });
  expect((await town.get("/api/v1/audit/verify", await town.token({ operator: "waterworks" }))).status).toBe(403);
});

test("an export stands in it with its query, who asked, and the rows that left", async () => {
  await start();
  const { token, principal } = await town.principal({ operator: "waterworks", scopes: ["export"] });
  expect((await town.get("/api/v1/observations/export?thing=weir-1", token)).status).toBe(200);
  await eventually("the end of the export", async () => (await written()).length === 2);
  expect(await written(`?principal=${principal.id}&action=export`)).toEqual([
    'export {"format":"csv","thing":["weir-1"]} begun',
    'export {"format":"csv","thing":["weir-1"]} done 3',
  ]);
  expect(await written("?action=import")).toEqual([]);
});

test("what was refused by the registry stands in it as failed", async () => {
  await start();
  await town.send("POST", "/api/v1/credentials", {
    body: { id: "waterworks-door", operator: "waterworks", topics: ["#"] },
  });
  expect(await written()).toEqual([
    "credential.issue waterworks-door begun",
    "credential.issue waterworks-door failed",
  ]);
});

test("it comes in pages, newest first, for those who see everything", async () => {
  await start();
  for (const id of ["a", "b", "c"]) await town.send("PUT", `/api/v1/operators/${id}`, { body: { name: id } });
  const seen: unknown[] = [];
  let path: string | undefined = "/api/v1/audit?limit=4";
  while (path !== undefined) {
    const { body } = await town.get(path);
    seen.push(...(body.items ?? []).map(({ seq }) => seq));
    path = body.next === undefined ? undefined : `/api/v1/audit?limit=4&cursor=${body.next}`;
  }
  expect(seen).toEqual([6, 5, 4, 3, 2, 1]);
  for (const request of [{ operator: "waterworks" }, { domains: ["water" as const] }]) {
    const answer = await town.get("/api/v1/audit", await town.token(request));
    expect(answer.status).toBe(403);
  }
});

describe("while the audit log takes nothing", () => {
  async function startWithout(): Promise<void> {
    const audit: AuditLog = { ...createMemoryAuditLog(), append: () => Promise.reject(new Error("it is full")) };
    await start({ audit });
  }

  test("nothing is changed and nothing leaves; reading goes on", async () => {
    await startWithout();
    const put = await town.send("PUT", "/api/v1/operators/new", { body: { name: "New" } });
    expect(put.status).toBe(503);
    expect(Number(put.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(town.registry.operator("new")).toBeUndefined();
    expect((await town.get("/api/v1/observations/export?thing=weir-1")).status).toBe(503);
    expect((await town.get("/api/v1/observations?thing=weir-1")).status).toBe(200);
  });
});
