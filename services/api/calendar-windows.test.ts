import { windowsOf } from "@messnetz/calendar";
import { expect, test } from "vitest";
import { compareWindows, type WindowChoice } from "./calendar-windows.ts";

type Window = WindowChoice["window"];

function pairs(window: Window, [from, to]: readonly [string, string], period: string, timeZone = "Europe/Berlin") {
  const windows = windowsOf({ window, timeZone, from: Date.parse(from), to: Date.parse(to) });
  const compared = compareWindows(windows, period, { window, timeZone });
  return windows.map(({ label }, at) => {
    const partner = compared.partners[at];
    return [label, partner === undefined ? undefined : compared.windows[partner]!.label];
  });
}

test("29 February has no partner a year before, and 28 February one", () => {
  expect(pairs("day", ["2024-02-27T23:00Z", "2024-03-01T23:00Z"], "P1Y")).toEqual([
    ["2024-02-28", "2023-02-28"],
    ["2024-02-29", undefined],
    ["2024-03-01", "2023-03-01"],
  ]);
});

test("of the days of March none is compared with a day of February twice", () => {
  const days = pairs("day", ["2026-02-28T23:00Z", "2026-03-31T22:00Z"], "P1M");
  expect(days).toHaveLength(31);
  expect(days.slice(27)).toEqual([
    ["2026-03-28", "2026-02-28"],
    ["2026-03-29", undefined],
    ["2026-03-30", undefined],
    ["2026-03-31", undefined],
  ]);
});

test("the hours of both nights have partners where the clock showed that hour, each once", () => {
  expect(pairs("hour", ["2026-10-24T23:00Z", "2026-10-25T03:00Z"], "P1D")).toEqual([
    ["2026-10-25T01:00+02:00", "2026-10-24T01:00+02:00"],
    ["2026-10-25T02:00+02:00", "2026-10-24T02:00+02:00"],
    ["2026-10-25T02:00+01:00", undefined],
    ["2026-10-25T03:00+01:00", "2026-10-24T03:00+02:00"],
  ]);
  expect(pairs("hour", ["2026-03-30T00:00Z", "2026-03-30T02:00Z"], "P1D")).toEqual([
    ["2026-03-30T02:00+02:00", undefined],
    ["2026-03-30T03:00+02:00", "2026-03-29T03:00+02:00"],
  ]);
});

test("a day of a zone whose clock skips midnight is a partner like any other", () => {
  // Cairo, 25 April 2025: 00:00 is 01:00.
  expect(pairs("day", ["2026-04-24T22:00Z", "2026-04-25T10:00Z"], "P1Y", "Africa/Cairo")).toContainEqual([
    "2026-04-25",
    "2025-04-25",
  ]);
});

test("weeks take the nearest, months, gas months, quarters and seasons those of their names", () => {
  const all = ["2026-01-01T00:00Z", "2026-12-31T00:00Z"] as const;
  expect(new Set(pairs("week", all, "P1Y").map(([, partner]) => partner)).size).toBe(53);
  for (const window of ["month", "gas-month", "quarter", "year", "heating-season"] as const)
    for (const [label, partner] of pairs(window, all, "P1Y"))
      expect(partner, window).toBe(
        label!.replaceAll(/\d{2}(?=\/|$|-)|(?<=\/)\d\d/g, (year, at: number) => {
          const isYear = at === 2 || label![at - 1] === "/";
          return isYear ? String(Number(year) - 1).padStart(2, "0") : year;
        }),
      );
});

test.each([
  ["month", "P1D"],
  ["month", "P3W"],
  ["quarter", "P1M"],
  ["week", "P1D"],
  ["year", "P1M"],
] as const)("%s with %s is refused: it leads to no begin of another window", (window, period) => {
  expect(() => pairs(window, ["2026-01-01T00:00Z", "2026-06-01T00:00Z"], period)).toThrow(
    `expected a period that leads from the begin of one ${window}`,
  );
});
