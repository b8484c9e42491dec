import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type RunningTown, startExampleTown } from "./example-town.fixture.ts";
import { problemSchema } from "./problem.ts";

let town: RunningTown;
beforeAll(async () => {
  town = await startExampleTown({ limits: { bodyBytes: 2000, named: 3, pageRows: 50 } });
});
afterAll(() => town.close());

/** The status of an answer that is a problem document without a trace of our insides. */
function problemStatus(answer: Answer): number {
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(problemSchema.parse(answer.body).status).toBe(answer.status);
  expect(answer.text).not.toMatch(/node_modules|\.ts:|at [A-Z]\w+\./);
  return answer.status;
}

test("every mistake of a request is told, with what was expected and what came", async () => {
  const answer = await town.get("/api/v1/observations?from=yesterday&limit=51&domain=sewage&colour=red");
  expect(problemStatus(answer)).toBe(400);
  expect(answer.body.mistakes).toEqual([
    { in: "query", name: "domain.0", expected: expect.stringContaining('one of "traffic"') },
    { in: "query", name: "from", expected: expect.stringContaining("ISO 8601 with a zone"), came: "yesterday" },
    {
      in: "query",
      name: "limit",
      expected: expect.stringContaining("at most 50; the rest comes with `next`"),
      came: "51",
    },
    {
      in: "query",
      name: "colour",
      expected: "one of datastream, property, thing, domain, operator, tag, bbox, polygon, from, to, limit, cursor",
    },
  ]);
  for (const word of ["yesterday", "51", "colour"]) expect(answer.body.detail).toContain(word);
});

test.each([
  ["GET", "/nothing", 404],
  ["GET", "/api/v1/nothing", 404],
  ["GET", "/api/v1/things/%ff", 400],
  ["GET", `/api/v1/things/${"x".repeat(400)}`, 413],
  ["POST", "/api/v1/observations", 404],
  ["GET", "/healthz?verbose=1", 400],
  ["GET", "/api/v1/observations?thing=a,b,c,d", 400],
  ["GET", "/api/v1/observations?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 400],
  ["GET", "/api/v1/observations?from=2026-01-02T00:00:00", 400],
  ["GET", "/api/v1/things?bbox=1,2,3", 400],
  ["GET", "/api/v1/things?bbox=1,50,3,40", 400],
])("%s %s is a problem of status %i", async (method, path, status) => {
  expect(problemStatus(await town.send(method, path))).toBe(status);
});

describe("a body", () => {
  const send = async (body: string, type?: string) =>
    town.send("POST", "/api/v1/tokens", { body, ...(type && { type }) });

  test("that is no JSON, of a wrong type, too large, or reaches for the prototype is refused", async () => {
    expect(problemStatus(await send("{"))).toBe(400);
    expect(problemStatus(await send("a=1", "application/x-www-form-urlencoded"))).toBe(415);
    expect(problemStatus(await send(JSON.stringify("x".repeat(3000))))).toBe(413);
    expect(problemStatus(await send('{"__proto__":{"scopes":["admin"]},"name":"x"}'))).toBe(400);
    expect(problemStatus(await send('{"constructor":{"prototype":{}},"name":"x"}'))).toBe(400);
  });

  test("with mistakes names each of them", async () => {
    const answer = await send(JSON.stringify({ name: "", operator: "Water Works", scopes: ["all"], colour: "red" }));
    expect(problemStatus(answer)).toBe(400);
    expect(answer.body.mistakes?.map(({ in: place, name }) => `${place} ${name}`).toSorted()).toEqual([
      "body colour",
      "body name",
      "body operator",
      "body scopes.0",
    ]);
  });
});

test("bytes that are no HTTP close the connection, and others are served on", async () => {
  const { hostname, port } = new URL(town.base);
  const socket = connect(Number(port), hostname);
  socket.end("\u0000\u0001 nonsense\r\n\r\n");
  expect(await readText(socket)).toMatch(/^HTTP\/1.1 400/);
  expect((await town.get("/healthz")).status).toBe(200);
});

test("no query makes it fail", { timeout: 60_000 }, async () => {
  const paths = [
    "observations",
    "things",
    "datastreams",
    "latest",
    "ledger",
    "quarantine",
    "properties",
    "observations/export",
    "devices",
  ];
  const names = [
    "from",
    "to",
    "limit",
    "cursor",
    "thing",
    "datastream",
    "domain",
    "bbox",
    "source",
    "tag",
    "property",
    "timeZone",
    "format",
  ];
  const query = fc.array(
    fc.tuple(fc.constantFrom(...names), fc.oneof(fc.string({ unit: "binary" }), fc.double().map(String))),
    { maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), query, async (path, pairs) => {
      const answer = await town.get(`/api/v1/${path}?${new URLSearchParams(pairs).toString()}`);
      expect(answer.status).toBeLessThan(500);
      if (answer.status >= 400) problemStatus(answer);
    }),
    { numRuns: process.env["MESSNETZ_TRIALS"] === "full" ? 50_000 : 300 },
  );
});

test("every answer forbids pages of others to use it, and to guess its type", async () => {
  for (const path of ["/api/v1/things", "/nothing", "/docs", "/metrics"]) {
    const { headers } = await town.get(path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  }
});
