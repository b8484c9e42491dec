import { type Domain, domains, type IntakeMessage, refusal } from "@messnetz/model";
import { type Scope, scopes } from "@messnetz/registry";
import { openDuckDbStore } from "@messnetz/store";
import { aMessage, anIntakeMessage, anObservation, createTemporaryFolder } from "@messnetz/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changingRoutes, registryText } from "./changing-routes.fixture.ts";
import { noon, operators, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

/** What is of whom. `result` is a number that only this operator's observations have; the words stand in names, topics and payloads. */
const belongings = {
  waterworks: { things: ["weir-1", "weir-2", "pump-1"], result: 4711.25, word: "wetword" },
  transport: { things: ["bus-1", "bus-2", "bay-1"], result: 1848.75, word: "busword" },
} as const;
const domainOf: Readonly<Record<string, Domain>> = {
  "weir-1": "water",
  "weir-2": "water",
  "pump-1": "wastewater",
  "bus-1": "transit",
  "bus-2": "transit",
  "bay-1": "traffic",
};
/** What anybody may read, and what of the same thing only its operator may. */
const openDatastream = "weir-1/water_level";
const hiddenResult = 333.125;
const much = { perMinute: 1e12 };
type Owner = (typeof operators)[number];
const everything = operators.flatMap((owner) => belongings[owner].things.map((thing) => ({ owner, thing })));

let town: RunningTown;
let quarantined: readonly string[];
const folder = await createTemporaryFolder();
const store = await openDuckDbStore({
  directory: folder.path,
  memoryLimitMb: 64,
  quarantine: { maxBytes: 2 ** 20, maxAgeMs: 2 ** 40 },
});

beforeAll(async () => {
  const messages = everything.map(({ owner, thing }, n): IntakeMessage => {
    const { word } = belongings[owner];
    return anIntakeMessage({
      message: aMessage({
        topic: `${word}/${thing}`,
        payload: `${word} ${thing}`,
        source: `${owner}-door`,
        receivedAt: noon + n,
      }),
      device: `dev:${thing}`,
      observations: [],
      refusals: [refusal("malformed", `expected ${word}`, `${word} of ${thing}`)],
    });
  });
  const observations = everything.flatMap(({ owner, thing }) =>
    Array.from({ length: 3 }, (_, n) =>
      anObservation({
        datastream: `${thing}/water_level`,
        phenomenonTime: noon + n * 60_000,
        result: belongings[owner].result,
      }),
    ),
  );
  const hidden = anObservation({ datastream: "weir-1/flow", phenomenonTime: noon, result: hiddenResult });
  town = await startExampleTown({
    observations: [...observations, hidden],
    messages,
    store,
    limits: { rates: { requests: much, publicRequests: much, cost: much, publicCost: much } },
  });
  await town.registry.apply([{ kind: "put-datastream", datastream: { id: openDatastream, public: true } }]);
  for (const { owner, thing } of everything) {
    const known = town.registry.thing(thing)!;
    await town.registry.putThing({ ...known, name: `${belongings[owner].word} ${thing}` });
  }
  const { body } = await town.get("/api/v1/quarantine");
  quarantined = (body.items ?? []).map(({ id }) => String(id));
});
afterAll(async () => {
  await town.close();
  await store.close();
  await folder.remove();
});

/** Everything that would betray another's belongings in an answer, but for what the request itself said. `own`: things of the principal. */
function traces(own: readonly string[], request: string): readonly string[] {
  const seen = request.includes(openDatastream) ? [...own, "weir-1"] : own;
  const foreign = everything.filter(({ thing }) => !seen.includes(thing));
  const hidden = operators.filter((owner) => belongings[owner].things.every((thing) => !seen.includes(thing)));
  return [
    ...foreign.flatMap(({ thing }) => [thing, `dev:${thing}`]),
    ...hidden.flatMap((owner) => [`${owner}-door`, belongings[owner].word, String(belongings[owner].result)]),
  ].filter((text) => !request.includes(text));
}

const someOf = <T>(list: readonly T[]) => fc.subarray([...list], { minLength: 1 });
const anyThing = fc.constantFrom(...everything.map(({ thing }) => thing), "nowhere-1");
const anyFilter = fc
  .record(
    {
      thing: fc.array(anyThing, { minLength: 1, maxLength: 2 }),
      datastream: fc.array(
        anyThing.map((thing) => `${thing}/water_level`),
        { minLength: 1, maxLength: 2 },
      ),
      domain: someOf(domains),
      property: fc.constant(["water_level"]),
      from: fc.constant(["2026-03-28T00:00:00Z"]),
      polygon: fc.constant(["POLYGON((-170 -80,170 -80,170 80,-170 80,-170 -80))"]),
      to: fc.constant(["2026-03-29T00:00:00Z"]),
      limit: fc.constantFrom(["1"], ["2"], ["100"]),
      bbox: fc.constant(["-180,-90,180,90"]),
      operator: someOf(operators),
      source: fc.constantFrom(["waterworks-door"], ["transport-door"], ["nobody"]),
      device: anyThing.map((thing) => [`dev:${thing}`]),
      format: fc.constantFrom(["csv"], ["ndjson"], ["parquet"]),
    },
    { requiredKeys: [] },
  )
  .map((filter) => Object.entries(filter) as [string, string[]][]);
const anyPrincipal = fc.record({
  operator: fc.constantFrom(...operators),
  scopes: fc.uniqueArray(fc.constantFrom(...scopes), { minLength: 1 }),
  domains: fc.option(fc.uniqueArray(fc.constantFrom(...domains), { minLength: 1, maxLength: 4 }), { nil: undefined }),
});

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: { readonly enum?: readonly string[]; readonly items?: { readonly enum?: readonly string[] } };
}

