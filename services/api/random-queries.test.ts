import type { Observation } from "@messnetz/model";
import { anObservation } from "@messnetz/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";
import { trialKinds } from "./trial-stores.fixture.ts";

const isLong = process.env["MESSNETZ_TRIALS"] === "full";
const things = ["weir-1", "weir-2", "pump-1", "bus-1", "bay-1"];
const properties = ["water_level", "water_volume", "temperature"];
const hourMs = 3_600_000;

const observation = fc
  .record({
    thing: fc.constantFrom(...things),
    property: fc.constantFrom(...properties),
    hour: fc.nat(60 * 24),
    ordinal: fc.constantFrom(0, 0, 0, 1),
    result: fc.integer({ min: 0, max: 1000 }),
    quality: fc.constantFrom("good", "good", "suspect", "bad"),
  })
  .map(({ thing, property, hour, ordinal, result, quality }) =>
    anObservation({
      datastream: `${thing}/${property}`,
      phenomenonTime: noon - hour * hourMs,
      ordinal,
      result,
      quality,
      checks: quality === "good" ? [] : ["range"],
    }),
  );
const query = fc.record({
  thing: fc.option(fc.uniqueArray(fc.constantFrom(...things), { minLength: 1, maxLength: 3 }), { nil: undefined }),
  property: fc.option(fc.uniqueArray(fc.constantFrom(...properties), { minLength: 1, maxLength: 2 }), {
    nil: undefined,
  }),
  from: fc.nat(60 * 24),
  hours: fc.integer({ min: 1, max: 60 * 24 }),
  limit: fc.integer({ min: isLong ? 1 : 25, max: 100 }),
});
type Query = typeof query extends fc.Arbitrary<infer T> ? T : never;

const keyOf = ({ datastream, phenomenonTime, ordinal }: Observation) =>
  `${datastream}@${new Date(phenomenonTime).toISOString()}/${ordinal}`;

/** The plainest thing that can be right: the first of each identity stays. */
function oracle(written: readonly Observation[], { thing, property, from, hours }: Query): readonly Observation[] {
  const first = new Map<string, Observation>();
  for (const one of written) if (!first.has(keyOf(one))) first.set(keyOf(one), one);
  const begin = noon - from * hourMs;
  return [...first.values()].filter(({ datastream, phenomenonTime: time }) => {
    const [ofThing = "", ofProperty = ""] = datastream.split("/");
    if (time < begin || time >= begin + hours * hourMs) return false;
    return (thing?.includes(ofThing) ?? true) && (property?.includes(ofProperty) ?? true);
  });
}

function addressOf({ thing, property, from, hours }: Query): string {
  const begin = noon - from * hourMs;
  const span = [begin, begin + hours * hourMs].map((at) => new Date(at).toISOString());
  const filters = [thing && `thing=${thing.join(",")}`, property && `property=${property.join(",")}`];
  return [`from=${span[0]}&to=${span[1]}`, ...filters].filter((one) => one !== undefined).join("&");
}

const placeOf = (item: Readonly<Record<string, unknown>>) => [item["datastream"], item["phenomenonTime"]].join("@");
const byText = (a: string, b: string) => (a < b ? -1 : 1);

describe.each(trialKinds)("over $name", ({ isMissing, open }) => {
  async function withTown(observations: readonly Observation[], task: (town: RunningTown) => Promise<void>) {
    const { store, close } = await open(observations, noon);
    const town = await startExampleTown({ store, limits: { spanMs: Number.POSITIVE_INFINITY } });
    try {
      await task(town);
    } finally {
      await town.close();
      await close();
    }
  }
  const written = fc.sample(observation, { numRuns: 1500, seed: 5 });

  test.skipIf(isMissing)(
    "any question has the answer of a plain oracle, page by page",
    { timeout: isLong ? 300_000 : 60_000 },
    async () => {
      await withTown(written, async (town) => {
        await fc.assert(
          fc.asyncProperty(query, async (asked) => {
            const seen: string[] = [];
            for (let next: string | undefined = ""; next !== undefined;) {
              const cursor: string = next === "" ? "" : `&cursor=${next}`;
              const { body } = await town.get(`/api/v1/observations?${addressOf(asked)}&limit=${asked.limit}${cursor}`);
              seen.push(...body.items!.map((one) => `${placeOf(one)}=${String(one["result"])}`));
              next = body.next;
            }
            const expected = oracle(written, asked).map(
              ({ datastream, phenomenonTime, result }) =>
                `${datastream}@${new Date(phenomenonTime).toISOString()}=${result}`,
            );
            expect(seen.toSorted(byText)).toEqual(expected.toSorted(byText));
          }),
          { numRuns: isLong ? 300 : 8 },
        );
      });
    },
  );

  test.skipIf(isMissing)(
    "walking the pages gives what was there once each while writes go on",
    { timeout: 60_000 },
    async () => {
      await withTown(written, async (town) => {
        const all = { thing: undefined, property: undefined, from: 60 * 24, hours: 60 * 24 + 1, limit: 50 };
        const more = fc.sample(observation, { numRuns: 600, seed: 6 });
        const seen: string[] = [];
        for (let next: string | undefined = ""; next !== undefined;) {
          const cursor: string = next === "" ? "" : `&cursor=${next}`;
          const { body } = await town.get(`/api/v1/observations?${addressOf(all)}&limit=100${cursor}`);
          seen.push(...body.items!.map(placeOf));
          await town.write(more.splice(0, 40));
          next = body.next;
        }
        const places = (list: readonly Observation[]) =>
          Map.groupBy(list, (one) => keyOf(one).split("/").slice(0, 2).join("/"));
        const times = Map.groupBy(seen, (one) => one);
        for (const [place, there] of places(oracle(written, all)))
          expect(times.get(place)?.length ?? 0, place).toBeGreaterThanOrEqual(there.length);
        for (const [place, found] of times) expect(found.length, place).toBeLessThanOrEqual(2);
      });
    },
  );

  test.skipIf(isMissing)(
    "sums, extremes and counts of days are those of the observations",
    { timeout: 60_000 },
    async () => {
      await withTown(written, async (town) => {
        const { body } = await town.get(
          "/api/v1/aggregates?property=water_level&from=2026-02-01&to=2026-03-28&aggregate=sum,min,max&timeZone=Europe/Berlin",
        );
        const dayOf = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Berlin" });
        const days = Map.groupBy(
          oracle(written, { thing: undefined, property: ["water_level"], from: 60 * 24, hours: 60 * 24 + 1, limit: 1 }),
          ({ datastream, phenomenonTime }) => `${datastream} ${dayOf.format(phenomenonTime)}`,
        );
        let compared = 0;
        for (const item of body.items!) {
          const inside = days.get([item["datastream"], item["window"]].join(" ")) ?? [];
          const values = inside.filter(({ quality }) => quality !== "bad").map(({ result }) => result as number);
          expect(item["count"]).toBe(values.length);
          if (values.length === 0) continue;
          compared++;
          const [min, max] = [Math.min(...values), Math.max(...values)];
          expect([item["sum"], item["min"], item["max"]]).toEqual([values.reduce((a, b) => a + b), min, max]);
        }
        expect(compared).toBeGreaterThan(50);
      });
    },
  );
});
