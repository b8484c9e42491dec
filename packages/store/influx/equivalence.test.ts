import { checks, type Observation, qualities } from "@messnetz/model";
import { findInfluxServers, type Influx, startInflux } from "@messnetz/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryStore } from "../memory.ts";
import type { ObservationQuery, ObservationStore } from "../port.ts";
import { aggregateRows, collect, start } from "../samples.fixture.ts";
import { openInfluxStore } from "./store.ts";
import { accountOf } from "./trial-influx.fixture.ts";

const trials = process.env["MESSNETZ_TRIALS"] === "full" ? 60 : 12;

/** Few of everything, so that identities meet; some lie before 1970. */
const datastream = fc.constantFrom("a/x", "a/x.1", "a/x.2", "a/y", "B/x", "b/x.1");
const time = fc.integer({ min: 0, max: 12 }).chain((n) => fc.constantFrom(start + (n - 6) * 600_000, (n - 6) * 7));
const observation: fc.Arbitrary<Observation> = fc
  .record(
    {
      datastream,
      phenomenonTime: time,
      ordinal: fc.constantFrom(0, 0, 0, 1, 70_000),
      resultTime: time,
      result: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
        fc.constantFrom(0, 1, 2.5),
        fc.constantFrom("open", "closed", "", "a\u0000b", 'say "ja", \\'),
      ),
      quality: fc.constantFrom(...qualities),
      checks: fc.subarray([...checks]),
      revision: fc.integer({ min: 1, max: 3 }),
      intervalMs: fc.constantFrom(0, 900_000),
      deviceTime: fc.constantFrom(-1, 0, start),
    },
    {
      requiredKeys: [
        "datastream",
        "phenomenonTime",
        "ordinal",
        "resultTime",
        "result",
        "quality",
        "checks",
        "revision",
      ],
    },
  )
  .map(({ intervalMs, ...rest }) =>
    Object.assign(rest, intervalMs === undefined ? {} : { intervalStart: rest.phenomenonTime - intervalMs }),
  );

const key = fc.record({ datastream, phenomenonTime: time, ordinal: fc.constantFrom(0, 1) });
const interval = fc.tuple(time, time).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const names = {
  datastreams: fc.subarray(["a/x", "a/x.1", "B/x", "none/x"]),
  things: fc.subarray(["a", "B", "none"]),
  properties: fc.subarray(["x", "y", "z"]),
  interval,
};
const query: fc.Arbitrary<ObservationQuery> = fc.record(
  { ...names, after: key, limit: fc.integer({ min: 0, max: 9 }) },
  { requiredKeys: [] },
);

type Step =
  | { readonly kind: "write"; readonly observations: readonly Observation[]; readonly domain: string }
  | { readonly kind: "query"; readonly query: ObservationQuery }
  | { readonly kind: "remove"; readonly query: Omit<ObservationQuery, "after" | "limit"> }
  | { readonly kind: "reopen" };

const observations = fc.array(observation, { maxLength: 8 });
const step: fc.Arbitrary<Step> = fc.oneof(
  // The thing moves between domains: its datastreams do not.
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("write"), observations, domain: fc.constantFrom("water", "waste") }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("query"), query }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove"), query: fc.record(names, { requiredKeys: [] }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "reopen" as const }) },
);

async function answers(store: ObservationStore, of: ObservationQuery): Promise<unknown> {
  return {
    rows: await collect(store.read(of)),
    latest: await store.latest(of),
    count: await store.count(of),
    windows: await aggregateRows(store.aggregate(of, 900_000)),
  };
}

async function apply(store: ObservationStore, one: Step): Promise<unknown> {
  if (one.kind === "write") return store.write(one.observations);
  if (one.kind === "query") return answers(store, one.query);
  if (one.kind === "reopen") return undefined;
  const { observations: count, datastreams } = await store.remove(one.query);
  return { count, datastreams };
}

for (const generation of [1, 2] as const) {
  const server = findInfluxServers().find((one) => one.generation === generation);
  describe.skipIf(server === undefined)(`InfluxDB ${server?.version ?? `${generation} IS MISSING`}`, () => {
    let influx: Influx;
    beforeAll(async () => {
      influx = await startInflux({ version: generation });
    }, 60_000);
    afterAll(() => influx.stop());

    it(
      "answers as the memory store does, whatever is written, moved, removed and asked",
      { timeout: 900_000 },
      async () => {
        let run = 0;
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
            const database = `equivalence${run++}`;
            await influx.createDatabase(database, 0);
            let domain = "water";
            const options = { ...accountOf(influx), database, domainOf: () => domain };
            const memory = createMemoryStore({ quarantine: { maxBytes: 0, maxAgeMs: 0 } }).observations;
            let store = await openInfluxStore(options);
            try {
              for (const one of steps) {
                if (one.kind === "write") ({ domain } = one);
                if (one.kind === "reopen") {
                  await store.close();
                  store = await openInfluxStore(options);
                }
                expect(await apply(store, one)).toEqual(await apply(memory, one));
                expect(await answers(store, {})).toEqual(await answers(memory, {}));
              }
            } finally {
              await store.close();
            }
          }),
          { numRuns: trials },
        );
      },
    );
  });
}
