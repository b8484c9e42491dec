import { toChunk } from "@messnetz/model";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textCell } from "./csv-cell.ts";
import { csv } from "./csv.ts";
import { catalogue, collect, observation, observations, source } from "./example-observations.fixture.ts";
import type { ExportOptions } from "./export-format.ts";

async function write(list = observations, options: Partial<ExportOptions> = {}): Promise<string> {
  const bytes = await collect(csv.write(source([toChunk(list)]), { catalogue, ...options }));
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

describe("golden files", () => {
  test("RFC 4180, for programs", async () => {
    await expect(await write()).toMatchFileSnapshot("golden/rfc4180.csv");
  });

  test("the office dialect in German", async () => {
    await expect(await write(observations, { dialect: "office" })).toMatchFileSnapshot("golden/office-de.csv");
  });

  test("the office dialect in English, of one property, in another zone", async () => {
    const list = observations.filter(({ datastream }) => datastream.endsWith("/water_level"));
    const options = {
      dialect: "office",
      language: "en",
      timeZone: "America/New_York",
      property: "water_level",
    } as const;
    await expect(await write(list, options)).toMatchFileSnapshot("golden/office-en.csv");
  });
});

describe("the office dialect", () => {
  test("begins with a byte order mark and has two decimal marks nowhere", async () => {
    const text = await write([observation({ result: -1234.5 })], { dialect: "office" });
    expect(text.codePointAt(0)).toBe(0xfeff);
    expect(text).toContain(";-1234,5;");
  });

  test("shows the hour that clocks repeat twice by wall clock, and apart by UTC", async () => {
    const first = Date.parse("2026-10-25T00:30:00Z");
    const list = [0, 1, 2].map((hour) => observation({ phenomenonTime: first + hour * 3_600_000 }));
    const rows = (await write(list, { dialect: "office" })).split("\r\n").slice(1, 4);
    expect(rows.map((row) => row.split(";").slice(4, 6))).toEqual([
      ["2026-10-25 02:30:00", "2026-10-25T00:30:00.000Z"],
      ["2026-10-25 02:30:00", "2026-10-25T01:30:00.000Z"],
      ["2026-10-25 03:30:00", "2026-10-25T02:30:00.000Z"],
    ]);
  });

  test("refuses a zone that does not exist", async () => {
    await expect(write(observations, { dialect: "office", timeZone: "Mars/Olympus" })).rejects.toThrow(RangeError);
  });
});

describe("cells", () => {
  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1", "＠A"])(
    "the text %j is no formula",
    (text) => {
      expect(textCell(text, ",").replace(/^"/, "")).toMatch(/^'/);
    },
  );

  test.each([
    ["ok;=HYPERLINK(1)", "ok;'=HYPERLINK(1)"],
    ["ok, =1", "ok, '=1"],
    ["a\t+1", "a\t'+1"],
    ['a; "=1"', `"a; ""'=1"""`],
    ["a\n-1", `"a\n'-1"`],
    ["a; ; @x,＝y", "a; ; '@x,'＝y"],
    [" =1", " '=1"],
  ])("the text %j has no formula behind the separator of another program", (text, cell) => {
    expect(textCell(text, "\0")).toBe(cell);
  });

  test.each(["a-b", "1;2", "a; b, c", "m2.s-1", "x = 1; y", "it's"])("the text %j stays as it is", (text) => {
    expect(textCell(text, "\0")).toBe(text);
  });

  test("a file is without formulas, whichever separator the program that opens it takes", async () => {
    const part = fc.constantFrom(",", ";", "\t", "\n", "\r\n", " ", '"', "'", "=1", "+1", "-1", "@A", "＝1", "a");
    const word = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));
    const isFormula = (cell: string): boolean => /^[\s"]*[=+\-@＝＋－＠]/.test(cell);
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 4 }), async (words) => {
        const list = words.map((result, n) =>
          observation({ datastream: "bay-7/parking_state", phenomenonTime: n * 1000, result }),
        );
        for (const dialect of ["rfc4180", "office"] as const) {
          const text = await write(list, { dialect });
          for (const separator of [",", ";", "\t"]) {
            const lines = text.split(/[\r\n]/);
            expect(lines.flatMap((line) => line.split(separator)).filter(isFormula)).toEqual([]);
            expect(lines.flatMap((line) => readLine(line, separator)).filter(isFormula)).toEqual([]);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("negative results are numbers, not texts", async () => {
    expect(await write([observation({ result: -3.5 })])).toContain(",-3.5,,");
  });

  test("any text is read back by the rules of RFC 4180", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary" }), { minLength: 1 }),
        fc.constantFrom(",", ";"),
        (texts, separator) => {
          const line = texts.map((text) => textCell(text, separator)).join(separator);
          const back = readLine(line, separator);
          expect(back.map(withoutGuards)).toEqual(texts.map(withoutGuards));
          for (const cell of back) expect(cell).not.toMatch(/^[=+\-@\t\r\n\0＝＋－＠]/);
        },
      ),
    );
  });
});

/** Without each `'` that may have been put before a formula. */
function withoutGuards(text: string): string {
  return text.replaceAll(/'(?=[=+\-@\t\r\n\0＝＋－＠])/g, "");
}

/** The rules of RFC 4180, 2.5 to 2.7, in the plainest way. */
function readLine(line: string, separator: string): string[] {
  const cells: string[] = [""];
  let isQuoted = false;
  const append = (text: string): void => void cells.push(`${cells.pop()}${text}`);
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === '"' && isQuoted && line[at + 1] === '"') append(line[at++]!);
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) cells.push("");
    else append(character);
  }
  return cells;
}
