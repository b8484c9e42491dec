import { expect, it } from "vitest";
import { createDayOf } from "./day.ts";

it.each([
  ["2026-03-28T22:59:59.999Z", "2026-03-28"],
  ["2026-03-28T23:00:00Z", "2026-03-29"],
  ["2026-03-29T21:59:59Z", "2026-03-29"],
  ["2026-03-29T22:00:00Z", "2026-03-30"],
  ["2026-10-25T22:59:59Z", "2026-10-25"],
  ["2026-10-25T23:00:00Z", "2026-10-26"],
])("%s is on %s in Berlin", (instant, day) => {
  const dayOf = createDayOf("Europe/Berlin");
  expect(dayOf(Date.parse(instant))).toBe(day);
  expect(dayOf(Date.parse(instant))).toBe(day);
});

it("knows zones whose offset is 45 minutes", () => {
  expect(createDayOf("Asia/Kathmandu")(Date.parse("2026-01-01T18:15:00Z"))).toBe("2026-01-02");
});
