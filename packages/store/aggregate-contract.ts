import type { Observation } from "@messnetz/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OpenedStore } from "./observation-store-contract.ts";
import type { ObservationStore } from "./port.ts";
import { aggregateRows, minuteMs, observation, series, start } from "./samples.fixture.ts";

const quarterMs = 900_000;
const hourMs = 3_600_000;

/** How every store aggregates; called with the rest of the contract. `open` gives an empty store. */
export function describeAggregates(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} as a store of aggregates`, () => {
    let opened: OpenedStore;
    let store: ObservationStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.observations;
    });
    afterEach(() => opened.close());

    const at = (minutes: number, result: number | string, change: Partial<Observation> = {}) =>
      observation({ datastream: "a/water_level", phenomenonTime: start + minutes * minuteMs, result, ...change });
    const time = (minutes: number) => start + minutes * minuteMs;
    const rows = (windowMs: number, query: Parameters<ObservationStore["aggregate"]>[0] = {}) =>
      aggregateRows(store.aggregate(query, windowMs));

    it("aggregates fixed windows, without what is bad", async () => {
      await store.write([
        at(0, 4),
        at(5, 10, { quality: "suspect", checks: ["rate"] }),
        at(6, 1e9, { quality: "bad", checks: ["range"] }),
        at(10, 3),
        at(15, 5),
        at(31, 7, { quality: "bad", checks: ["range"] }),
      ]);
      expect(await rows(quarterMs)).toEqual([
        {
          datastream: "a/water_level",
          from: start,
          count: 3,
          suspect: 1,
          bad: 1,
          sum: 17,
          min: 3,
          minTime: time(10),
          max: 10,
          maxTime: time(5),
          first: 4,
          firstTime: start,
          last: 3,
          lastTime: time(10),
          integral: (4 * 5 + 10 * 5) * minuteMs,
          increase: 6,
          longestGap: 5 * minuteMs,
          longestGapValue: 4,
          maxStep: 6,
          maxStepTime: time(5),
          maxStepBefore: 4,
          maxStepBeforeTime: start,
        },
        {
          datastream: "a/water_level",
          from: time(15),
          count: 1,
          sum: 5,
          min: 5,
          minTime: time(15),
          max: 5,
          maxTime: time(15),
          first: 5,
          firstTime: time(15),
          last: 5,
          lastTime: time(15),
        },
        { datastream: "a/water_level", from: time(30), bad: 1 },
      ]);
    });

    it("says NaN, not 0, of numbers that are not there", async () => {
      await store.write([at(0, 1, { quality: "bad", checks: ["range"] }), at(15, "dry")]);
      for await (const chunk of store.aggregate({}, quarterMs)) {
        const { sum, min, maxTime, first, last, longestGap, longestGapValue, maxStep, maxStepTime } = chunk;
        for (const column of [sum, min, maxTime, first, last, longestGapValue, maxStepTime]) {
          expect([...column]).toEqual([Number.NaN, Number.NaN]);
        }
        expect([...chunk.firstTime, ...chunk.lastTime]).toEqual([Number.NaN, time(15), Number.NaN, time(15)]);
        expect([...longestGap, ...maxStep, ...chunk.integral, ...chunk.increase]).toEqual(new Array(8).fill(0));
      }
    });

    it("lets the first of equal extremes, steps and gaps stand, and tells results of one instant by their ordinal", async () => {
      await store.write([at(0, 1), at(1, 3), at(1, 1, { ordinal: 1 }), at(2, 3), at(3, 3), at(4, 1)]);
      expect(await rows(hourMs)).toMatchObject([
        {
          count: 6,
          minTime: time(0),
          maxTime: time(1),
          increase: 4,
          maxStep: 2,
          maxStepTime: time(1),
          maxStepBeforeTime: time(0),
          longestGap: minuteMs,
          longestGapValue: 1,
          integral: (1 + 1 + 3 + 3) * minuteMs,
        },
      ]);
    });

    it("keeps each step down of a counter, and of nothing else", async () => {
      const results = [97, 99, 1, 2, 0];
      await store.write(
        ["a/water_level", "m/volume"].flatMap((datastream) =>
          results.map((result, n) => at(n, result, { datastream })),
        ),
      );
      const [gauge, counter] = await rows(hourMs);
      expect(gauge).not.toHaveProperty("drops");
      expect(counter).toMatchObject({
        increase: 3,
        drops: [
          { beforeTime: time(1), before: 99, time: time(2), after: 1 },
          { beforeTime: time(3), before: 2, time: time(4), after: 0 },
        ],
      });
    });

    it("looks at neighbours in one window only", async () => {
      await store.write(
        [at(14, 50), at(16, 20), at(29, 70), at(31, 10)].map((row) => ({ ...row, datastream: "m/volume" })),
      );
      expect(await rows(quarterMs)).toMatchObject([
        { from: start, count: 1 },
        { from: time(15), count: 2, increase: 50, longestGap: 13 * minuteMs },
        { from: time(30), count: 1 },
      ]);
    });

    it("puts an amount where its interval ends, and at the end of a window into that window", async () => {
      const amount = (minutes: number, result: number) =>
        at(minutes, result, { datastream: "r/vehicle_count", intervalStart: time(minutes - 10) });
      await store.write([
        amount(5, 1),
        amount(15, 2),
        amount(25, 4),
        amount(30, 8),
        at(30, 16, { datastream: "r/vehicle_count", ordinal: 1 }),
      ]);
      expect(await rows(quarterMs)).toMatchObject([
        { from: start, sum: 3, count: 2, coveredMs: 20 * minuteMs, lastTime: time(15) },
        { from: time(15), sum: 12, count: 2, coveredMs: 20 * minuteMs, firstTime: time(25) },
        { from: time(30), sum: 16, count: 1 },
      ]);
      const first = { interval: { from: start, to: time(15) } };
      expect(await rows(quarterMs, first)).toMatchObject([{ from: start, sum: 1 }]);
      const second = { interval: { from: time(15), to: time(30) } };
      expect(await rows(quarterMs, second)).toMatchObject([
        { from: start, sum: 2 },
        { from: time(15), sum: 4 },
      ]);
    });

    it("keeps the order of windows where an amount ends when the next window has begun", async () => {
      const both = [
        at(15, 16, { datastream: "r/vehicle_count" }),
        at(15, 2, { datastream: "r/vehicle_count", ordinal: 1, intervalStart: start }),
      ];
      await store.write(both);
      expect(await rows(quarterMs)).toMatchObject([
        { from: start, sum: 2 },
        { from: time(15), sum: 16 },
      ]);
    });

    it("measures how long states were held", async () => {
      const door = (minutes: number, result: string) => at(minutes, result, { datastream: "a/door_state" });
      await store.write([
        door(0, "open"),
        door(1, "closed"),
        door(4, "open"),
        door(6, "__proto__"),
        door(7, "open"),
        door(65, "x"),
      ]);
      const [window, next] = await rows(hourMs);
      expect(window).toEqual({
        datastream: "a/door_state",
        from: start,
        count: 5,
        firstTime: time(0),
        lastTime: time(7),
        longestGap: 3 * minuteMs,
        states: {
          durations: new Map([
            ["open", 3 * minuteMs],
            ["closed", 3 * minuteMs],
            ["__proto__", minuteMs],
          ]),
          first: "open",
          firstTime: time(0),
          last: "open",
          lastTime: time(7),
          longestGapState: "closed",
        },
      });
      expect(next).toMatchObject({ states: { durations: new Map(), first: "x", last: "x", lastTime: time(65) } });
    });

    it("takes 0 and 1 for flags where the property is a state", async () => {
      const flags = [at(0, 0), at(10, 1), at(15, 2), at(20, 1), at(30, 0)];
      await store.write(
        ["a/water_level", "d/door_open"].flatMap((datastream) => flags.map((row) => ({ ...row, datastream }))),
      );
      const [level, door] = await rows(hourMs);
      expect(level).not.toHaveProperty("states");
      expect(door).toMatchObject({
        sum: 4,
        integral: (5 + 10 + 10) * minuteMs,
        states: {
          durations: new Map([
            ["0", 10 * minuteMs],
            ["1", 15 * minuteMs],
          ]),
          last: "0",
          longestGapState: "0",
        },
      });
    });

    it("aggregates what a query selects, many datastreams and windows of them", async () => {
      await store.write(
        ["b/water_level", "a/water_level", "B/water_level"].flatMap((datastream) => series(datastream, 200)),
      );
      const all = await rows(quarterMs);
      expect(all.map(({ datastream }) => datastream)).toEqual(
        ["B/water_level", "a/water_level", "b/water_level"].flatMap((datastream) =>
          new Array<string>(14).fill(datastream),
        ),
      );
      expect(all.map(({ from }) => from)).toEqual(Array.from({ length: 42 }, (_, n) => time(15 * (n % 14))));
      const some = await rows(quarterMs, { things: ["a"], interval: { from: time(10), to: time(31) } });
      expect(some).toMatchObject([
        { from: start, count: 5, first: 10 },
        { from: time(15), count: 15, sum: (15 + 29) * 7.5 },
        { from: time(30), count: 1, first: 30 },
      ]);
    });

    it("lets a reader of aggregates stop", async () => {
      await store.write(series("a/water_level", 2000));
      for await (const chunk of store.aggregate({}, quarterMs)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await store.count({})).toBe(2000);
    });
  });
}
