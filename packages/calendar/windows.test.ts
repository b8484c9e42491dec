import { describe, expect, it } from "vitest";
import { baseWindowMsOf, type WindowName, windowNames, windowsOf } from "./windows.ts";

const hourMs = 3_600_000;
const utc = (text: string): number => Date.parse(`${text}Z`);
const span = (window: WindowName, from: string, to: string, timeZone?: string) =>
  windowsOf({ window, from: utc(from), to: utc(to), ...(timeZone === undefined ? {} : { timeZone }) });
const hours = (windows: readonly { from: number; to: number }[]) => windows.map(({ from, to }) => (to - from) / hourMs);
const isoOf = (windows: readonly { from: number; to: number; label: string }[]) =>
  windows.map(({ from, to, label }) => `${label}: ${new Date(from).toISOString()} ${new Date(to).toISOString()}`);

describe("windows of the calendar", () => {
  it("has days of 23 and of 25 hours", () => {
    const spring = span("day", "2026-03-28T00:00", "2026-03-30T00:00");
    expect(spring.map(({ label }) => label)).toEqual(["2026-03-28", "2026-03-29", "2026-03-30"]);
    expect(hours(spring)).toEqual([24, 23, 24]);
    expect(hours(span("day", "2026-10-24T00:00", "2026-10-26T00:00"))).toEqual([24, 25, 24]);
  });

  it("puts the short gas day on the 28th of March, the long one on the 24th of October", () => {
    expect(isoOf(span("gas-day", "2026-03-28T05:00", "2026-03-29T05:00"))).toEqual([
      "2026-03-28: 2026-03-28T05:00:00.000Z 2026-03-29T04:00:00.000Z",
      "2026-03-29: 2026-03-29T04:00:00.000Z 2026-03-30T04:00:00.000Z",
    ]);
    expect(hours(span("gas-day", "2026-10-24T04:00", "2026-10-26T05:00"))).toEqual([25, 24]);
    expect(isoOf(span("gas-month", "2026-03-01T04:59", "2026-03-02T00:00"))).toEqual([
      "2026-02: 2026-02-01T05:00:00.000Z 2026-03-01T05:00:00.000Z",
      "2026-03: 2026-03-01T05:00:00.000Z 2026-04-01T04:00:00.000Z",
    ]);
  });

  it("ends an operating day at half past four in the morning", () => {
    expect(isoOf(span("operating-day", "2026-10-25T03:29", "2026-10-25T03:31"))).toEqual([
      "2026-10-24: 2026-10-24T02:30:00.000Z 2026-10-25T03:30:00.000Z",
      "2026-10-25: 2026-10-25T03:30:00.000Z 2026-10-26T03:30:00.000Z",
    ]);
  });

  it("knows heating seasons and nothing between them", () => {
    expect(isoOf(span("heating-season", "2025-01-01T00:00", "2026-12-31T00:00"))).toEqual([
      "2024/25: 2024-09-30T22:00:00.000Z 2025-04-30T22:00:00.000Z",
      "2025/26: 2025-09-30T22:00:00.000Z 2026-04-30T22:00:00.000Z",
      "2026/27: 2026-09-30T22:00:00.000Z 2027-04-30T22:00:00.000Z",
    ]);
    expect(span("heating-season", "2026-05-01T00:00", "2026-09-01T00:00")).toEqual([]);
  });

  it("names weeks as ISO 8601 does", () => {
    expect(isoOf(span("week", "2026-12-28T00:00", "2027-01-04T00:00"))).toEqual([
      "2026-W53: 2026-12-27T23:00:00.000Z 2027-01-03T23:00:00.000Z",
      "2027-W01: 2027-01-03T23:00:00.000Z 2027-01-10T23:00:00.000Z",
    ]);
  });

  it("names months, quarters and years", () => {
    const labels = (window: WindowName) =>
      span(window, "2025-12-31T12:00", "2026-04-15T00:00").map(({ label }) => label);
    expect(labels("month")).toEqual(["2025-12", "2026-01", "2026-02", "2026-03", "2026-04"]);
    expect(labels("quarter")).toEqual(["2025-Q4", "2026-Q1", "2026-Q2"]);
    expect(labels("year")).toEqual(["2025", "2026"]);
  });

  it("tells the two hours of the long night apart by their offset", () => {
    expect(span("hour", "2026-10-25T00:00", "2026-10-25T02:00").map(({ label }) => label)).toEqual([
      "2026-10-25T02:00+02:00",
      "2026-10-25T02:00+01:00",
    ]);
    expect(span("quarter-hour", "2026-03-29T00:45", "2026-03-29T01:15").map(({ label }) => label)).toEqual([
      "2026-03-29T01:45+01:00",
      "2026-03-29T03:00+02:00",
    ]);
  });

  it.each(windowNames.filter((name) => name !== "heating-season"))(
    "covers a year by %s without gap or overlap",
    (name) => {
      const windows = span(name, "2025-12-31T23:00", "2026-12-31T23:00");
      for (let n = 1; n < windows.length; n++) expect(windows[n]!.from).toBe(windows[n - 1]!.to);
      expect(windows[0]!.from).toBeLessThanOrEqual(utc("2025-12-31T23:00"));
      expect(windows.at(-1)!.to).toBeGreaterThanOrEqual(utc("2026-12-31T23:00"));
      expect(windows.every(({ from, to }) => from % 900_000 === 0 && to % 900_000 === 0)).toBe(true);
      expect(new Set(windows.map(({ label }) => label)).size).toBe(windows.length);
    },
  );

  it("follows other zones: half hours, quarters of an hour, a clock that goes back half an hour", () => {
    const india = span("hour", "2026-01-01T00:00", "2026-01-01T01:00", "Asia/Kolkata");
    expect(india.map(({ label }) => label)).toEqual(["2026-01-01T05:00+05:30", "2026-01-01T06:00+05:30"]);
    expect(baseWindowMsOf(india)).toBe(900_000);
    expect(span("day", "2026-01-01T00:00", "2026-01-01T01:00", "Asia/Kathmandu")[0]!.from).toBe(
      utc("2025-12-31T18:15"),
    );
    expect(hours(span("hour", "2026-04-04T14:00", "2026-04-04T15:30", "Australia/Lord_Howe"))).toEqual([1.5]);
    expect(hours(span("day", "2026-04-04T14:00", "2026-04-04T15:30", "Australia/Lord_Howe"))).toEqual([24.5]);
  });

  it("leaves out the day that Samoa left out", () => {
    const labels = span("day", "2011-12-29T12:00", "2011-12-31T12:00", "Pacific/Apia").map(({ label }) => label);
    expect(labels).toEqual(["2011-12-29", "2011-12-31", "2012-01-01"]);
  });

  it("asks the store for hours where hours are enough", () => {
    expect(baseWindowMsOf(span("month", "2026-01-01T00:00", "2026-12-01T00:00"))).toBe(hourMs);
    expect(baseWindowMsOf(span("operating-day", "2026-01-01T00:00", "2026-01-02T00:00"))).toBe(900_000);
  });

  it("refuses a zone that is none, and offsets that are none of whole quarters of an hour", () => {
    expect(() => span("day", "2026-01-01T00:00", "2026-01-02T00:00", "Europe/Atlantis")).toThrow(
      'expected a name of the IANA time zone database like Europe/Berlin, came "Europe/Atlantis"',
    );
    for (const name of ["day", "hour"] as const) {
      expect(() => span(name, "1960-01-01T00:00", "1960-01-03T00:00", "Africa/Monrovia")).toThrow(
        "expected an offset of whole quarters of an hour, came -00:44:30",
      );
    }
  });

  it("has no window for an empty span", () => {
    expect(span("day", "2026-01-01T00:00", "2026-01-01T00:00")).toEqual([]);
    expect(span("hour", "2026-01-02T00:00", "2026-01-01T00:00")).toEqual([]);
  });
});
