import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { problemText } from "../document-problem.ts";
import { compileLayout, type LayoutResult } from "./compile-layout.ts";
import { layoutSchema } from "./layout-schema.ts";

const uplink = Date.parse("2026-03-29T12:07:30Z");

function compiled(yaml: string) {
  const layout = compileLayout(layoutSchema.parse(parse(yaml)));
  if ("problems" in layout) throw new Error(layout.problems.map(problemText).join("\n"));
  return layout;
}

function read(yaml: string, hex: string, port = 1): LayoutResult {
  const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
  return compiled(yaml).read({ bytes, port, time: uplink });
}

/** The object of a frame whose only kind has these fields. */
function decoded(fields: string, hex: string): unknown {
  const result = read(`{ endian: little, frames: [{ fields: [${fields}] }] }`, hex);
  return "decoded" in result ? result.decoded : result;
}

function refused(fields: string, hex: string): string {
  const result = read(`{ endian: little, frames: [{ fields: [${fields}] }] }`, hex);
  return "problem" in result ? `${result.problem.expected}, came ${result.problem.came}` : JSON.stringify(result);
}

function problems(yaml: string): string {
  const parsed = layoutSchema.safeParse(parse(yaml));
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `${path.join(" → ")}: ${message}`).join("\n");
  const layout = compileLayout(parsed.data);
  return "problems" in layout ? layout.problems.map(problemText).join("\n") : "";
}

describe("a field is read", () => {
  it.each([
    ["u8", "ff", 255],
    ["i8", "ff", -1],
    ["u16", "0102", 0x0201],
    ["u16be", "0102", 0x0102],
    ["i16be", "8000", -32_768],
    ["u24", "010203", 0x030201],
    ["i24be", "fffffe", -2],
    ["i24", "feffff", -2],
    ["u32be", "ffffffff", 4_294_967_295],
    ["i32", "feffffff", -2],
    ["u40", "0000000001", 2 ** 32],
    ["i48be", "ffffffffffff", -1],
    ["u64be", "001efb0000000000", Number(0x001efb0000000000n)],
    ["i64", "ffffffffffffffff", -1],
    ["f16be", "c580", -5.5],
    ["f32", "9a99ad41", 21.7],
    ["f64be", "c025000000000000", -10.5],
  ])("as %s", (type, hex, value) => {
    expect(decoded(`{ name: a, type: ${type} }`, hex)).toEqual({ a: value });
  });

  it.each([
    ["bcd, length: 3", "563412", 123_456],
    ["bcdbe, length: 3", "123456", 123_456],
    ["bcd, length: 2", "12f0", -12],
    ["hex, length: 2", "00aF", "00af"],
    ["ascii, length: 6", "4142432000 00", "ABC"],
    ["decimal, length: rest", "2d31322e35", -12.5],
  ])("as %s", (type, hex, value) => {
    expect(decoded(`{ name: a, type: ${type} }`, hex)).toEqual({ a: value });
  });

  it("with the low word first, as Modbus registers often stand", () => {
    const layout =
      "{ endian: big-words-swapped, frames: [{ fields: [{ name: a, type: u32 }, { name: b, type: u16 }] }] }";
    expect(read(layout, "0bf0 0001 0102")).toEqual({ decoded: { a: 0x0001_0bf0, b: 0x0102 } });
  });

  it("scaled as written in decimals, without the noise of binary fractions", () => {
    expect(decoded("{ name: a, type: u16, scale: 0.001 }", "470e")).toEqual({ a: 3.655 });
  });

  it.each([
    ["['- 16384', '/ 32768']", -0.000_732_421_875],
    ["['* 10^ -2']", 163.6],
    ["[negate, absolute, sqrt, 'round 2']", 127.91],
    ["['polynomial 1 0.5']", 8181],
    ["['% 1000', 'min 100', 'max 50']", 100],
    ["['- uplink', '+ 1774786050']", 16_360],
  ])("by steps %s", (calc, value) => {
    expect(decoded(`{ name: a, type: u16, calc: ${calc} }`, "e83f")).toEqual({ a: value });
  });

  it("by an exponent that the frame tells", () => {
    const fields = "{ name: _exponent, type: i8 }, { name: a, type: u16, calc: ['* 10^ _exponent'] }";
    expect(decoded(fields, "fe d204")).toEqual({ a: 12.34 });
  });

  it("and left out where it holds a code for none, or no number", () => {
    const fields =
      "{ name: a, type: i16, absent: [0x7FFF], scale: 0.1 }, { name: b, type: f32 }, { name: c, type: u8 }";
    expect(decoded(fields, "ff7f 0000c07f 01")).toEqual({ c: 1 });
  });

  it("at its place, into an object of the object", () => {
    expect(decoded("{ name: a.b, type: u8, at: 2 }, { name: a.c, type: u8 }", "0000 0102")).toEqual({
      a: { b: 1, c: 2 },
    });
  });

  it("as bits of a word, as far as they go", () => {
    const fields = "{ word: u16, bits: { a: 0, b: 1-3, c: { bits: 4-15, signed: true, scale: 0.5 } } }";
    expect(decoded(fields, "f5ff")).toEqual({ a: 1, b: 2, c: -0.5 });
  });

  it("made of earlier ones", () => {
    const fields = "{ name: _a, type: u8 }, { name: _b, type: u8 }, { name: c, of: _a, calc: ['* 256', '+ _b'] }";
    expect(decoded(fields, "0102")).toEqual({ c: 258 });
  });
});

