import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteSink } from "./byte-sink.ts";
import { putDecimal } from "./decimal-text.ts";

function write(value: number, separator = "."): string {
  const sink = new ByteSink(8);
  putDecimal(sink, value, separator.charCodeAt(0));
  return new TextDecoder().decode(sink.take());
}

test("every double is written as its shortest decimal", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc
          .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 9 }))
          .map(([digits, decimals]) => digits / 10 ** decimals),
      ),
      (value) => {
        expect(write(value)).toBe(String(value));
      },
    ),
    { numRuns: 5000 },
  );
});

test.each([0, -0, 0.1, -0.001, 0.000001, 1e-7, 123456.789, 999999999999999, 1e15, 1e21, -1e300, 5e-324, 0.1 + 0.2])(
  "%d is written as JavaScript writes it",
  (value) => expect(write(value)).toBe(String(value)),
);

test("the decimal mark may be a comma", () => {
  expect([write(-3.25, ","), write(1.5e-9, ","), write(7, ",")]).toEqual(["-3,25", "1,5e-9", "7"]);
});
