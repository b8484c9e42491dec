import { execFileSync, spawnSync } from "node:child_process";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { toChunk } from "@messnetz/model";
import { findProgram } from "@messnetz/testing";
import { type Dictionary, tableFromIPC, Timestamp, TimeUnit, type Utf8 } from "apache-arrow";
import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { textCell } from "./csv-cell.ts";
import { catalogue, collect, observations, source } from "./example-observations.fixture.ts";
import { anyTable, cutTable, dayRows, dayShape } from "./example-tables.fixture.ts";
import { arrow, compressions, csv, exportFormats, geojson, ndjson, parquet } from "./index.ts";
import type { TableOptions } from "./export-format.ts";
import type { TableShape } from "./table.ts";
import { type Cell, tableOfRows } from "./table-of-rows.ts";

const options: TableOptions = {
  source: "Stadtwerke Musterstadt",
  licence: "DL-DE-BY-2.0",
  span: { from: 0, to: 86_400_000 },
  provenance: { "messnetz.query": "days of all" },
};

type Rows = readonly (readonly Cell[])[];
type Item = Readonly<Record<string, unknown>>;

/** Rows as objects; `as` makes of a cell that is there what a reader is to give for it. */
function itemsOf({ columns }: TableShape, rows: Rows, as: (type: string, cell: Cell) => unknown): Item[] {
  return rows.map((cells) =>
    Object.fromEntries(
      columns.map(({ name, type }, at) => [name, cells[at] === undefined ? null : as(type, cells[at])] as const),
    ),
  );
}

async function bytesOf(format: (typeof exportFormats)[number], shape: TableShape, rows: Rows): Promise<Uint8Array> {
  return collect(format.writeTable(tableOfRows(shape, rows), options));
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function readArrow(bytes: Uint8Array): Item[] {
  return tableFromIPC(bytes)
    .toArray()
    .map((row: { toJSON(): Item }) => row.toJSON());
}

const timestampAsDate = (type: string, cell: Cell): unknown =>
  type === "timestamp" ? new Date(cell as number) : type === "integer" ? BigInt(cell as number) : cell;
const asBigInt = (type: string, cell: Cell): unknown => (type === "integer" ? BigInt(cell as number) : cell);
const asJson = (type: string, cell: Cell): unknown =>
  type === "timestamp" ? new Date(cell as number).toISOString() : cell === 0 ? 0 : cell;

describe("any table is read back cell by cell", () => {
  test("from Parquet", async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async ({ shape, rows }) => {
        const read = await parquetReadObjects({ file: bufferOf(await bytesOf(parquet, shape, rows)) });
        expect(read).toEqual(itemsOf(shape, rows, timestampAsDate));
      }),
    );
  });

  test("from an Arrow stream", async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async ({ shape, rows }) => {
        expect(readArrow(await bytesOf(arrow, shape, rows))).toEqual(itemsOf(shape, rows, asBigInt));
      }),
    );
  });

  test("from NDJSON, where what is absent is absent", async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async ({ shape, rows }) => {
        const lines = Buffer.from(await bytesOf(ndjson, shape, rows))
          .toString()
          .split("\n")
          .slice(0, -1);
        const expected = itemsOf(shape, rows, asJson).map((item) =>
          Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null)),
        );
        expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expected);
      }),
    );
  });

  test("from CSV, with the guard before what looks like a formula", async () => {
    const shownAs = (type: string, cell: Cell): string =>
      type === "text" ? (parse(textCell(String(cell), ","))[0] as string[])[0]! : String(asJson(type, cell));
    await fc.assert(
      fc.asyncProperty(anyTable, async ({ shape, rows }) => {
        const read = parse<Item>(Buffer.from(await bytesOf(csv, shape, rows)), { columns: true });
        const expected = itemsOf(shape, rows, shownAs).map((item) =>
          Object.fromEntries(Object.entries(item).map(([name, cell]) => [name, cell ?? ""])),
        );
        expect(read).toEqual(expected);
      }),
    );
  });
});