describe("a frame is told", () => {
  const layout = `
    endian: big
    frames:
      - { ports: [3], skip: a sign of life }
      - { ports: [2], starts: "01..0a", length: 4, fields: [{ name: four, type: u32 }] }
      - { ports: [2], starts: "01", fields: [{ skip: 1 }, { name: rest, type: hex, length: rest }] }
      - { length: { max: 2 }, fields: [{ name: short, type: u8 }, { optional: [{ name: more, type: u8 }] }] }`;

  it.each([
    [3, "ffff", { skip: "a sign of life" }],
    [2, "01ff0a00", { decoded: { four: 0x01ff0a00 } }],
    [2, "01ff0b00", { decoded: { rest: "ff0b00" } }],
    [9, "07", { decoded: { short: 7 } }],
    [9, "0708", { decoded: { short: 7, more: 8 } }],
  ])("on port %i by %s", (port, hex, result) => {
    expect(read(layout, hex, port)).toEqual(result);
  });

  it("and what is none of them is refused with all that were expected", () => {
    const result = read(layout, "070809", 9);
    expect(result).toEqual({
      problem: {
        expected:
          "a frame of 0 or more bytes on port 3 or 4 bytes on port 2 beginning with 01..0a or 0 or more bytes on port 2 beginning with 01 or 0 to 2 bytes",
        came: "port 9, 3 bytes: 070809",
      },
    });
  });
});

describe("a frame is refused as a whole", () => {
  it.each([
    ["that is too short", "{ name: level, type: u16 }", "01", "2 bytes for level at byte 0, came 1 more"],
    ["that is too long", "{ name: level, type: u16 }", "010203", "a frame of 2 bytes, came 3: 010203"],
    ["that lacks a fixed byte", "{ const: '0a' }", "0b", "0a at byte 0, came 0b"],
    [
      "with an unknown channel",
      "{ channels: { '01': [{ name: a, type: u8 }] } }",
      "0101 0203",
      "keys 01 at byte 2, came 02",
    ],
    ["with two values of one field", "{ channels: { '01': [{ name: a, type: u8 }] } }", "0101 0102", "one value of a"],
    [
      "with a flag that nobody knows",
      "{ mask: u8, groups: { 0: [{ name: a, type: u8 }] } }",
      "0301",
      "bits 0, came 0x3",
    ],
    ["of an unknown case", "{ name: k, type: u8 }, { switch: k, cases: { 1: [] } }", "02", "k of 1, came 2"],
    ["whose digits are none", "{ name: a, type: bcd, length: 1 }", "1b", "decimal digits in a, came 1b"],
    ["whose text is none", "{ name: a, type: ascii, length: 1 }", "07", "printable ASCII in a, came 07"],
    ["whose arithmetic fails", "{ name: a, type: u8, calc: [reciprocal] }", "00", "a number for a"],
    [
      "whose date the calendar lacks",
      "{ name: _y, type: u8 }, { date: d, of: [_y, _y, _y], zone: utc }",
      "20",
      "a date of",
    ],
    ["with part of what comes together", "{ optional: [{ name: a, type: u16 }] }", "01", "2 bytes for a"],
  ])("%s", (_, fields, hex, told) => {
    expect(refused(fields, hex)).toContain(told);
  });
});

