import { execFile } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { crc32, inflateRawSync } from "node:zlib";
import { findProgram } from "@messnetz/testing";
import { toChunk } from "@messnetz/model";
import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import readWorkbook from "read-excel-file/node";
import { afterAll, describe, expect, test } from "vitest";
import { catalogue, collect, observations, source } from "./example-observations.fixture.ts";
import { anyTable, dayRows, dayShape } from "./example-tables.fixture.ts";
import { csv, type TableOptions, xlsx } from "./index.ts";
import type { TableChunk, TableShape } from "./table.ts";
import { type Cell, tableOfRows } from "./table-of-rows.ts";

const options: TableOptions = {
  source: "Stadtwerke",
  licence: "DL-DE-BY-2.0",
  provenance: { "messnetz.query": "=all" },
};
const folder = mkdtempSync(join(tmpdir(), "messnetz-xlsx-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Sheet by sheet, as an independent reader has it; dates as it reads them, without a zone. */
async function readSheets(bytes: Uint8Array): Promise<{ sheet: string; data: unknown[][] }[]> {
  return (await readWorkbook(Buffer.from(bytes), { trim: false })) as { sheet: string; data: unknown[][] }[];
}

async function write(
  shape: TableShape,
  rows: readonly (readonly Cell[])[],
  more: TableOptions = {},
): Promise<Uint8Array> {
  return collect(xlsx.writeTable(tableOfRows(shape, rows), { ...options, ...more }));
}

test("a workbook has the rows under header and units, and a sheet that says where they come from", async () => {
  const [data, origin] = await readSheets(await write(dayShape, dayRows));
  const utc = (text: string) => new Date(text);
  expect(data).toEqual({
    sheet: "Daten",
    data: [
      [
        "Messstelle",
        "Beginn (Europe/Berlin)",
        "Beginn (UTC)",
        "Anzahl",
        "Mittel",
        "Vollständig",
        "note",
        "Berechnet (UTC)",
      ],
      [null, null, null, null, "°C", null, null, null],
      [
        "weir-1",
        utc("2026-03-29T00:00Z"),
        utc("2026-03-28T23:00Z"),
        24,
        -3.25,
        true,
        null,
        utc("2026-03-28T23:00:00.001Z"),
      ],
      ["weir-1", utc("2026-03-30T00:00Z"), utc("2026-03-29T22:00Z"), 0, null, false, "=1+1", null],
      ["-x", utc("2026-03-29T00:00Z"), utc("2026-03-28T23:00Z"), 3, 0.1, null, "a;b", utc("2026-03-28T23:00Z")],
      [
        "bäume/ß",
        utc("2026-03-29T00:00Z"),
        utc("2026-03-28T23:00Z"),
        2 ** 40,
        12,
        true,
        '"quoted"\r\nand two lines',
        utc("2026-03-28T23:00Z"),
      ],
    ],
  });
  expect(origin!.sheet).toBe("Quelle");
  expect(origin!.data.map(([key, value]) => [key, value])).toEqual(
    expect.arrayContaining([
      ["Quelle", "Stadtwerke"],
      ["Lizenz", "DL-DE-BY-2.0"],
      ["Abfrage", "=all"],
      ["mean", "Mittel"],
    ]),
  );
});

test("an English workbook of raw observations says so in English", async () => {
  const bytes = await collect(xlsx.write(source([toChunk(observations)]), { catalogue, ...options, language: "en" }));
  const [data, origin] = await readSheets(bytes);
  expect(data!.data[0]!.slice(0, 5)).toEqual([
    "Datastream",
    "Thing",
    "Observed property",
    "Channel",
    "Time (Europe/Berlin)",
  ]);
  expect([data!.sheet, origin!.sheet, data!.data.length]).toEqual(["Data", "Source", observations.length + 1]);
});

test("any table is read back cell by cell", async () => {
  await fc.assert(
    fc.asyncProperty(anyTable, async ({ shape, rows }) => {
      const [data] = await readSheets(await write(shape, rows));
      const expected = rows.map((cells) => cells.flatMap((cell, at) => shownAs(shape.columns[at]!.type, cell)));
      expect(data!.data.slice(1).map(cutTimes)).toEqual(expected.map(cutTimes));
    }),
    { numRuns: 60 },
  );
});

/** The reader cuts times before 1970 the other way than those after it: there seconds are compared, here milliseconds. */
function cutTimes(cells: readonly unknown[]): unknown[] {
  return cells.map((cell) =>
    cell instanceof Date && cell.getTime() < 0 ? Math.round((cell.getTime() - 0.5) / 1000) : cell,
  );
}

/** Wall clock and UTC of a time; a time that a spreadsheet has no date for is a text. */
function shownAs(type: string, cell: Cell): unknown[] {
  if (type !== "timestamp") return [cell === undefined ? null : cell === 0 ? 0 : cell];
  if (cell === undefined) return [null, null];
  const offset = Temporal.Instant.fromEpochMilliseconds(cell as number).toZonedDateTimeISO(
    "Europe/Berlin",
  ).offsetNanoseconds;
  return [(cell as number) + Math.floor(offset / 1e6), cell as number].map((wall) =>
    wall < Date.parse("1900-03-01") ? new Date(wall).toISOString().slice(0, -1) : new Date(wall),
  );
}

test("what does not fit one sheet goes on in the next, under the same header", { timeout: 60_000 }, async () => {
  const shape: TableShape = { name: "counts", columns: [{ name: "n", type: "integer", unit: "m3" }] };
  const perSheet = 1_048_574;
  const values = Float64Array.from({ length: perSheet + 3 }, (_, n) => n);
  async function* chunks(): AsyncIterable<TableChunk> {
    for (let at = 0; at < values.length; at += 65_536) {
      const part = values.subarray(at, at + 65_536);
      yield { length: part.length, columns: [part] };
    }
  }
  const bytes = await collect(xlsx.writeTable({ shape, chunks: chunks() }, {}));
  const parts = unzip(bytes);
  expect(parts.get("xl/workbook.xml")!.match(/name="[^"]+"/g)).toEqual([
    'name="Daten"',
    'name="Daten 2"',
    'name="Quelle"',
  ]);
  const last = /<row r="(\d+)"><c r="A\1"><v>(\d+)<\/v><\/c><\/row><\/sheetData>/;
  const [first, second] = [1, 2].map((n) => parts.get(`xl/worksheets/sheet${n}.xml`)!);
  expect(last.exec(first!)?.slice(1)).toEqual(["1048576", String(perSheet - 1)]);
  expect(last.exec(second!)?.slice(1)).toEqual(["5", String(perSheet + 2)]);
  expect(second).toContain('<c r="A2" s="3" t="inlineStr"><is><t xml:space="preserve">m³');
});

/** Parts of a ZIP file by name, by its directory alone. */
function unzip(bytes: Uint8Array): ReadonlyMap<string, string> {
  const file = Buffer.from(bytes);
  const end = file.lastIndexOf(Buffer.from("PK\u0005\u0006"));
  const parts = new Map<string, string>();
  let at = file.readUInt32LE(end + 16);
  for (let n = 0; n < file.readUInt16LE(end + 10); n++) {
    const nameLength = file.readUInt16LE(at + 28);
    const name = file.toString("utf8", at + 46, at + 46 + nameLength);
    const local = file.readUInt32LE(at + 42);
    const begin = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const content = inflateRawSync(file.subarray(begin, begin + file.readUInt32LE(at + 20)));
    expect([content.length, crc32(content)]).toEqual([file.readUInt32LE(at + 24), file.readUInt32LE(at + 16)]);
    parts.set(name, content.toString());
    at += 46 + nameLength;
  }
  return parts;
}

const soffice = findProgram("soffice");
describe.skipIf(soffice === undefined)(
  `LibreOffice${soffice === undefined ? " (soffice is not installed)" : ""}`,
  () => {
    const hostile = [
      "=1+1",
      "+1+1",
      "-1+1",
      "@SUM(A1)",
      "\t=1+1",
      "＝1+1",
      '=HYPERLINK("http://x")',
      "a;=1+1",
      "=cmd|'/c calc'!A1",
      "x\n=1+1",
    ];
    const shape: TableShape = {
      name: "words",
      columns: [
        { name: "n", type: "double", presence: "required" },
        { name: "word", type: "text" },
      ],
    };
    const rows = hostile.map((word, n) => [-n - 0.5, word] as const);

    /** What a person would see: opened without a screen, and saved as CSV with the cells as they are shown. */
    async function opened(name: string, bytes: Uint8Array, importFilter: readonly string[]): Promise<string[][]> {
      const file = join(folder, name);
      writeFileSync(file, bytes);
      const profile = `-env:UserInstallation=file://${join(folder, "profile")}`;
      const filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,true,true,false,false,false,1";
      const target = join(folder, "opened");
      await promisify(execFile)(
        soffice!,
        [profile, "--headless", ...importFilter, "--convert-to", filter, "--outdir", target, file],
        {
          timeout: 120_000,
        },
      );
      const written = globSync(join(target, `${name.split(".")[0]!}*.csv`));
      return parse(readFileSync(written[0]!), { relax_column_count: true });
    }

    test(
      "shows hostile words of a workbook as words, and negative numbers as numbers",
      { timeout: 180_000 },
      async () => {
        const cells = await opened("words.xlsx", await write(shape, rows), []);
        expect(cells.slice(1)).toEqual(rows.map(([n, word]) => [String(n), word]));
      },
    );

    test(
      "shows hostile words of an office CSV as words, and negative numbers as numbers",
      { timeout: 180_000 },
      async () => {
        const bytes = await collect(csv.writeTable(tableOfRows(shape, rows), { dialect: "office" }));
        // Separator `;`, quote `"`, UTF-8, from row 1, German, special numbers recognised, formulas evaluated: the worst that a person may choose.
        const filter = "--infilter=Text - txt - csv (StarCalc):59,34,76,1,,1031,false,true,false,false,true";
        const cells = await opened("office.csv", bytes, [filter]);
        expect(cells.slice(1).map(([n]) => n)).toEqual(rows.map(([n]) => String(n)));
        for (const [at, [, word]] of rows.entries())
          expect(withoutGuards(cells[at + 1]![1]!)).toBe(withoutGuards(word));
      },
    );
  },
);

/** Without each `'` that stands before what would begin a formula. */
function withoutGuards(text: string): string {
  return text.replaceAll(/'(?=[=+\-@\t＝＋－＠])/g, "");
}
