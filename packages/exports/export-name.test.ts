import * as fc from "fast-check";
import { expect, test } from "vitest";
import { exportName } from "./export-name.ts";

const berlin = (text: string) => Temporal.ZonedDateTime.from(`${text}[Europe/Berlin]`).epochMilliseconds;
const format = { extension: "csv" };

test.each([
  ["2026-03-01T00:00", "2026-04-01T00:00", "2026-03"],
  ["2026-01-01T00:00", "2027-01-01T00:00", "2026"],
  ["2024-01-01T00:00", "2027-01-01T00:00", "2024--2026"],
  ["2026-01-01T00:00", "2026-04-01T00:00", "2026-01--2026-03"],
  ["2026-03-29T00:00", "2026-03-30T00:00", "2026-03-29"],
  ["2026-10-20T00:00", "2026-10-27T00:00", "2026-10-20--2026-10-26"],
  ["2026-03-01T06:00", "2026-04-01T06:00", "2026-03-01T0500Z--2026-04-01T0400Z"],
])("the span from %s to %s in Berlin is %s", (from, to, span) => {
  expect(exportName({ what: "water", from: berlin(from), to: berlin(to), format })).toBe(`water_${span}.csv`);
});

test("the name tells content, window, format and compression", () => {
  const span = { from: berlin("2026-03-01T00:00"), to: berlin("2026-04-01T00:00") };
  expect(exportName({ what: "water", ...span, window: "hour", format, compression: { extension: "gz" } })).toBe(
    "water_2026-03_hour.csv.gz",
  );
  expect(exportName({ what: ["weir-1", "water_level"], ...span, format: { extension: "parquet" } })).toBe(
    "weir-1_water_level_2026-03.parquet",
  );
});

test("an open span says so, and seconds are told where there are any", () => {
  expect(exportName({ what: "a", format })).toBe("a_all.csv");
  expect(exportName({ what: "a", from: 0, format })).toBe("a_since-1970-01-01T0000Z.csv");
  expect(exportName({ what: "a", to: 1500, format })).toBe("a_until-1970-01-01T000001.500Z.csv");
  expect(exportName({ what: "a", from: 0, to: 61_000, format })).toBe("a_1970-01-01T0000Z--1970-01-01T000101Z.csv");
});

test("umlauts are spelled, and what asks for trouble is left out", () => {
  expect(exportName({ what: ["Bäume/Süd", "../../etc/passwd", "-rf"], format })).toBe(
    "Baeume-Sued_etc-passwd_rf_all.csv",
  );
  expect(exportName({ what: "水位", format })).toBe("messnetz_all.csv");
});

test("any content gives a name that every file system and header takes", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (what) => {
      expect(exportName({ what, format })).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,140}\.csv$/);
    }),
  );
});