/** The routes that read, from the description of the API: a new one is tried without being named here. */
async function readingRoutes() {
  const { body } = await town.get("/openapi.json");
  const paths = body["paths"] as Record<string, { get?: { parameters?: readonly Parameter[] } }>;
  return Object.entries(paths)
    .filter(([path, { get }]) => get !== undefined && path.startsWith("/api/"))
    .map(([path, { get }]) => ({ path, parameters: (get!.parameters ?? []).filter((one) => one.in === "query") }));
}
type ReadingRoute = Awaited<ReturnType<typeof readingRoutes>>[number];

/** The filter as the route knows it; words of its parameters that the filter does not have are chosen by the seed. */
function requestOf(
  { path, parameters }: ReadingRoute,
  { filter, seed }: { filter: readonly [string, readonly string[]][]; seed: number },
): string {
  const query = parameters.flatMap(({ name, schema }, at) => {
    const given = filter.find(([one]) => one === name)?.[1];
    if (given !== undefined) return [`${name}=${given.join(",")}`];
    const words = schema?.enum ?? schema?.items?.enum;
    return words === undefined ? [] : [`${name}=${words[(seed >> at) % words.length]}`];
  });
  const { thing } = everything[seed % everything.length]!;
  const id = path.includes("quarantine") ? quarantined[seed % quarantined.length]! : thing;
  const place = path
    .replace(/\{(?:property|series)\}/, seed % 5 === 0 ? "flow" : "water_level")
    .replace("{file}", "2026-02.csv")
    .replaceAll(/\{\w+\}/g, encodeURIComponent(id));
  return `${place}?${query.join("&")}`;
}

async function issue({
  operator,
  scopes: given,
  domains: limited,
}: {
  operator: Owner;
  scopes: Scope[];
  domains: Domain[] | undefined;
}) {
  const token = await town.token({ operator, scopes: given, ...(limited && { domains: limited }) });
  const seen = belongings[operator].things.filter((thing) => limited?.includes(domainOf[thing]!) ?? true);
  return { token, seen };
}

