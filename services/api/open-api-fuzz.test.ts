import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { anObservation, createTemporaryFolder, findProgram } from "@messnetz/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";
import { problemSchema } from "./problem.ts";

interface Schema {
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface Route extends Operation {
  readonly method: string;
  readonly path: string;
}

const isLong = process.env["MESSNETZ_TRIALS"] === "full";
const schemathesis = findProgram("schemathesis");
let town: RunningTown;
let routes: readonly Route[];
beforeAll(async () => {
  const at = (datastream: string, hour: number, result: number | string) =>
    anObservation({ datastream, phenomenonTime: noon - hour * 3_600_000, result });
  const observations = Array.from({ length: 1000 }, (_, n) => [
    at("weir-1/water_level", n, n),
    at("weir-2/water_volume", n, 1000 - n),
    at("bay-1/traffic_state", n, n % 3 === 0 ? "free" : "occupied"),
    at("bus-1/longitude", n, 9.9),
    at("bus-1/latitude", n, 53.5),
  ]).flat();
  const rates = { perMinute: 1e12 };
  town = await startExampleTown({
    observations,
    limits: { rates: { requests: rates, publicRequests: rates, cost: rates, publicCost: rates } },
  });
  const { body } = await town.get("/openapi.json", "");
  routes = Object.entries(body["paths"] as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
});
afterAll(() => town.close());

/** Words that some parameter somewhere takes, so that random requests come further than the first check. */
const words = fc.constantFrom(
  ..."weir-1 weir-2 weir-1/water_level weir-2/water_volume water waterworks water_level mill traffic_state".split(" "),
  ..."2026-03-01T00:00:00Z 2026-03-28T00:00:00+01:00 2026 2026-02 2026-03-27 yesterday last-year".split(" "),
  ..."9,53,10,54 P1Y P1M Europe/Berlin Asia/Kathmandu mean,max 2026-02.csv 2026-02.parquet".split(" "),
  ..."1 0 -1 1e9 0.5 weir-1/water_level@2026 weir-1/water_level@2026-03-28T00:00:00Z".split(" "),
  "POLYGON((9 53,10 53,10 54,9 54,9 53))",
  "",
);
const rubbish = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("\0", "'; DROP", "%", "../..", "__proto__"),
);

function valueOf(schema: Schema | undefined): fc.Arbitrary<string> {
  const known = schema?.enum?.map(String) ?? [];
  return fc.oneof(
    { weight: known.length > 0 ? 6 : 0, arbitrary: known.length > 0 ? fc.constantFrom(...known) : words },
    { weight: 4, arbitrary: words },
    { weight: 1, arbitrary: rubbish },
  );
}

function requestTo(route: Route): fc.Arbitrary<string> {
  const parameters = route.parameters ?? [];
  return fc
    .tuple(
      fc.tuple(...parameters.map(({ schema }) => valueOf(schema))),
      fc.array(fc.nat(Math.max(0, parameters.length - 1)), { maxLength: 4 }),
    )
    .map(([values, chosen]) => {
      const encode = (text: string) => encodeURIComponent(text.toWellFormed());
      let { path } = route;
      const query = parameters.flatMap(({ name, in: place }, n) => {
        if (place === "path") path = path.replace(`{${name}}`, encode(values[n]!) || "x");
        return place === "query" && (chosen.includes(n) || name === "span") ? [`${name}=${encode(values[n]!)}`] : [];
      });
      return query.length === 0 ? path : `${path}?${query.join("&")}`;
    });
}

describe("whatever is asked of any route", () => {
  test(
    "comes as the description says, and is never a bug of ours",
    { timeout: isLong ? 300_000 : 120_000 },
    async () => {
      const seen = new Map<number, number>();
      for (const route of routes) {
        if (route.method === "GET" && route.path !== "/readyz")
          await fc.assert(
            fc.asyncProperty(requestTo(route), async (request) => {
              const { status, headers, body, text } = await town.send(route.method, request);
              seen.set(status, (seen.get(status) ?? 0) + 1);
              expect(status, `${request}: ${text.slice(0, 500)}`).toBeLessThan(500);
              // A name that leads out of its route is answered by none.
              const described = route.responses[String(status)];
              if (described === undefined)
                return expect([status, new URL(request, town.base).pathname]).not.toEqual([status, request]);
              const type = headers.get("content-type")?.split(";")[0];
              const types = Object.keys(described.content ?? {});
              if (types.length > 0) expect(types, request).toContain(type);
              if (type === "application/problem+json") problemSchema.parse(body);
              return undefined;
            }),
            { numRuns: isLong ? 600 : 40 },
          );
      }
      expect(seen.get(200)).toBeGreaterThan(isLong ? 1500 : 100);
    },
  );
});

describe.skipIf(schemathesis === undefined)(
  `schemathesis (${schemathesis === undefined ? "not installed: pip install schemathesis" : "installed"})`,
  () => {
    test("finds no 5xx and no answer outside of the description", { timeout: isLong ? 900_000 : 300_000 }, async () => {
      await using folder = await createTemporaryFolder();
      const checks = "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance";
      const args = ["run", `${town.base}/openapi.json`, "-H", `Authorization: Bearer ${await town.token()}`];
      const how = ["--phases", "fuzzing", "--max-examples", isLong ? "100" : "8", "--checks", checks];
      const outcome = await promisify(execFile)(schemathesis!, [...args, ...how], {
        cwd: folder.path,
        maxBuffer: 1 << 26,
      }).catch((error: unknown) => error as { stdout: string });
      expect(outcome.stdout).toContain("Test cases:");
      expect(outcome.stdout).not.toMatch(/={5,} FAILURES ={5,}[\s\S]*/);
      const [, errors = ""] = /={5,} ERRORS ={5,}([\s\S]*?)\n={5,}/.exec(outcome.stdout) ?? [];
      // It writes tuples in `anyOf` as an older draft has them, and then finds them invalid; that ours are valid, another validator says.
      const isOwn = (error: string) => error.includes("Schema Error") && error.includes("anyOf -> 0 -> items");
      expect(errors.split(/^_{3,}/m).filter((error) => error.trim() !== "" && !isOwn(error))).toEqual([]);
    });
  },
);
