import type { Observation } from "@messnetz/model";
import { anObservation } from "@messnetz/testing";
import { describe, expect, test } from "vitest";
import { createApi } from "./create-api.ts";
import { createExampleTown } from "./example-town.fixture.ts";
import { trialKinds } from "./trial-stores.fixture.ts";

const zone = "Europe/Berlin";
const quarterMs = 900_000;
const now = Date.parse("2026-12-01T12:00:00Z");
const local = (text: string) => Temporal.PlainDateTime.from(text).toZonedDateTime(zone).epochMilliseconds;
const begin = local("2026-03-01T00:00");
const end = local("2026-11-01T06:00");

/** What a meter shows, in litres: another step in each quarter of an hour. */
const litres = new Map<number, number>();
for (let at = begin - quarterMs, shown = 123_456; at <= end; at += quarterMs)
  litres.set(at, (shown += 1 + ((at / quarterMs) % 7)));

const observations: readonly Observation[] = [...litres].flatMap(([phenomenonTime, shown]) => [
  anObservation({ datastream: "weir-1/water_volume", phenomenonTime, result: shown / 1000 }),
  anObservation({ datastream: "weir-1/water_level", phenomenonTime, result: (shown % 97) / 8 }),
]);

interface Row {
  readonly window: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly complete: boolean;
  readonly consumption: number;
  readonly begin: string;
  readonly end: string;
}

const questions = ["day", "gas-day", "month", "gas-month"].map(
  (window) =>
    [
      window,
      `window=${window}&from=2026-03-01&to=2026-11-01&datastream=weir-1/water_volume&aggregate=consumption`,
    ] as const,
);
const nights = ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"].map((from) => {
  const to = new Date(Date.parse(from) + 86_400_000).toISOString();
  return `window=quarter-hour&from=${from}&to=${to}&thing=weir-1&aggregate=mean,min,max,first,last,integral,consumption`;
});

let expected: unknown;

describe.each(trialKinds)("over $name", ({ isMissing, open }) => {
  test.skipIf(isMissing)(
    "both nights are right to the quarter of an hour, and days, gas days and months add up to the difference of the readings",
    { timeout: 60_000 },
    async () => {
      const { store, close } = await open(observations, now);
      const town = await createExampleTown({ store });
      const api = await createApi({ ...town.options, clock: () => now });
      const base = await api.listen("127.0.0.1", 0);
      const headers = { authorization: `Bearer ${await town.token()}` };
      const ask = async (question: string) => {
        const answer = await fetch(`${base}/api/v1/aggregates?${question}`, { headers });
        expect(answer.status).toBe(200);
        return ((await answer.json()) as { items: Row[] }).items;
      };
      try {
        const hours = new Map<string, number>();
        for (const [window, question] of questions) {
          const rows = await ask(question);
          let sum = 0;
          for (const row of rows) {
            const [from, to] = [Date.parse(row.from), Date.parse(row.to)];
            const used = litres.get(to)! - litres.get(from)!;
            expect([row.window, row.consumption, row.begin, row.end]).toEqual([
              row.window,
              used / 1000,
              "exact",
              "exact",
            ]);
            expect([row.count, row.complete]).toEqual([(to - from) / quarterMs, true]);
            hours.set(`${window} ${row.window}`, (to - from) / 3_600_000);
            sum += Math.round(row.consumption * 1000);
          }
          const [first, last] = [rows[0]!.from, rows.at(-1)!.to].map((text) => litres.get(Date.parse(text))!);
          expect(sum, window).toBe(last! - first!);
        }
        const lengths = [
          "day 2026-03-28",
          "day 2026-03-29",
          "day 2026-10-25",
          "gas-day 2026-03-28",
          "gas-day 2026-10-24",
        ];
        expect(lengths.map((name) => hours.get(name))).toEqual([24, 23, 25, 23, 25]);
        const months = ["month 2026-03", "month 2026-10", "gas-month 2026-03", "gas-month 2026-10"];
        expect(months.map((name) => hours.get(name))).toEqual([743, 745, 743, 745]);
        const answers = await Promise.all(nights.map(ask));
        expect(answers.map(({ length }) => length)).toEqual([2 * 96, 2 * 96]);
        // What the first store said.
        expect(answers).toEqual((expected ??= answers));
      } finally {
        await api.close();
        await town.registry.close();
        await close();
      }
    },
  );
});