describe("a token of one operator", () => {
  test("gets nothing of another's through any route, filter, page, export or error", { timeout: 120_000 }, async () => {
    const routes = await readingRoutes();
    expect(routes.length).toBeGreaterThan(12);
    const cursors: string[] = [];
    let found = 0;
    await fc.assert(
      fc.asyncProperty(anyPrincipal, anyFilter, fc.nat(), async (principal, filter, seed) => {
        const { token, seen } = await issue(principal);
        for (const route of routes) {
          let request = requestOf(route, { filter, seed });
          const hasCursor = route.parameters.some(({ name }) => name === "cursor");
          if (hasCursor && seed % 3 === 0 && cursors.length > 0) request += `&cursor=${cursors[seed % cursors.length]}`;
          const { status, text, body } = await town.get(request, token);
          if (typeof body.next === "string") cursors.push(body.next);
          expect(status, `${request}: ${text}`).not.toBe(500);
          for (const trace of traces(seen, request))
            expect(text, `${request} as ${JSON.stringify(principal)}`).not.toContain(trace);
          if (!seen.includes("weir-1")) expect(text, request).not.toContain(String(hiddenResult));
          if (status === 200 && seen.some((thing) => text.includes(thing))) found++;
        }
      }),
      { numRuns: process.env["MESSNETZ_TRIALS"] === "full" ? 500 : 60 },
    );
    // Otherwise it would have been easy.
    expect(found).toBeGreaterThan(20);
  });

  test("changes nothing of another's through any route that changes something", { timeout: 120_000 }, async () => {
    const routes = changingRoutes((await town.get("/openapi.json")).body);
    const tokenOf = Object.fromEntries(
      await Promise.all(
        operators.map(async (operator) => [operator, (await town.principal({ operator })).principal.id] as const),
      ),
    ) as Record<Owner, string>;
    const nowhere = { thing: "nowhere-1", device: "dev:nowhere-1", credential: "nowhere-door", token: "aaaaaaaaaa" };
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(anyPrincipal, fc.nat(2), async (principal, nth) => {
        const { token } = await issue({ ...principal, scopes: [...new Set([...principal.scopes, "admin" as const])] });
        const owner = operators.find((one) => one !== principal.operator)!;
        const thing = belongings[owner].things[nth]!;
        const foreign = { thing, device: `dev:${thing}`, credential: `${owner}-door`, token: tokenOf[owner] };
        for (const operator of operators) {
          for (const { name, method, requestOf: ask } of routes) {
            // Taking it for oneself, and putting something in under the name of the other.
            const { path, ...given } = ask({ ...foreign, operator });
            const before = registryText(town, owner);
            const { status, text } = await town.send(method, path, { ...given, token });
            expect({ name, operator, isSame: registryText(town, owner) === before }).toEqual({
              name,
              operator,
              isSame: true,
            });
            if (status >= 400) refusals++;
            if (!/^delete|rotate|settings/.test(name)) continue;
            const missing = await town.send(method, ask({ ...nowhere, operator }).path, { ...given, token });
            expect({ name, status, text }).toEqual({ name, status: missing.status, text: missing.text });
          }
        }
      }),
      { numRuns: process.env["MESSNETZ_TRIALS"] === "full" ? 100 : 6 },
    );
    expect(refusals).toBeGreaterThan(100);
  });

  test("gets one answer for what is another's and what is not there", async () => {
    const token = await town.token({ operator: "waterworks", scopes: ["read", "export", "quarantine", "ledger"] });
    const foreign = (await town.get("/api/v1/quarantine?source=transport-door")).body.items?.[0]?.["id"];
    const pairs = [
      ["/api/v1/things/bus-1", "/api/v1/things/bus-9"],
      ["/api/v1/observations?thing=bus-1", "/api/v1/observations?thing=bus-9"],
      ["/api/v1/observations?thing=weir-1,bus-1", "/api/v1/observations?thing=weir-1,bus-9"],
      ["/api/v1/observations?datastream=bus-1/water_level", "/api/v1/observations?datastream=bus-9/water_level"],
      ["/api/v1/observations/export?thing=bus-1", "/api/v1/observations/export?thing=bus-9"],
      ["/api/v1/latest?thing=bus-1", "/api/v1/latest?thing=bus-9"],
      ["/api/v1/datastreams?thing=bus-1", "/api/v1/datastreams?thing=bus-9"],
      ["/api/v1/ledger?source=transport-door", "/api/v1/ledger?source=nobody"],
      ["/api/v1/quarantine?source=transport-door", "/api/v1/quarantine?source=nobody"],
      [`/api/v1/quarantine/${String(foreign)}`, "/api/v1/quarantine/nothing"],
      [`/api/v1/quarantine/${String(foreign)}/payload`, "/api/v1/quarantine/nothing/payload"],
      ["/api/v1/ledger?device=dev:bus-1", "/api/v1/ledger?device=dev:bus-9"],
      ["/api/v1/observations?domain=transit", "/api/v1/observations?domain=waste"],
      ["/api/v1/things?operator=transport", "/api/v1/things?operator=nobody"],
    ] as const;
    for (const [theirs, nothing] of pairs) {
      const [one, other] = [await town.get(theirs, token), await town.get(nothing, token)];
      expect({ path: theirs, status: one.status, text: one.text }).toEqual({
        path: theirs,
        status: other.status,
        text: other.text,
      });
      expect(one.headers.get("content-type")).toBe(other.headers.get("content-type"));
    }
  });

  test("changes nothing of another's, and gives nobody more than it has itself", async () => {
    const token = await town.token({ operator: "waterworks", scopes: ["admin"] });
    const thing = { name: "Mine now", domain: "water", operator: "waterworks" };
    const tries = [
      ["PUT", "/api/v1/things/bus-1", thing, 409],
      ["PUT", "/api/v1/things/bus-9", { ...thing, operator: "transport" }, 403],
      ["DELETE", "/api/v1/things/bus-1", undefined, 404],
      ["PUT", "/api/v1/devices/dev:bus-1", { thing: "weir-1" }, 409],
      ["PUT", "/api/v1/devices/dev:mine", { thing: "bus-1" }, 404],
      ["DELETE", "/api/v1/devices/dev:bus-1", undefined, 404],
      ["POST", "/api/v1/tokens", { name: "x", operator: "transport", scopes: ["read"] }, 403],
      ["POST", "/api/v1/tokens", { name: "x", operator: "*", scopes: ["read"] }, 403],
      ["POST", "/api/v1/credentials", { id: "mine", operator: "transport", topics: ["#"] }, 403],
      ["PUT", "/api/v1/credentials/transport-door", { operator: "waterworks", topics: ["#"] }, 404],
      ["PUT", "/api/v1/credentials/waterworks-door", { operator: "transport", topics: ["#"] }, 403],
      ["POST", "/api/v1/credentials/transport-door/rotate", undefined, 404],
      ["DELETE", "/api/v1/credentials/transport-door", undefined, 404],
      ["PUT", "/api/v1/operators/mine", { name: "Mine" }, 403],
    ] as const;
    for (const [method, path, body, status] of tries)
      expect({ path, status: (await town.send(method, path, { body, token })).status }).toEqual({ path, status });
    const { version } = town.registry;
    const table = "thing,name,domain,operator\nbus-1,Mine,water,transport\n";
    expect((await town.send("POST", "/api/v1/import", { body: table, type: "text/csv", token })).status).toBe(400);
    expect(town.registry.version).toBe(version);
    expect(town.registry.thing("bus-1")?.operator).toBe("transport");
  });

  test("does not come to what was measured under an id by taking it after it was freed", async () => {
    await town.registry.putOperator({ id: "parks", name: "Parks" });
    const old = { name: "Old", domain: "waste", operator: "transport" } as const;
    await town.registry.putThing({ ...old, id: "bin-1" });
    await store.observations.write([anObservation({ datastream: "bin-1/water_level", result: 815.25 })]);
    const theirs = await town.token({ operator: "transport", scopes: ["admin"] });
    expect((await town.send("DELETE", "/api/v1/things/bin-1", { token: theirs })).status).toBe(204);

    const token = await town.token({ operator: "parks", scopes: ["admin"] });
    const put = async (id: string, operator: string, by?: string) =>
      town.send("PUT", `/api/v1/things/${id}`, {
        body: { name: "Mine", domain: "waste", operator },
        ...(by === undefined ? {} : { token: by }),
      });
    const [freed, taken] = [await put("bin-1", "parks", token), await put("bus-1", "parks", token)];
    expect(freed.status).toBe(409);
    expect(freed.text).toBe(taken.text);
    const table = "thing,name,domain,operator\nbin-1,Mine,waste,parks\n";
    expect((await town.send("POST", "/api/v1/import", { body: table, type: "text/csv", token })).status).toBe(400);
    const refused = await put("bin-1", "parks");
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toContain("transport");
    const limited = await town.token({ operator: "transport", scopes: ["admin"], domains: ["traffic"] });
    const inOtherDomain = { name: "Mine", domain: "traffic", operator: "transport" };
    expect((await town.send("PUT", "/api/v1/things/bin-1", { body: inOtherDomain, token: limited })).status).toBe(409);
    expect((await town.get("/api/v1/observations?thing=bin-1", token)).status).toBe(404);

    // Given away on purpose, by who may.
    expect((await put("bin-1", "transport", theirs)).status).toBe(200);
    expect((await put("bin-1", "parks")).status).toBe(200);
    const found = "/api/v1/observations?thing=bin-1&from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z";
    expect((await town.get(found, token)).text).toContain("815.25");
    await town.registry.removeThing("bin-1");
  });

  test("of some domains gives no token of others", async () => {
    const token = await town.token({ operator: "waterworks", scopes: ["admin"], domains: ["water"] });
    const ask = async (more: object) =>
      (
        await town.send("POST", "/api/v1/tokens", {
          body: { name: "x", operator: "waterworks", scopes: ["read"], ...more },
          token,
        })
      ).status;
    expect(await ask({})).toBe(403);
    expect(await ask({ domains: ["wastewater"] })).toBe(403);
    expect(await ask({ domains: ["water"] })).toBe(200);
  });
});

