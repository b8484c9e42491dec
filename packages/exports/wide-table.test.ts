import { type Observation, type ObservationChunk, toChunk } from "@messnetz/model";
import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue, collect, observation, source } from "./example-observations.fixture.ts";
import { csv, maxWideColumns, type WideColumn, wideTable } from "./index.ts";

const level = (thing: string) => `${thing}/water_level`;

function columnOf(datastream: string, observations: readonly Partial<Observation>[], chunkRows = 2): WideColumn {
  const list = observations.map((fields) => observation({ ...fields, datastream }));
  const chunks: ObservationChunk[] = [];
  for (let at = 0; at < list.length; at += chunkRows) chunks.push(toChunk(list.slice(at, at + chunkRows)));
  return { datastream, read: () => source(chunks) };
}

async function read(columns: readonly WideColumn[], show?: "result-and-quality"): Promise<string[][]> {
  const table = wideTable(columns, { catalogue, ...(show === undefined ? {} : { show }) });
  return parse(Buffer.from(await collect(csv.writeTable(table, {}))));
}

const at = (ms: number) => new Date(ms).toISOString();

test("one row for each instant, one column for each datastream, ascending", async () => {
  const rows = await read([
    columnOf(level("a"), [
      { phenomenonTime: 1, result: -1 },
      { phenomenonTime: 3, result: 3 },
    ]),
    columnOf("b/parking_state", [
      { phenomenonTime: 2, result: "free" },
      { phenomenonTime: 3, result: "occupied" },
    ]),
    columnOf(level("c"), []),
  ]);
  expect(rows).toEqual([
    ["phenomenon_time", "a/water_level", "b/parking_state", "c/water_level"],
    [at(1), "-1", "", ""],
    [at(2), "", "free", ""],
    [at(3), "3", "occupied", ""],
  ]);
});

test("an office reads names and units", async () => {
  const table = wideTable([columnOf(level("a"), []), columnOf("b/gas_volume.hour", [])], { catalogue });
  const text = Buffer.from(await collect(csv.writeTable(table, { dialect: "office" }))).toString();
  expect(text.slice(1).split("\r\n")).toEqual([
    "Zeit (Europe/Berlin);Zeit (UTC);a Wasserstand;b Gasmenge hour",
    ";;cm;m³",
    "",
  ]);
});

test("two results of one datastream for one instant make two rows; quality stands beside where it is asked for", async () => {
  const rows = await read(
    [
      columnOf(level("a"), [
        { phenomenonTime: 5, result: 1 },
        { phenomenonTime: 5, ordinal: 1, result: 2, quality: "bad" },
      ]),
      columnOf(level("b"), [{ phenomenonTime: 5, result: 7 }]),
    ],
    "result-and-quality",
  );
  expect(rows.slice(1)).toEqual([
    [at(5), "1", "good", "7", "good"],
    [at(5), "2", "bad", "", ""],
  ]);
});

test("any series are merged as a plain map does it", async () => {
  const times = fc
    .uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 })
    .map((list) => list.toSorted((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(
      fc.array(times, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      async (series, chunkRows) => {
        const columns = series.map((list, n) =>
          columnOf(
            level(`t${n}`),
            list.map((time) => ({ phenomenonTime: time, result: n * 1000 + time })),
            chunkRows,
          ),
        );
        const all = [...new Set(series.flat())].toSorted((a, b) => a - b);
        const expected = all.map((time) => [
          at(time),
          ...series.map((list, n) => (list.includes(time) ? String(n * 1000 + time) : "")),
        ]);
        expect((await read(columns)).slice(1)).toEqual(expected);
      },
    ),
  );
});

describe("reads", () => {
  /** Endless, and counted. */
  function endless(count: number) {
    const opened = new Set<number>();
    const closed = new Set<number>();
    let fetched = 0;
    const columns = Array.from({ length: count }, (_, n): WideColumn => ({
      datastream: level(`t${n}`),
      async *read() {
        opened.add(n);
        try {
          for (let time = 0; ; time += 512) {
            fetched++;
            yield toChunk(
              Array.from({ length: 512 }, (_row, row) =>
                observation({ datastream: level(`t${n}`), phenomenonTime: time + row }),
              ),
            );
          }
        } finally {
          closed.add(n);
        }
      },
    }));
    return { columns, opened, closed, fetched: () => fetched };
  }

  test("are opened when the first row is asked for, fetched as rows are taken, and closed when the reader stops", async () => {
    const { columns, opened, closed, fetched } = endless(50);
    const pieces = csv.writeTable(wideTable(columns, { catalogue }), {})[Symbol.asyncIterator]();
    expect(opened.size).toBe(0);
    await pieces.next();
    expect(opened.size).toBe(50);
    expect(fetched()).toBeLessThanOrEqual(50 * 3);
    await pieces.return?.();
    expect(closed.size).toBe(50);
  });

  test("of the others are closed where one fails", async () => {
    const { columns, closed } = endless(3);
    const failing: WideColumn = {
      datastream: level("broken"),
      // eslint-disable-next-line require-yield -- it fails before
      async *read() {
        throw new Error("the disk is gone");
      },
    };
    await expect(read([...columns, failing])).rejects.toThrow("the disk is gone");
    expect(closed.size).toBe(3);
  });

  test.each([
    ["descend", [{ phenomenonTime: 2 }, { phenomenonTime: 1 }], /a\/water_level: expected ascending times, came 1/],
    ["repeat an identity", [{ phenomenonTime: 2 }, { phenomenonTime: 2 }], /expected ascending times/],
  ])("that %s are refused", async (_what, observations, message) => {
    await expect(read([columnOf(level("a"), observations)])).rejects.toThrow(message);
  });

  test("of another datastream are refused", async () => {
    const wrong = { ...columnOf(level("a"), [{ phenomenonTime: 1 }]), datastream: level("b") };
    await expect(read([wrong])).rejects.toThrow(
      "expected observations of b/water_level alone, came one of a/water_level",
    );
  });
});

test("no datastream, too many, and one twice are refused before anything is read", () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => columnOf(level(`t${n}`), []));
  expect(() => wideTable([], { catalogue })).toThrow("expected 1 to 200 datastreams, came 0");
  expect(() => wideTable(many(maxWideColumns + 1), { catalogue })).toThrow("came 201: choose the long shape");
  expect(() => wideTable([...many(2), ...many(1)], { catalogue })).toThrow("came t0/water_level twice");
});