describe("files of any format", () => {
  const lengths = [1, 3, 2];

  test.each(exportFormats)(
    "$name has the same bytes, however the rows are cut and whenever it is made",
    async (format) => {
      const rows = Array.from({ length: 5000 }, (_, n) => ["thing", n, n, n / 7, n % 3 === 0, `note ${n % 99}`, n]);
      const once = await bytesOf(format, dayShape, rows);
      const cut = await collect(format.writeTable(cutTable(dayShape, rows, lengths), options));
      expect(Buffer.compare(once, cut)).toBe(0);
    },
  );

  test.each(compressions)("$name has the same bytes, however the pieces are cut, and they come back", async (one) => {
    const bytes = await bytesOf(
      csv,
      dayShape,
      Array.from({ length: 9000 }, (_, n) => dayRows[n % dayRows.length]!),
    );
    async function* cut(length: number): AsyncIterable<Uint8Array> {
      for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
    }
    const [whole, small] = await Promise.all(
      [bytes.length, 777].map(async (length) => collect(one.compress(cut(length)))),
    );
    expect(Buffer.compare(whole!, small!)).toBe(0);
    expect(whole!.length).toBeLessThan(bytes.length / 5);
    const back = one.name === "gzip" ? gunzipSync(whole!) : zstdDecompressSync(whole!);
    expect(Buffer.compare(back, bytes)).toBe(0);
  });

  test("of no rows are whole", async () => {
    expect(await parquetReadObjects({ file: bufferOf(await bytesOf(parquet, dayShape, [])) })).toEqual([]);
    expect(readArrow(await bytesOf(arrow, dayShape, []))).toEqual([]);
    expect(JSON.parse(Buffer.from(await bytesOf(geojson, dayShape, [])).toString())).toMatchObject({ features: [] });
    expect(parse(Buffer.from(await bytesOf(csv, dayShape, [])))).toHaveLength(1);
    expect((await bytesOf(ndjson, dayShape, [])).length).toBe(0);
  });

  test.each(exportFormats)("$name refuses a chunk that has not the table's shape", async (format) => {
    async function* chunks() {
      yield { length: 1, columns: dayShape.columns.map(() => new Float64Array(1)) };
    }
    const pieces = async () => collect(format.writeTable({ shape: dayShape, chunks: chunks() }, options));
    await expect(pieces()).rejects.toThrow(/column 0: expected keys and texts/);
  });

  test.each([parquet, arrow])("$name refuses a required column without a value", async (format) => {
    const pieces = async () => bytesOf(format, dayShape, [["thing", 0, undefined, 1, true, "", 0]]);
    await expect(pieces()).rejects.toThrow("column count: expected a value in each row, came 1 rows without");
  });
});

describe("golden files of a table", () => {
  test.each([
    ["rfc4180", {}],
    ["office-de", { dialect: "office" }],
    ["office-en", { dialect: "office", language: "en", timeZone: "Asia/Tokyo" }],
  ] as const)("CSV, %s", async (name, more) => {
    const bytes = await collect(csv.writeTable(tableOfRows(dayShape, dayRows), { ...options, ...more }));
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    await expect(text).toMatchFileSnapshot(`golden/table-${name}.csv`);
  });

  test("NDJSON and GeoJSON", async () => {
    const text = async (format: typeof geojson) =>
      Buffer.from(
        await collect(
          format.writeTable(tableOfRows(dayShape, dayRows), {
            ...options,
            positionOf: (thing) => (thing === "weir-1" ? { longitude: 13.4, latitude: 52.5, altitude: 34 } : undefined),
          }),
        ),
      ).toString();
    await expect(await text(ndjson)).toMatchFileSnapshot("golden/table.ndjson");
    await expect(await text(geojson)).toMatchFileSnapshot("golden/table.geojson");
    JSON.parse(await text(geojson));
  });
});

