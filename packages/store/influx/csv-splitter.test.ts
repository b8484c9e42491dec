import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listOf } from "../samples.fixture.ts";
import { millisecondsOf, numberOf, ordinalOf, splitCsv, textOf } from "./csv-splitter.ts";

/** As Go's `encoding/csv` writes a field, which is what InfluxDB uses. */
function quoted(field: string): string {
  return /[",\r\n]|^ /.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

async function split(text: string, cuts: readonly number[] = []): Promise<string[][]> {
  const bytes = Buffer.from(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  const parts = ends.map((end, n) => Buffer.from(bytes.subarray(ends[n - 1] ?? 0, end)));
  const rows: string[][] = [];
  for await (const some of splitCsv(partsOf(parts))) {
    for (const row of some) rows.push(Array.from({ length: row.length }, (_, field) => textOf(row, field)));
  }
  return rows;
}

async function* partsOf(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}

async function single(field: string) {
  for await (const some of splitCsv(partsOf([Buffer.from(`x,${field}\n`)]))) {
    for (const row of some) return { number: numberOf(row, 1), ms: millisecondsOf(row, 1), ordinal: ordinalOf(row, 1) };
  }
  throw new Error("no row");
}

const field = fc
  .array(fc.constantFrom('"', ",", "\n", "\r", " ", "a", "ä", "🚪", "\0", "1"), { maxLength: 6 })
  .map((list) => list.join(""));

describe("the splitter of CSV", () => {
  it("gives back what was written, wherever the parts are cut", async () => {
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 5 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(table, fc.array(fc.nat(200), { maxLength: 8 }), async (rows, cuts) => {
        const text = rows.map((row) => `${row.map(quoted).join(",")}\n`).join("");
        expect(await split(text, cuts)).toEqual(rows);
      }),
      { numRuns: 500 },
    );
  });

  it("tells an empty line, and takes a last line without its end", async () => {
    expect(await split("a,b\n\nc,d")).toEqual([["a", "b"], [], ["c", "d"]]);
    expect(await listOf(splitCsv(partsOf([])))).toEqual([]);
  });

  it("reads every number as JavaScript does, without and with an exponent", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
        // JavaScript writes -0 as 0.
        expect((await single(String(value))).number).toBe(value + 0);
      }),
    );
    const decimal = fc.tuple(fc.maxSafeNat(), fc.nat(20)).map(([digits, places]) => {
      const all = String(digits).padStart(places + 1, "0");
      return places === 0 ? all : `${all.slice(0, -places)}.${all.slice(-places)}`;
    });
    await fc.assert(
      fc.asyncProperty(decimal, fc.boolean(), async (digits, isNegative) => {
        const text = isNegative ? `-${digits}` : digits;
        expect((await single(text)).number).toBe(Number(text));
      }),
      { numRuns: 500 },
    );
    expect((await single("")).number).toBeNaN();
  });

  it("reads every count of nanoseconds exactly, before 1970 too", async () => {
    const instant = fc.oneof(
      fc.bigInt({ min: -9_223_372_036_854_775_806n, max: 9_223_372_036_854_775_806n }),
      fc.bigInt({ min: -2_000_001n, max: 2_000_001n }),
    );
    await fc.assert(
      fc.asyncProperty(instant, async (nanoseconds) => {
        const { ms, ordinal } = await single(String(nanoseconds));
        expect(BigInt(ms) * 1_000_000n + BigInt(ordinal)).toBe(nanoseconds);
        expect(ordinal).toBeGreaterThanOrEqual(0);
        expect(ordinal).toBeLessThan(1_000_000);
      }),
      { numRuns: 500 },
    );
  });
});
