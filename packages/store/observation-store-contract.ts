import type { Observation } from "@messnetz/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeAggregates } from "./aggregate-contract.ts";
import type { ObservationStore } from "./port.ts";
import { collect, minuteMs, observation, series, start } from "./samples.fixture.ts";

export interface OpenedStore {
  readonly observations: ObservationStore;
  close(): Promise<void>;
}

/** What every store of observations does. `open` gives an empty one. */
export function describeObservationStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} as a store of observations`, () => {
    let opened: OpenedStore;
    let store: ObservationStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.observations;
    });
    afterEach(() => opened.close());

    const read = (query: Parameters<ObservationStore["read"]>[0] = {}) => collect(store.read(query));

    it("gives back what was written, in every field", async () => {
      const written: Observation[] = [
        observation({ datastream: "a/water_level", result: -0.1, quality: "suspect", checks: ["range", "device"] }),
        observation({ datastream: "b/vehicle_count.lane-2", result: 17, intervalStart: start - 900_000 }),
        observation({ datastream: "c/door_state", result: "geöffnet 🚪" }),
        observation({
          datastream: "d/battery",
          quality: "suspect",
          checks: ["clock"],
          deviceTime: -3_600_000,
          revision: 7,
        }),
        observation({ datastream: "e/energy", result: 9_007_199_254_740_991, phenomenonTime: 0, resultTime: start }),
        observation({
          datastream: "f/temperature",
          result: 5e-324,
          phenomenonTime: -1,
          quality: "bad",
          checks: ["stuck"],
        }),
      ];
      expect(await store.write(written)).toEqual({ added: 6, corrected: 0 });
      expect(await read()).toEqual(written);
    });

    it("reads ascending by datastream, time and ordinal, whatever the order of writing", async () => {
      const rows = [
        ...series("b/x", 3),
        observation({ datastream: "b/x", ordinal: 1 }),
        ...series("B/x", 2),
        ...series("a/x", 2),
      ];
      await store.write(rows.toReversed());
      const keys = (await read()).map((row) => [row.datastream, row.phenomenonTime - start, row.ordinal]);
      expect(keys).toEqual([
        ["B/x", 0, 0],
        ["B/x", minuteMs, 0],
        ["a/x", 0, 0],
        ["a/x", minuteMs, 0],
        ["b/x", 0, 0],
        ["b/x", 0, 1],
        ["b/x", minuteMs, 0],
        ["b/x", 2 * minuteMs, 0],
      ]);
    });

    it("writes an identity once, in one call, in a later one, and long after newer ones", async () => {
      const rows = series("a/x", 50);
      expect(await store.write([...rows, ...rows])).toEqual({ added: 50, corrected: 0 });
      expect(await store.write(rows)).toEqual({ added: 0, corrected: 0 });
      await store.write(series("a/x", 50, start + 50 * minuteMs));
      expect(await store.write([rows[0]!, { ...rows[7]!, result: 99 }])).toEqual({ added: 0, corrected: 0 });
      expect(await store.count({})).toBe(100);
      expect((await read())[7]?.result).toBe(7);
    });

    it("takes what comes late between what is there", async () => {
      const rows = series("a/x", 20);
      await store.write(rows.filter((_, n) => n % 2 === 1));
      expect(await store.write(rows)).toEqual({ added: 10, corrected: 0 });
      expect(await read()).toEqual(rows);
    });

    it("lets the later decoding stand, and of equal ones the first", async () => {
      const first = observation({ result: 1, revision: 3 });
      await store.write([first]);
      expect(await store.write([{ ...first, result: 2, revision: 3 }])).toEqual({ added: 0, corrected: 0 });
      expect(await store.write([{ ...first, result: 3, revision: 2 }])).toEqual({ added: 0, corrected: 0 });
      expect(await store.write([{ ...first, result: 4, revision: 4 }])).toEqual({ added: 0, corrected: 1 });
      expect(
        await store.write([
          { ...first, result: "open", revision: 5 },
          { ...first, result: 6, revision: 6 },
        ]),
      ).toEqual({ added: 0, corrected: 2 });
      expect((await read()).map(({ result }) => result)).toEqual([6]);
      expect((await store.latest({})).map(({ result }) => result)).toEqual([6]);
    });

    it("keeps nothing of a decoding that was corrected", async () => {
      const plain = observation({ result: 1, revision: 2 });
      const rich = observation({
        result: "odd",
        quality: "suspect",
        checks: ["range", "late"],
        intervalStart: start - 900_000,
        deviceTime: 0,
      });
      await store.write([rich]);
      await store.write([plain]);
      expect(await read()).toEqual([plain]);
      await store.write([{ ...rich, revision: 3 }]);
      expect(await read()).toEqual([{ ...rich, revision: 3 }]);
      expect(await store.latest({})).toEqual([{ ...rich, revision: 3 }]);
      expect(await store.count({})).toBe(1);
    });

    it("restricts to datastreams, things and properties, each of them, and an empty list to nothing", async () => {
      await store.write(["a/x", "a/x.1", "a/y", "b/x", "ab/x"].flatMap((datastream) => series(datastream, 1)));
      const names = async (query: Parameters<ObservationStore["read"]>[0]) =>
        (await read(query)).map(({ datastream }) => datastream);
      expect(await names({ things: ["a"] })).toEqual(["a/x", "a/x.1", "a/y"]);
      expect(await names({ properties: ["x"] })).toEqual(["a/x", "a/x.1", "ab/x", "b/x"]);
      expect(await names({ things: ["a", "b", "a"], properties: ["x"] })).toEqual(["a/x", "a/x.1", "b/x"]);
      expect(await names({ datastreams: ["b/x", "a/y", "b/x", "c/x"] })).toEqual(["a/y", "b/x"]);
      expect(await names({ datastreams: ["b/x", "a/y"], things: ["a"] })).toEqual(["a/y"]);
      expect(await names({ datastreams: [] })).toEqual([]);
      expect(await names({ things: [] })).toEqual([]);
      expect(await names({ properties: [] })).toEqual([]);
      expect(await store.latest({ things: [] })).toEqual([]);
    });

    it("reads half-open intervals", async () => {
      await store.write(series("a/x", 10));
      const rows = await read({ interval: { from: start + 2 * minuteMs, to: start + 5 * minuteMs } });
      expect(rows.map(({ result }) => result)).toEqual([2, 3, 4]);
      expect(await store.count({ interval: { from: start, to: start } })).toBe(0);
    });

    it("pages by key without a gap or an overlap", async () => {
      const rows = [
        ...series("a/x", 7),
        observation({ datastream: "b/x", ordinal: 0 }),
        observation({ datastream: "b/x", ordinal: 1 }),
        ...series("c/x", 4),
      ];
      await store.write(rows);
      const seen: Observation[] = [];
      for (;;) {
        const last = seen.at(-1);
        const page = await read({ limit: 3, ...(last === undefined ? {} : { after: last }) });
        seen.push(...page);
        if (page.length < 3) break;
      }
      expect(seen).toEqual(rows);
      expect(await read({ limit: 0 })).toEqual([]);
    });

    it("begins after a key whose datastream or observation is not there", async () => {
      await store.write([...series("a/x", 2), ...series("c/x", 1)]);
      expect(await read({ after: { datastream: "b/x", phenomenonTime: start, ordinal: 0 } })).toEqual(series("c/x", 1));
      const between = await read({ after: { datastream: "a/x", phenomenonTime: start + 1, ordinal: 0 } });
      expect(between.map(({ datastream }) => datastream)).toEqual(["a/x", "c/x"]);
    });

    it("knows the newest of every datastream by its time, not by its arrival", async () => {
      const [older, newer] = series("a/x", 2);
      await store.write([newer!]);
      await store.write([older!, ...series("b/x", 3)]);
      expect(await store.latest({})).toEqual([newer, series("b/x", 3)[2]]);
      expect(await store.latest({ things: ["b"] })).toEqual([series("b/x", 3)[2]]);
    });

    it("lets a reader stop", async () => {
      await store.write(series("a/x", 5000));
      for await (const chunk of store.read({})) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await store.count({})).toBe(5000);
    });

    it("removes what a query names, says how much, and knows the newest of the rest", async () => {
      await store.write([...series("a/x", 10), ...series("b/x", 10), ...series("c/x", 10)]);
      const receipt = await store.remove({
        things: ["a", "b"],
        interval: { from: start + 5 * minuteMs, to: start + 100 * minuteMs },
      });
      expect(receipt).toMatchObject({ observations: 10, datastreams: 2 });
      expect(await store.count({})).toBe(20);
      expect((await store.latest({})).map(({ result }) => result)).toEqual([4, 4, 9]);
      expect(await store.remove({ things: ["c"] })).toMatchObject({ observations: 10, datastreams: 1 });
      expect((await store.latest({})).map(({ datastream }) => datastream)).toEqual(["a/x", "b/x"]);
      expect(await store.remove({ things: ["c"] })).toMatchObject({ observations: 0, datastreams: 0 });
      expect(await store.write(series("c/x", 10))).toEqual({ added: 10, corrected: 0 });
    });
  });
  describeAggregates(name, open);
}
