import * as fc from "fast-check";
import { expect, it } from "vitest";
import { instantOf } from "./instant.ts";

const two = (most: number) => fc.nat(most).map((number) => String(number).padStart(2, "0"));
const year = fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1960, max: 2100 }));

/** Also what no calendar and no clock has. */
const written = fc
  .record({
    date: fc.tuple(
      year.map((number) => String(number).padStart(4, "0")),
      two(13),
      two(32),
    ),
    time: fc.tuple(two(25), two(61), two(61)),
    fraction: fc.option(fc.stringMatching(/^\d{0,10}$/u)),
    zone: fc.oneof({ weight: 4, arbitrary: fc.constant("Z") }, fc.constantFrom("+01:00", "-00:30", "", "z")),
  })
  .map(
    ({ date, time, fraction, zone }) =>
      `${date.join("-")}T${time.join(":")}${fraction === null ? "" : `.${fraction}`}${zone}`,
  );
const damaged = fc
  .tuple(written, fc.nat(30), fc.constantFrom("", "0", "-", ".", " ", "T", "٣"))
  .map(([text, at, by]) => text.slice(0, at) + by + text.slice(at + 1));

/** What it is by the letter of RFC 3339, however it is read. */
function judge(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/u.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}

it("every day of three centuries, and every digit of a fraction", () => {
  const wrong: string[] = [];
  for (let day = Date.UTC(1900, 0, 1); day < Date.UTC(2200, 0, 1); day += 86_400_000) {
    const text = new Date(day).toISOString();
    if (instantOf(text) !== day) wrong.push(text);
  }
  expect(wrong).toEqual([]);
  expect(instantOf("2026-02-28T23:59:59.987654321Z")).toBe(Date.UTC(2026, 1, 28, 23, 59, 59, 987));
  expect(instantOf("2026-02-28T23:59:59.5Z")).toBe(Date.UTC(2026, 1, 28, 23, 59, 59, 500));
  expect(instantOf("2026-02-28T23:59:59.Z")).toBeUndefined();
});

it("whatever is written, it is the instant that Date.parse finds where RFC 3339 is kept, and none elsewhere", () => {
  fc.assert(
    fc.property(fc.oneof(written, damaged), (text) => {
      expect(instantOf(text)).toBe(judge(text));
    }),
    { numRuns: 3000 },
  );
});
