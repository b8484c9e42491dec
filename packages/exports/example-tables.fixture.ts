import * as fc from "fast-check";
import type { Table, TableChunk, TableColumn, TableShape } from "./table.ts";
import { type Cell, tableOfRows } from "./table-of-rows.ts";

/** A column of each type, with and without unit, and words that a spreadsheet would run. */
export const dayShape: TableShape = {
  name: "aggregates",
  columns: [
    { name: "thing", type: "text", presence: "required", label: { de: "Messstelle", en: "Thing" } },
    { name: "from", type: "timestamp", presence: "required", label: { de: "Beginn", en: "Begin" } },
    { name: "count", type: "integer", presence: "required", label: { de: "Anzahl", en: "Count" }, unit: "1" },
    {
      name: "mean",
      type: "double",
      label: { de: "Mittel", en: "Mean" },
      unit: "Cel",
      description: "By time, each value held until the next.",
    },
    { name: "is_complete", type: "boolean", label: { de: "Vollständig", en: "Complete" } },
    { name: "note", type: "text" },
    { name: "computed", type: "timestamp", clock: "utc", label: { de: "Berechnet", en: "Computed" } },
  ],
};

const day = Date.parse("2026-03-28T23:00:00Z");
export const dayRows: readonly (readonly Cell[])[] = [
  ["weir-1", day, 24, -3.25, true, undefined, day + 1],
  ["weir-1", day + 82_800_000, 0, undefined, false, "=1+1", undefined],
  ["-x", day, 3, 0.1, undefined, "a;b", day],
  ["bäume/ß", day, 2 ** 40, 12, true, '"quoted"\r\nand two lines', day],
];

/** The rows, cut into chunks of these lengths in turn. */
export function cutTable(shape: TableShape, rows: readonly (readonly Cell[])[], lengths: readonly number[]): Table {
  async function* chunks(): AsyncIterable<TableChunk> {
    for (let at = 0, n = 0; at < rows.length; n++) {
      const length = lengths[n % lengths.length]!;
      yield* tableOfRows(shape, rows.slice(at, at + length)).chunks;
      at += length;
    }
  }
  return { shape, chunks: chunks() };
}

const instant = fc.oneof(
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
  fc.integer({ min: -3_000_000_000, max: -1 }).map((seconds) => seconds * 1000 + 250),
);
const hostile = fc.constantFrom(
  "=1+1",
  "+1",
  "-1",
  "@A1",
  "\t=1",
  "＝1",
  "'=1",
  "_x0041_",
  "<&>\"'",
  "a;b,c",
  "\u0001",
);
const cellOf: Readonly<Record<TableColumn["type"], fc.Arbitrary<Cell>>> = {
  text: fc.oneof(fc.constantFrom("a", "b"), hostile, fc.string({ unit: "grapheme", minLength: 1 })),
  timestamp: instant,
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  integer: fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
  boolean: fc.boolean(),
};
const types = Object.keys(cellOf) as TableColumn["type"][];

/** Tables of any columns; a first column with a value in each row, so that no reader takes a row for empty. */
export const anyTable = fc
  .array(fc.record({ type: fc.constantFrom(...types), isRequired: fc.boolean() }), { minLength: 1, maxLength: 6 })
  .chain((list) => {
    const columns: TableColumn[] = [
      { name: "n", type: "integer", presence: "required" },
      ...list.map(({ type, isRequired }, at): TableColumn => ({
        name: `c${at}`,
        type,
        presence: isRequired ? "required" : "optional",
      })),
    ];
    const row = fc.tuple(
      ...columns.map(({ type, presence }) =>
        presence === "required" ? cellOf[type] : fc.option(cellOf[type], { nil: undefined }),
      ),
    );
    return fc.record({
      shape: fc.constant<TableShape>({ name: "anything", columns }),
      rows: fc.array(row, { maxLength: 40 }),
    });
  });
