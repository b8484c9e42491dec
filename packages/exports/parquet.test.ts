import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { bitsToChecks, qualities, toChunk, type ObservationChunk } from "@messnetz/model";
import * as fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogue, collect, observation, observations, source } from "./example-observations.fixture.ts";
import { parquet } from "./parquet.ts";
import { maxBatchRows as rowGroupRows } from "./table-batch.ts";

const folder = mkdtempSync(join(tmpdir(), "messnetz-parquet-"));
let database: DuckDBInstance;
beforeAll(async () => {
  database = await DuckDBInstance.create();
});
afterAll(() => {
  database.closeSync();
  rmSync(folder, { recursive: true });
});

async function write(chunks: readonly ObservationChunk[]): Promise<Uint8Array> {
  return collect(parquet.write(source(chunks), { catalogue, provenance: { "messnetz.query": "all of it" } }));
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** What the columns must hold, from the chunk itself. */
function expectedRows(chunk: ObservationChunk): Record<string, unknown>[] {
  return Array.from({ length: chunk.length }, (_, row) => {
    const id = chunk.datastreams[chunk.datastream[row]!]!;
    const [thing, rest] = id.split("/") as [string, string];
    const [property, channel] = rest.split(".") as [string, string?];
    const interval = chunk.intervalStart[row]!;
    const word = chunk.word?.[row];
    return {
      datastream: id,
      thing,
      property,
      channel: channel ?? null,
      phenomenon_time: new Date(chunk.phenomenonTime[row]!),
      interval_start: Number.isNaN(interval) ? null : new Date(interval),
      result: word === undefined ? chunk.value[row] : null,
      state: word ?? null,
      unit: catalogue.get(property)?.unit ?? "",
      quality: qualities[chunk.quality[row]!],
      checks: bitsToChecks(chunk.checks[row]!).join(" "),
      result_time: new Date(chunk.resultTime[row]!),
    };
  });
}

async function readWithDuckDb(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const file = join(folder, `${crypto.randomUUID()}.parquet`);
  writeFileSync(file, bytes);
  const connection = await database.connect();
  const reader = await connection.runAndReadAll(
    `select * replace (epoch_ms(phenomenon_time)::double as phenomenon_time, epoch_ms(interval_start)::double as interval_start,
     epoch_ms(result_time)::double as result_time) from read_parquet('${file}')`,
  );
  return reader.getRowObjects();
}

test("a Parquet file of every kind of observation is read back exactly by an independent reader", async () => {
  const chunk = toChunk(observations);
  const bytes = await write([chunk]);
  const rows = await parquetReadObjects({ file: bufferOf(bytes) });
  expect(rows).toEqual(expectedRows(chunk));
});

test("DuckDB reads the same, with times as instants", async () => {
  const chunk = toChunk(observations);
  const rows = await readWithDuckDb(await write([chunk]));
  const expected = expectedRows(chunk).map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [key, value instanceof Date ? value.getTime() : value]),
    ),
  );
  expect(rows).toEqual(expected);
});

test("the metadata name the unit of each property and where the file comes from", async () => {
  const metadata = parquetMetadata(bufferOf(await write([toChunk(observations)])));
  const texts = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
  expect(JSON.parse(texts.get("messnetz.units")!)).toMatchObject({ water_level: "cm", rainfall: "mm" });
  expect(texts.get("messnetz.query")).toBe("all of it");
});

test("an export without rows is a whole file without rows", async () => {
  const bytes = await write([]);
  expect(await parquetReadObjects({ file: bufferOf(bytes) })).toEqual([]);
  expect(await readWithDuckDb(bytes)).toEqual([]);
});

test("any observations come back, whatever their times, values and order", { timeout: 60_000 }, async () => {
  const anyObservation = fc
    .record({
      datastream: fc.constantFrom("a/water_level", "b/rainfall", "b/parking_state", "c/unknown.x1"),
      phenomenonTime: fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }),
      result: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.string({ unit: "grapheme" }),
      ),
      intervalStart: fc.option(fc.integer({ min: 0, max: 4_102_444_800_000 }), { nil: undefined }),
      quality: fc.constantFrom(...qualities),
    })
    .map(({ intervalStart, ...fields }) =>
      observation({ ...fields, ...(intervalStart === undefined ? {} : { intervalStart }) }),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(anyObservation, { maxLength: 400 }), async (list) => {
      const chunk = toChunk(list);
      expect(await parquetReadObjects({ file: bufferOf(await write([chunk])) })).toEqual(expectedRows(chunk));
    }),
    { numRuns: 60 },
  );
});

test("what does not fit one row group goes on in the next", async () => {
  const list = Array.from({ length: 5000 }, (_, n) =>
    observation({ datastream: "a/water_level", phenomenonTime: n * 60_000, result: n / 7 }),
  );
  const chunk = toChunk(list);
  const count = Math.ceil(rowGroupRows / 5000) + 1;
  const bytes = await write(Array.from({ length: count }, () => chunk));
  const metadata = parquetMetadata(bufferOf(bytes));
  expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([
    rowGroupRows,
    count * 5000 - rowGroupRows,
  ]);
  const rows = await readWithDuckDb(bytes);
  expect(rows.length).toBe(count * 5000);
  expect(rows.at(-1)).toMatchObject({ result: 4999 / 7, phenomenon_time: 4999 * 60_000 });
  expect(rows[rowGroupRows]).toMatchObject({ result: (rowGroupRows % 5000) / 7 });
});
