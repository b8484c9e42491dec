import { readFile, writeFile } from "node:fs/promises";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Observation } from "@messnetz/model";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { erase } from "../erasure.ts";
import { StoreFileError } from "../errors.ts";
import type { EmbeddedStore } from "../port.ts";
import {
  aggregateRows,
  batch,
  collect,
  message,
  minuteMs,
  observation,
  series,
  start,
  unknownUnit,
} from "../samples.fixture.ts";
import type { DuckDbStoreOptions } from "./options.ts";
import { openDuckDbStore } from "./store.ts";

const root = await mkdtemp(join(tmpdir(), "messnetz-months '[x]*-"));
afterAll(() => rm(root, { recursive: true }));
const dayMs = 86_400_000;
const april = start + 31 * dayMs;
let runs = 0;

describe("a month that is over", () => {
  let store: EmbeddedStore;
  let directory: string;
  let now: number;
  const options = (): DuckDbStoreOptions => ({
    directory,
    quarantine: { maxBytes: 1e6, maxAgeMs: 1e12 },
    clock: () => now,
    recentIdentities: 0,
  });
  const reopen = async (change: Partial<DuckDbStoreOptions> = {}) => {
    await store.close();
    store = await openDuckDbStore({ ...options(), ...change });
  };
  const read = () => collect(store.observations.read({}));
  const march = () => store.months.list().find(({ month }) => month === "2026-03");

  beforeEach(async () => {
    now = april + 5 * dayMs;
    directory = join(root, String(runs++));
    store = await openDuckDbStore(options());
  });
  afterEach(() => store.close());

  it("is closed by itself after its grace, and again with what came late when its files are old enough", async () => {
    await store.observations.write(series("a/x", 10));
    now = april + 3 * dayMs - 1;
    expect(await store.months.close("due")).toEqual([]);
    now += 1;
    expect(await store.months.close("due")).toMatchObject([
      { month: "2026-03", revision: 1, rows: 10, hasLate: false },
    ]);
    await store.observations.write(series("a/x", 1, start + 20 * minuteMs));
    expect(march()).toMatchObject({ revision: 1, hasLate: true });
    now += 7 * dayMs - 1;
    expect(await store.months.close("due")).toEqual([]);
    now += 1;
    expect(await store.months.close("due")).toMatchObject([{ revision: 2, rows: 11, hasLate: false }]);
    expect(await store.months.close()).toEqual([]);
  });

  it("is one file that another program reads, with words that people understand", async () => {
    const rows: Observation[] = [
      observation({ datastream: "gauge-1/water_level", result: 1.5, quality: "suspect", checks: ["range", "late"] }),
      observation({ datastream: "door-1/door_state", result: "zu 'n' 🚪", deviceTime: 0 }),
      observation({
        datastream: "loop-1/vehicle_count",
        result: 17,
        intervalStart: start - 900_000,
        phenomenonTime: start + minuteMs,
      }),
    ];
    await store.observations.write(rows);
    await store.months.close();
    const [file, ...more] = march()!.files;
    expect(more).toEqual([]);
    expect(file).toMatchObject({
      rows: 3,
      firstDatastream: "door-1/door_state",
      lastDatastream: "loop-1/vehicle_count",
    });
    expect(
      createHash("sha256")
        .update(await readFile(file!.path))
        .digest("hex"),
    ).toBe(file!.sha256);
    const copy = join(root, "copy.parquet");
    await writeFile(copy, await readFile(file!.path));
    const database = await DuckDBInstance.create(":memory:");
    const connection = await database.connect();
    const types = await connection.runAndReadAll(
      `DESCRIBE FROM '${copy.replaceAll("'", "''").replaceAll(/[*[]/g, "[$&]")}'`,
    );
    expect(
      types
        .getRows()
        .map(([name, type]) => `${String(name)} ${String(type)}`)
        .slice(0, 8),
    ).toEqual([
      "datastream VARCHAR",
      "phenomenon_time TIMESTAMP WITH TIME ZONE",
      "result DOUBLE",
      "word VARCHAR",
      "unit VARCHAR",
      "quality VARCHAR",
      "checks VARCHAR",
      "result_time TIMESTAMP WITH TIME ZONE",
    ]);
    const text = await connection.runAndReadAll(
      `SELECT datastream, result, word, unit, quality, checks FROM '${copy.replaceAll("'", "''").replaceAll(/[*[]/g, "[$&]")}'`,
    );
    expect(text.getRows()).toEqual([
      ["door-1/door_state", null, "zu 'n' 🚪", null, "good", null],
      ["gauge-1/water_level", 1.5, null, "m", "suspect", "range,late"],
      ["loop-1/vehicle_count", 17, null, "{vehicle}", "good", null],
    ]);
    connection.closeSync();
    database.closeSync();
    expect((await read()).toSorted((a, b) => a.phenomenonTime - b.phenomenonTime)).toEqual([rows[1], rows[0], rows[2]]);
  });

  it("recognises what it has, lets a later decoding stand, and never changes the bytes of a revision", async () => {
    await store.observations.write(series("a/x", 100));
    await store.months.close();
    const [file] = march()!.files;
    const bytes = await readFile(file!.path);
    await reopen();
    expect(await store.observations.write(series("a/x", 100))).toEqual({ added: 0, corrected: 0 });
    const mended = { ...series("a/x", 8)[7]!, result: -7, revision: 2 };
    expect(await store.observations.write([mended, { ...mended, revision: 3 }])).toEqual({ added: 0, corrected: 2 });
    expect(await store.observations.write([mended])).toEqual({ added: 0, corrected: 0 });
    expect(await readFile(file!.path)).toEqual(bytes);
    const rows = await read();
    expect(rows).toHaveLength(100);
    expect(rows[7]).toEqual({ ...mended, revision: 3 });
    await reopen();
    expect(await read()).toEqual(rows);
    await store.months.close();
    expect(march()).toMatchObject({ revision: 2, rows: 100 });
    await reopen();
    expect(await read()).toEqual(rows);
    expect(await readdir(join(directory, "months"))).toEqual(["2026-03.r2.parquet", "hours"]);
  });

  it("takes what comes while it is being closed", async () => {
    await store.observations.write(series("a/x", 20_000));
    const closing = store.months.close();
    const written: Observation[] = [];
    for (let n = 0; n < 20; n++) {
      const row = observation({ datastream: "a/x", phenomenonTime: start + n * 1000 + 1, result: n });
      written.push(row);
      await store.observations.write([
        row,
        { ...row, phenomenonTime: start + n * minuteMs, result: -n - 1, revision: 9 },
      ]);
    }
    await closing;
    expect(await store.observations.count({})).toBe(20_020);
    const rows = await read();
    for (const row of written.slice(1)) expect(rows).toContainEqual(row);
    expect(rows.filter(({ revision }) => revision === 9)).toHaveLength(20);
    // What was there before the month was frozen, and not what came after it.
    expect(march()?.rows).toBeGreaterThanOrEqual(20_000);
    expect(march()).toMatchObject({ revision: 1, hasLate: true });
  });

  it("loses what a removal names from its files too, and the receipt says how much lay where", async () => {
    await store.observations.write([...series("a/x", 10), ...series("b/x", 10), ...series("b/x", 5, start - dayMs)]);
    await store.months.close();
    await store.observations.write([...series("b/x", 3, start + 600 * minuteMs), ...series("b/x", 2, april)]);
    await store.intake.commit(
      batch(
        message({ device: "d:b", refusals: [unknownUnit], message: { payload: Buffer.from("secret of b") } }),
        message({ device: "d:a", refusals: [unknownUnit] }),
      ),
    );
    const receipt = await erase(store, { observations: { things: ["b"] }, quarantine: { devices: ["d:b"] } });
    expect(receipt).toMatchObject({
      observations: 20,
      closed: 15,
      datastreams: 1,
      months: ["2026-02", "2026-03"],
      quarantined: 1,
    });
    await reopen();
    expect(await read()).toEqual(series("a/x", 10));
    expect(store.months.list().map(({ month, revision, files }) => [month, revision, files.length])).toEqual([
      ["2026-02", 2, 0],
      ["2026-03", 2, 1],
    ]);
    expect((await store.quarantine.list({ limit: 10 })).map(({ device }) => device)).toEqual(["d:a"]);
    expect(await store.observations.write(series("b/x", 10))).toEqual({ added: 10, corrected: 0 });
    await store.months.close();
    expect(march()).toMatchObject({ revision: 3, rows: 20 });
  });

  it("gives aggregates by hour from its files that a fold of its rows would give, where nothing came late", async () => {
    const counter = Array.from({ length: 300 }, (_, n) =>
      observation({
        datastream: "m/active_energy_import",
        phenomenonTime: start + n * 7 * minuteMs,
        result: n === 150 ? 0 : 0.1 * n,
      }),
    );
    const amounts = Array.from({ length: 50 }, (_, n) =>
      observation({
        datastream: "l/vehicle_count",
        phenomenonTime: start + n * 15 * minuteMs,
        intervalStart: start + (n - 1) * 15 * minuteMs,
        result: n,
        quality: n % 7 === 6 ? "bad" : "good",
      }),
    );
    const words = series("d/door_state", 200).map((row, n) => ({ ...row, result: n % 3 === 0 ? "open" : "closed" }));
    await store.observations.write([...counter, ...amounts, ...words]);
    const interval = { from: start + 2 * 60 * minuteMs, to: start + 9 * 60 * minuteMs };
    const ask = async () => [
      await aggregateRows(store.observations.aggregate({}, 3_600_000)),
      await aggregateRows(store.observations.aggregate({ interval }, 3_600_000)),
    ];
    const before = await ask();
    await store.months.close();
    expect(await ask()).toEqual(before);
    await reopen();
    expect(await ask()).toEqual(before);
    const columns = ["sum", "maxTime", "last", "coveredMs"] as const;
    const some = await aggregateRows(store.observations.aggregate({}, 3_600_000, new Set(columns)));
    const always = ["datastream", "from", "count", "suspect", "bad", "drops", "states"] as const;
    const pick = (row: Record<string, unknown>) => [...always, ...columns].map((name) => row[name]);
    expect(some.map(pick)).toEqual(before[0]!.map(pick));
  });

  it("gives one hour of what ends with a month and of what lies in it, whichever of the two months is closed", async () => {
    const aprilFirst = Date.UTC(2026, 3);
    const amounts = Array.from({ length: 60 }, (_, n) => {
      const at = aprilFirst + (n - 30) * 20 * minuteMs;
      const ended = { phenomenonTime: at, intervalStart: at - 20 * minuteMs };
      return observation({ datastream: "l/vehicle_count", ...ended, result: n });
    });
    await store.observations.write(amounts);
    const ask = () => aggregateRows(store.observations.aggregate({}, 3_600_000));
    const before = await ask();
    expect(before.find(({ from }) => from === aprilFirst - 60 * minuteMs)).toMatchObject({
      count: 3,
      sum: 28 + 29 + 30,
    });
    now = Date.UTC(2026, 3, 6);
    await store.months.close();
    expect(store.months.list().map(({ month }) => month)).toEqual(["2026-03"]);
    expect(await ask()).toEqual(before);
    now = Date.UTC(2026, 4, 6);
    await store.months.close();
    expect(store.months.list().map(({ month }) => month)).toEqual(["2026-03", "2026-04"]);
    expect(await ask()).toEqual(before);
  });

  it("gives one datastream over several months, at another place in each of them, as among all others", async () => {
    const names = ["m/active_energy_import", "m/door_state", "m/vehicle_count"];
    const rows = Array.from({ length: 3 * 60 }, (_, n) => {
      const at = Date.UTC(2026, 1, 27) + n * 8 * 60 * minuteMs;
      const [counter, door, vehicles] = names;
      return [
        observation({ datastream: counter!, phenomenonTime: at, result: n % 50 }),
        observation({ datastream: counter!, phenomenonTime: at + minuteMs, result: n % 7 }),
        observation({ datastream: door!, phenomenonTime: at, result: n % 3 === 0 ? "open" : "closed" }),
        observation({ datastream: vehicles!, phenomenonTime: at, intervalStart: at - 60 * minuteMs, result: n }),
        observation({ datastream: `a${new Date(at).getUTCMonth()}/x`, phenomenonTime: at, result: n }),
        observation({ datastream: `a${n % 9}/${new Date(at).getUTCMonth()}`, phenomenonTime: at, result: n }),
      ];
    }).flat();
    await store.observations.write(rows);
    const spans = [undefined, { from: Date.UTC(2026, 2, 1), to: Date.UTC(2026, 3, 10, 8) }];
    const ask = async () => {
      const queries = spans.flatMap((interval) => names.map((name) => ({ datastreams: [name], interval })));
      return Promise.all(
        queries.map(({ interval, ...query }) =>
          aggregateRows(store.observations.aggregate({ ...query, ...(interval && { interval }) }, 60 * minuteMs)),
        ),
      );
    };
    const before = await ask();
    expect(before.map(({ length }) => length > 100)).toEqual(before.map(() => true));
    now = Date.UTC(2026, 4, 20);
    await store.months.close();
    expect(store.months.list().map(({ month }) => month)).toEqual(["2026-02", "2026-03", "2026-04"]);
    expect(await ask()).toEqual(before);
  });

  it("whose file is gone or cut is missed at the start, by name", async () => {
    await store.observations.write(series("a/x", 10));
    await store.months.close();
    const [file] = march()!.files;
    const bytes = await readFile(file!.path);
    await store.close();
    await writeFile(file!.path, bytes.subarray(1));
    await expect(openDuckDbStore(options())).rejects.toThrow(StoreFileError);
    await rm(file!.path);
    await expect(openDuckDbStore(options())).rejects.toThrow(file!.path);
    await writeFile(file!.path, bytes);
    store = await openDuckDbStore(options());
    expect(await read()).toHaveLength(10);
  });
});