test("a token that expires issues none that outlives it, and it is known who issued which", async () => {
  const expiresAt = Date.parse("2098-01-01T00:00:00Z");
  const { token, principal } = await town.principal({ operator: "waterworks", scopes: ["admin"], expiresAt });
  const ask = async (more: object, by: string = token) =>
    town.send("POST", "/api/v1/tokens", {
      body: { name: "x", operator: "waterworks", scopes: ["read"], ...more },
      token: by,
    });
  for (const more of [{}, { expiresAt: "2098-01-01T00:00:00.001Z" }]) {
    const { status, body } = await ask(more);
    expect(status).toBe(403);
    expect(body.detail).toContain("2098-01-01T00:00:00.000Z");
  }
  const issued = await ask({ expiresAt: "2098-01-01T00:00:00Z" });
  expect(issued.status).toBe(200);
  expect(issued.body["issuedBy"]).toBe(principal.id);
  const listed = (await town.get("/api/v1/tokens", token)).body.items?.find(({ id }) => id === issued.body["id"]);
  expect(listed?.["issuedBy"]).toBe(principal.id);
  expect((await ask({}, await town.token({ operator: "waterworks", scopes: ["admin"] }))).status).toBe(200);
});

test("without a token nothing comes through any route but what is public", { timeout: 60_000 }, async () => {
  const routes = await readingRoutes();
  let found = 0;
  await fc.assert(
    fc.asyncProperty(anyFilter, fc.nat(), async (filter, seed) => {
      for (const route of routes) {
        const request = requestOf(route, { filter, seed });
        const { status, text } = await town.get(request, "");
        expect(status, `${request}: ${text}`).not.toBe(500);
        for (const trace of [...traces(["weir-1"], request), "dev:weir-1", "waterworks-door", String(hiddenResult)])
          if (!request.includes(trace)) expect(text, request).not.toContain(trace);
        if (status === 200 && text.includes("weir-1")) found++;
      }
    }),
    // The first asks for what is public, so that the check below never hangs on what chance asked.
    {
      numRuns: process.env["MESSNETZ_TRIALS"] === "full" ? 300 : 30,
      examples: [[[["thing", ["weir-1"]]], 0]],
    },
  );
  expect(found).toBeGreaterThan(2);
  for (const { name, method, requestOf: ask } of changingRoutes((await town.get("/openapi.json")).body)) {
    const target = { operator: "waterworks", thing: "weir-1", device: "dev:weir-1", credential: "waterworks-door" };
    const { path, ...given } = ask({ ...target, token: "aaaaaaaaaa" });
    expect({ name, status: (await town.send(method, path, { ...given, token: "" })).status }).toEqual({
      name,
      status: 401,
    });
  }
});

describe("without a right", () => {
  test("no token, a wrong one, a revoked one and an expired one get the same answer", async () => {
    const { token, principal } = await town.principal({ scopes: ["read"] });
    const expired = await town.token({ scopes: ["read"], expiresAt: 1 });
    expect((await town.get("/api/v1/things", token)).status).toBe(200);
    await town.registry.revokeToken(principal.id);
    const answers = await Promise.all(
      ["", "nonsense", token, expired].map(async (one) => town.get("/api/v1/things", one)),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(401);
    expect(answers[0]!.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  test("a scope that is missing is named", async () => {
    const token = await town.token({ scopes: ["read"] });
    for (const [path, scope] of [
      ["ledger", "ledger"],
      ["quarantine", "quarantine"],
      ["observations/export", "export"],
      ["tokens", "admin"],
    ]) {
      const { status, body } = await town.get(`/api/v1/${path}`, token);
      expect(status).toBe(403);
      expect(body.detail).toContain(`scope ${scope}`);
    }
  });
});
