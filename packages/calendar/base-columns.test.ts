import { type AggregateChunk, type AggregateColumn, aggregateColumns, type Kind } from "@messnetz/model";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { baseColumnsOf, type CalendarColumn } from "./base-columns.ts";
import { calendarAggregateAt } from "./calendar-aggregate.ts";
import { mergeWindows } from "./merger.ts";
import { berlin, fold, hourMs, minuteMs, observations, type Sample } from "./samples.fixture.ts";
import type { DatastreamTraits } from "./traits.ts";
import { windowsOf } from "./windows.ts";

const properties: Readonly<Record<Kind, string>> = {
  gauge: "water_level",
  counter: "water_volume",
  amount: "vehicle_count",
  state: "door_state",
};
const askable: readonly CalendarColumn[] = ["sum", "mean", "min", "max", "first", "last", "integral"];

/** What a store may give that was asked for these columns only. */
async function* only(
  chunks: AsyncIterable<AggregateChunk>,
  columns: readonly AggregateColumn[],
): AsyncGenerator<AggregateChunk> {
  for await (const chunk of chunks) {
    const nothing = new Float64Array(chunk.length).fill(Number.NaN);
    const blank = aggregateColumns.filter((name) => !columns.includes(name)).map((name) => [name, nothing] as const);
    yield { ...chunk, ...Object.fromEntries(blank) };
  }
}

it("gives what is asked from the columns that it asks for, as from all of them", async () => {
  const steps = fc.array(
    fc.record({
      gap: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(15), fc.integer({ min: 60, max: 400 })),
      result: fc.oneof(fc.constantFrom<number | string>(0, 1, "open"), fc.integer({ min: -5, max: 90 })),
      quality: fc.constantFrom("good", "good", "suspect", "bad"),
    }),
    { minLength: 1, maxLength: 80 },
  );
  const traits = fc.record(
    {
      kind: fc.constantFrom<Kind>("gauge", "counter", "amount", "state"),
      rhythmMs: fc.constantFrom(10 * minuteMs, hourMs),
      mean: fc.constantFrom("held", "count"),
      register: fc.constantFrom<DatastreamTraits["register"]>(
        { maxPerHour: 20 },
        { modulus: 100 },
        { resolution: 0.5 },
      ),
      exchanges: fc.constant<DatastreamTraits["exchanges"]>([{ at: berlin("2026-03-29T05:30"), end: 80, start: 3 }]),
    },
    { requiredKeys: ["kind"] },
  );
  await fc.assert(
    fc.asyncProperty(steps, traits, fc.subarray([...askable]), async (all, known: DatastreamTraits, asked) => {
      let time = berlin("2026-03-28T20:00");
      const samples = all.map(({ gap, result, quality }): Sample => {
        const since = time;
        time += gap * minuteMs;
        return { time, result, quality, ...(known.kind === "amount" ? { since } : {}) };
      });
      const windows = windowsOf({ window: "day", from: berlin("2026-03-28T00:00"), to: time + hourMs });
      const rows = () => fold(observations(`a/${properties[known.kind]}`, samples), hourMs);
      const told = async (chunks: AsyncIterable<AggregateChunk>) => {
        const merged: Record<string, unknown>[] = [];
        for await (const chunk of mergeWindows(chunks, { windows, traitsOf: () => known })) {
          for (let row = 0; row < chunk.length; row++) merged.push({ ...calendarAggregateAt(chunk, row) });
        }
        for (const name of askable.filter((one) => !asked.includes(one))) for (const row of merged) delete row[name];
        return merged;
      };
      expect(await told(only(rows(), baseColumnsOf(known, new Set(asked))))).toEqual(await told(rows()));
    }),
    { numRuns: process.env["MESSNETZ_TRIALS"] === "full" ? 5000 : 200 },
  );
});
