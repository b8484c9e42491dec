import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningTown, startExampleTown } from "./example-town.fixture.ts";

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, unknown>> }>
  >;
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>> };
}

let town: RunningTown;
let document: OpenApi;
let operations: readonly { readonly name: string; readonly path: string; readonly operation: Operation }[];
beforeAll(async () => {
  town = await startExampleTown();
  document = (await town.get("/openapi.json", "")).body as unknown as OpenApi;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  );
});
afterAll(() => town.close());

test("the description is a valid OpenAPI 3.1 document", async () => {
  const { valid, errors } = await new Validator().validate(
    structuredClone(document) as unknown as Record<string, unknown>,
  );
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(document.openapi).toBe("3.1.0");
});

/** The routes that answer without a token, with what operators made public: opening another one is a decision. */
const openToAll =
  /^get \/api\/v1\/(datastreams|observations|observations\/(?:export|chart)|latest|aggregates|aggregates\/export|features|archive\/.*)$/;

test("every route says what it is for, who may use it, and how it fails", () => {
  expect(operations.length).toBeGreaterThan(25);
  for (const { name, path, operation } of operations) {
    expect(operation.summary, `of ${name}`).toMatch(/\S/);
    expect(operation.description, `of ${name}`).toMatch(/\S/);
    expect(operation.security, `of ${name}`).toBeDefined();
    const failures = Object.entries(operation.responses).filter(([status]) => status >= "400" && path !== "/readyz");
    for (const [status, { content }] of failures)
      expect(Object.keys(content ?? {}), `${name} ${status}`).toEqual(["application/problem+json"]);
    if (!path.startsWith("/api/")) continue;
    if (path.startsWith("/api/v1/messages")) {
      expect(operation.security, `of ${name}`).toEqual([{ credential: [] }]);
      continue;
    }
    expect(operation.security, `of ${name}`).toEqual([{ token: [] }, ...(openToAll.test(name) ? [{}] : [])]);
    expect(Object.keys(operation.responses), `of ${name}`).toEqual(
      expect.arrayContaining(["400", "401", "403", "503"]),
    );
  }
});

test("every parameter of a path stands in the description", () => {
  for (const { name, path, operation } of operations) {
    const named = [...path.matchAll(/\{([^}]+)\}/g)].map(([, parameter]) => parameter);
    const described = (operation.parameters ?? []).filter((one) => one.in === "path").map((one) => one.name);
    expect(described, `of ${name}`).toEqual(named);
  }
});

test("what the API is about has an example", () => {
  for (const schema of ["Observation", "Thing", "Aggregate", "ChartSeries", "FeatureCollection"])
    expect(document.components.schemas[schema]?.examples, `of ${schema}`).toHaveLength(1);
});

describe("the reference page", () => {
  test("is what the bare address shows", async () => {
    const { status, text } = await town.get("/", "");
    expect(status).toBe(200);
    expect(text).toBe((await town.get("/docs", "")).text);
  });

  test("names every route, and needs neither scripts nor other servers", async () => {
    const { text, headers } = await town.get("/docs", "");
    for (const { path } of operations) expect(text).toContain(`<code>${path}</code>`);
    expect(text.split("Example · Beispiel")).toHaveLength(operations.length + 1);
    expect(text).toContain("$URL/api/v1/latest?property=water_level&amp;domain=water");
    expect(text).toContain("$URL/api/v1/messages/guest/gauge");
    expect(text).toMatch(/export URL=http:\/\/127\.0\.0\.1:(?!8080\b)\d+ {3}#/);
    expect(text).not.toMatch(/<script|src=|@import|https?:\/\/[^"<]*\.(?:js|css)/);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  });
});
