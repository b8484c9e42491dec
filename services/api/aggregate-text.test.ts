import { windowsOf } from "@messnetz/calendar";
import { anObservation } from "@messnetz/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { aggregateRows, type RowsQuery } from "./aggregate-rows.ts";
import { aggregateTexts } from "./aggregate-text.ts";
import { type AggregateName, aggregateNames, describeDatastream } from "./aggregate-values.ts";
import { catalogue, createExampleTown, noon } from "./example-town.fixture.ts";
import { planObservations } from "./plan.ts";
import { guardStore } from "./store-guard.ts";

const hourMs = 3_600_000;
const datastreams = [
  "weir-1/rainfall",
  "weir-1/state",
  "weir-1/water_level",
  "weir-1/water_volume",
  "weir-2/water_flow",
];
const place = fc.record({
  datastream: fc.constantFrom(...datastreams),
  at: fc.integer({ min: 0, max: 12 * 24 * 4 }).map((n) => noon - n * 900_000),
  ordinal: fc.nat(2),
});
const observation = fc.record({
  place,
  result: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -40, max: 90_000 }).map((n) => n / 8) },
    { weight: 1, arbitrary: fc.constantFrom(0, -0, 1e-9, 1e21, 1.7e308, "open", 'say "no"', "__proto__") },
  ),
  quality: fc.constantFrom("good" as const, "good" as const, "suspect" as const, "bad" as const),
});

test("the text is what JSON makes of the rows, to the byte", { timeout: 60_000 }, async () => {
  const town = await createExampleTown({
    observations: fc
      .sample(observation, { numRuns: 1500, seed: 11 })
      .map(({ place: { at, datastream, ordinal }, ...rest }) =>
        anObservation({ ...rest, datastream, ordinal, phenomenonTime: at, resultTime: at }),
      ),
  });
  const { registry, options } = town;
  const { principal } = await town.principal();
  const source = { store: guardStore(options.store, 30_000), registry, clock: options.clock };
  const asked = fc.record({
    window: fc.constantFrom("hour" as const, "day" as const, "week" as const),
    days: fc.integer({ min: 0, max: 14 }),
    hours: fc.integer({ min: 1, max: 60 }),
    names: fc.option(fc.array(fc.constantFrom<AggregateName>(...aggregateNames), { minLength: 1, maxLength: 12 }), {
      nil: undefined,
    }),
    compare: fc.constantFrom(undefined, "P1W", "P2W"),
  });
  let told = "";
  await fc.assert(
    fc.asyncProperty(asked, async ({ window, days, hours, names, compare }) => {
      const from = noon - days * 24 * hourMs;
      const query: RowsQuery = {
        plan: planObservations({ registry, principal }, { datastreams }),
        datastreams,
        windows: windowsOf({ window, from, to: from + hours * hourMs }),
        completeShare: 0.9,
        fields: { window, timeZone: "Europe/Berlin", aggregate: names, compare },
        describe: (datastream) => describeDatastream(datastream, { catalogue, names }),
      };
      const rows = await Array.fromAsync(aggregateRows(source, query));
      const texts = await Array.fromAsync(aggregateTexts(source, query));
      expect(texts).toEqual(rows.map((some) => JSON.stringify(some).slice(1, -1)));
      told += texts.join(",");
    }),
    {
      numRuns: 40,
      examples: [
        [{ window: "day", days: 12, hours: 240, names: [...aggregateNames], compare: "P1W" }],
        [{ window: "hour", days: 3, hours: 60, names: undefined, compare: undefined }],
      ],
    },
  );
  // Else it would be a comparison of less than there is.
  for (const name of [...aggregateNames, "minTime", "integralUnit", "beginReading", "compared", "expected"])
    expect(told).toContain(`"${name}":`);
  expect(told).toContain("null");
});