describe("channels", () => {
  const entries = `
    "0175": [{ name: battery, type: u8 }]
    "<n>67": [{ name: "temperature_<n>", type: i16, scale: 0.1 }]
    "ff..": [{ skip: 1 }]
    "20ce": { into: history, fields: [{ name: timestamp, type: u32 }, { name: level, type: u16 }] }`;
  const layout = `{ endian: little, frames: [{ fields: [{ channels: { ${entries.trim().split("\n").join(",")} } }] }] }`;

  it("are read in any order, with the number of the channel in the name and entries of a time of their own in a list", () => {
    const hex = "0367e800 017563 ff0b01 0a679cff 20ce 01000000 0200 20ce 02000000 0300";
    expect(read(layout, hex)).toEqual({
      decoded: {
        battery: 99,
        temperature_3: 23.2,
        temperature_10: -10,
        history: [
          { timestamp: 1, level: 2 },
          { timestamp: 2, level: 3 },
        ],
      },
    });
  });

  it("that tell their length are read over where nobody knows them, and stand in the object to be refused by themselves", () => {
    const sized = `{ channels: { "01": [{ name: a, type: u8 }], "02": [{ name: t, type: ascii, length: rest }] }, lengthBytes: 1 }`;
    expect(decoded(sized, "010107 0302beef 02024142")).toEqual({ a: 7, unknown_03: "beef", t: "AB" });
    expect(refused(sized, "01020708")).toContain("1 bytes in the entry 01, came 2");
    expect(refused(sized, "0105 07")).toContain("5 bytes for an entry");
  });
});

describe("repetitions", () => {
  it("sum up from a register, and nobody knows the sum any more after an entry without a value", () => {
    const fields = `{ name: start, type: u16 }, { name: at0, type: u32 }, { repeat: log, count: rest,
      times: { name: at, from: at0, first: 3600, step: 3600 },
      fields: [{ name: volume, type: u8, running: start, absent: [255] }] }, { name: end, type: u8 }`;
    expect(decoded(fields, "e803 00000000 01 02 ff 03 09")).toEqual({
      start: 1000,
      at0: 0,
      log: [{ at: 3600, volume: 1001 }, { at: 7200, volume: 1003 }, { at: 10_800 }, { at: 14_400 }],
      end: 9,
    });
  });

  it("count back from the quarter of an hour of the uplink", () => {
    const fields =
      "{ repeat: log, count: 2, times: { name: at, from: uplink, floor: 900, step: -900 }, fields: [{ name: a, type: u8 }] }";
    const quarter = Date.parse("2026-03-29T12:00:00Z") / 1000;
    expect(decoded(fields, "0102")).toEqual({
      log: [
        { at: quarter, a: 1 },
        { at: quarter - 900, a: 2 },
      ],
    });
  });

  it("of as many entries as a field says", () => {
    const fields = "{ name: _n, type: u8 }, { repeat: log, count: _n, fields: [{ name: a, type: u8 }] }";
    expect(decoded(fields, "020708")).toEqual({ log: [{ a: 7 }, { a: 8 }] });
    expect(refused(fields, "0307")).toContain("1 bytes for a at byte 2, came 0 more");
  });
});

it("flags say which groups follow", () => {
  const fields = `{ mask: u16be, groups: { 0: [{ name: level, type: u16be }, { name: temperature, type: u16be, calc: ['- 32768', '/ 100'] }],
    1: [{ name: battery, type: u16be, scale: 0.001 }] } }`;
  expect(decoded(fields, "0003 1088 8862 0c60")).toEqual({ level: 4232, temperature: 21.46, battery: 3.168 });
  expect(decoded(fields, "0002 0c60")).toEqual({ battery: 3.168 });
});

it("dates of parts are those of the calendar, and zeros are none", () => {
  const parts = "y, m, d, h"
    .split(", ")
    .map((name) => `{ name: _${name}, type: u8 }`)
    .join(",");
  const fields = `${parts}, { date: at, of: [_y, _m, _d, _h], zone: local }`;
  expect(decoded(fields, "1a031d02")).toEqual({ at: "2026-03-29T02:00:00" });
  expect(decoded(fields, "00000000")).toEqual({});
});

it("conditions hold where an earlier field has one of the values", () => {
  const fields =
    "{ name: k, type: u8 }, { name: a, type: u8, when: { k: [1, 2] } }, { name: b, type: u16, when: { k: 3 } }";
  expect(decoded(fields, "0207")).toEqual({ k: 2, a: 7 });
  expect(decoded(fields, "030700")).toEqual({ k: 3, b: 7 });
  expect(decoded(fields, "04")).toEqual({ k: 4 });
});