describe("what a file says of itself", () => {
  const facts = {
    "messnetz.units": JSON.stringify({ count: "1", mean: "Cel" }),
    "messnetz.source": "Stadtwerke Musterstadt",
    "messnetz.licence": "DL-DE-BY-2.0",
    "messnetz.from": "1970-01-01T00:00:00.000Z",
    "messnetz.to": "1970-01-02T00:00:00.000Z",
    "messnetz.query": "days of all",
  };

  test("Parquet: units, source, licence, span and query, and of each column its unit and what it means", async () => {
    const metadata = parquetMetadata(bufferOf(await bytesOf(parquet, dayShape, dayRows)));
    const asObject = (list: readonly { readonly key: string; readonly value?: string }[] | undefined) =>
      Object.fromEntries(list?.map(({ key, value }) => [key, value]) ?? []);
    expect(asObject(metadata.key_value_metadata)).toEqual(facts);
    expect(asObject(metadata.row_groups[0]!.columns[3]!.meta_data!.key_value_metadata)).toEqual({
      unit: "Cel",
      "label.de": "Mittel",
      "label.en": "Mean",
      description: "By time, each value held until the next.",
    });
  });

  test("Arrow: the same, with zone and dictionaries in the types", async () => {
    const { schema } = tableFromIPC(await bytesOf(arrow, dayShape, dayRows));
    expect(Object.fromEntries(schema.metadata)).toEqual(facts);
    const [thing, from, , mean] = schema.fields;
    expect((thing!.type as Dictionary<Utf8>).dictionary.toString()).toBe("Utf8");
    expect(from!.type).toEqual(new Timestamp(TimeUnit.MILLISECOND, "UTC"));
    expect(Object.fromEntries(mean!.metadata)).toMatchObject({ unit: "Cel" });
  });

  test("GeoJSON of a table without things is refused: there is no place to show", () => {
    const shape = { ...dayShape, columns: dayShape.columns.slice(1) };
    expect(() => geojson.writeTable(tableOfRows(shape, []), options)).toThrow(RangeError);
  });
});

test("dictionaries of a long Arrow stream change from batch to batch", async () => {
  const rows = Array.from({ length: 200_000 }, (_, n) => [`thing ${Math.floor(n / 1000)}`, n]);
  const shape = { ...dayShape, columns: dayShape.columns.slice(0, 2) };
  const table = tableFromIPC(await bytesOf(arrow, shape, rows));
  expect(table.numRows).toBe(rows.length);
  expect(table.batches.length).toBeGreaterThan(2);
  for (const row of [0, 65_535, 65_536, 140_000, 199_999])
    expect(table.get(row)!.toJSON()).toEqual({ thing: rows[row]![0], from: row });
});

test("GeoJSON of observations has those of the API as properties, where their things stand", async () => {
  const bytes = await collect(
    geojson.write(source([toChunk(observations)]), {
      catalogue,
      positionOf: (thing) => (thing === "roof" ? { longitude: 13.4, latitude: 52.5 } : undefined),
    }),
  );
  const { features } = JSON.parse(Buffer.from(bytes).toString()) as { features: Item[] };
  const lines = Buffer.from(await collect(ndjson.write(source([toChunk(observations)]), { catalogue })));
  expect(features.map(({ properties }) => properties)).toEqual(
    lines
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Item),
  );
  expect(features.map(({ geometry }) => geometry)).toEqual(
    observations.map(({ datastream }) =>
      datastream.startsWith("roof/") ? { type: "Point", coordinates: [13.4, 52.5] } : null,
    ),
  );
});

const python = pythonWith("pyarrow");
test.skipIf(python === undefined)(
  `pyarrow reads a stream with every kind of column${python === undefined ? " (python3 with pyarrow is not installed)" : ""}`,
  async () => {
    const stream = await bytesOf(arrow, dayShape, dayRows);
    const script =
      "import sys, pyarrow.ipc as ipc; t = ipc.open_stream(sys.stdin.buffer).read_all(); t.validate(full=True); print(t.schema.field('from').type, t.num_rows, t['count'].to_pylist(), t['note'].to_pylist()[1])";
    const output = execFileSync(python!, ["-c", script], { input: stream }).toString().trim();
    expect(output).toBe("timestamp[ms, tz=UTC] 4 [24, 0, 3, 1099511627776] =1+1");
  },
);

function pythonWith(module: string): string | undefined {
  const python3 = process.env["MESSNETZ_TEST_PYTHON"] ?? findProgram("python3");
  if (python3 === undefined) return undefined;
  return spawnSync(python3, ["-c", `import ${module}`]).status === 0 ? python3 : undefined;
}