describe("a layout that is wrong says where and why", () => {
  it.each([
    ["{ name: a, type: u16 }", "frames → 0 → fields → 0: u16 needs le or be"],
    ["{ name: a, type: u17 }", "frames → 0 → fields → 0 → type: u8 … u64"],
    ["{ nmae: a, type: u8 }", "frames → 0 → fields → 0"],
    ["{ nothing: 1 }", "an item with one of the keys type"],
    ["{ name: __proto__, type: u8 }", "JavaScript"],
    ["{ name: a, type: u8 }, { name: b, type: u8, at: 0 }", "fields → 1: at: 0 overlaps"],
    ["{ name: a, type: ascii }", "ascii needs a length"],
    ["{ name: a, type: u8, calc: ['* b'] }", "calc → 0: b is no field that stands before"],
    ["{ name: a, type: u8, calc: [twice] }", "twice is none of the steps"],
    ["{ word: u8, bits: { a: 0-3, b: 3 } }", "bits → b: bit 3 overlaps a"],
    ["{ word: u8, bits: { a: 8 } }", "bit 8 is not in a u8"],
    ["{ mask: u8, groups: { 9: [] } }", "bit 9 is not in a u8"],
    ["{ channels: { '01': [], '0102': [] } }", "all keys of as many bytes"],
    ["{ channels: { '0g': [] } }", "hexadecimal"],
    ["{ channels: { '01': [{ name: 'a_<n>', type: u8 }] } }", "<n> of a_<n> stands in no key"],
    ["{ channels: { '01': [] } }, { optional: [{ name: a, type: u8 }] }", "behind channels must have a fixed length"],
    ["{ repeat: a, count: 3, fields: [{ optional: [{ name: b, type: u8 }] }] }", "at least one byte"],
    ["{ switch: k, cases: { 1: [] } }", "k is no field that stands before"],
  ])("%s", (fields, told) => {
    expect(problems(`{ frames: [{ fields: [${fields}] }] }`)).toContain(told);
  });

  it.each([
    ["{ frames: [{ ports: [1] }] }", "frames → 0: either fields or skip"],
    ["{ frames: [{ length: 3, fields: [{ name: a, type: u8 }] }] }", "the fields take 1 bytes, not 3"],
    [
      "{ frames: [{ ports: [1, 2], skip: yes it does }, { ports: [2], starts: '01', skip: too }] }",
      "frames → 1: never reached",
    ],
  ])("%s", (yaml, told) => {
    expect(problems(yaml)).toContain(told);
  });
});

describe("a condition", () => {
  const ranged = "{ name: a, type: u8 }, { name: b, type: u8, when: { a: { min: 2, max: 4 } } }";

  it.each([
    ["02 07", { a: 2, b: 7 }],
    ["04 07", { a: 4, b: 7 }],
    ["05", { a: 5 }],
    ["01", { a: 1 }],
  ])("holds in a range: %s", (hex, object) => {
    expect(decoded(ranged, hex)).toEqual(object);
  });

  it("may have one bound alone, and never holds for a word", () => {
    expect(decoded("{ name: a, type: i8 }, { name: b, of: a, when: { a: { max: -1 } } }", "ff")).toEqual({
      a: -1,
      b: -1,
    });
    const word = "{ name: a, type: ascii, length: 1 }, { name: b, text: big, when: { a: { min: 0 } } }";
    expect(decoded(word, "39")).toEqual({ a: "9" });
    expect(problems("frames: [{ fields: [{ name: a, type: u8 }, { name: b, of: a, when: { a: {} } }] }]")).toContain(
      "when",
    );
  });

  it("keeps M-Bus records of a frame that has them", () => {
    const fields = "{ name: a, type: u8 }, { mbus: {}, when: { a: 1 } }";
    expect(decoded(fields, "01 0413 e8030000")).toEqual({ a: 1, volume: 1, volume_unit: "m3" });
    expect(decoded(fields, "02")).toEqual({ a: 2 });
  });
});

describe("a word that the bytes have not", () => {
  it("stands in the object, and others may refer to it", () => {
    const fields = "{ name: kind, text: alarm }, { switch: kind, cases: { alarm: [{ name: a, type: u8 }] } }";
    expect(decoded(fields, "05")).toEqual({ kind: "alarm", a: 5 });
  });

  it("stands there under its condition only", () => {
    const fields = "{ name: a, type: u8 }, { name: kind, text: low, when: { a: 0 } }";
    expect(decoded(fields, "00")).toEqual({ a: 0, kind: "low" });
    expect(decoded(fields, "01")).toEqual({ a: 1 });
  });
});

it("a zero has no sign", () => {
  expect(decoded("{ name: a, type: u8, scale: -1 }", "00")).toEqual({ a: 0 });
});
