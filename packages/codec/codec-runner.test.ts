import { createFrameDecoder, createProfileSet, type DeviceProfile, isProfile, parseProfile } from "@messnetz/formats";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCodecs } from "./codec-runner.ts";

const device = "lorawan:70b3d57ed0001a2b";
const time = Date.parse("2026-03-29T01:30:00Z");

function profileOf(codec: string): DeviceProfile {
  const content = {
    profile: "brook/test",
    revision: 1,
    title: "Test",
    documentation: "https://example.org",
    match: { names: ["brook test"] },
    fields: {},
    codec: "test.js",
    examples: [{ name: "none", decoded: {}, expect: [] }],
  };
  const profile = parseProfile(content, "test.yaml", codec);
  if (!isProfile(profile)) throw new Error(JSON.stringify(profile.problems));
  return profile;
}

const codecs = createCodecs();
beforeAll(() => {
  const wrong = codecs.check("function Decoder() { return {}; }");
  if (wrong !== undefined) throw new Error(wrong);
});
afterAll(() => codecs.close());

function run(codec: string, bytes: readonly number[] = [1, 2]) {
  return codecs.run(profileOf(codec), { device, names: [], port: 7, bytes: Uint8Array.from(bytes), time });
}

/** What a codec gives that returns this expression. */
function valueOf(expression: string, bytes?: readonly number[]): unknown {
  const result = run(`function decodeUplink(input) { return { data: { value: ${expression} } }; }`, bytes);
  return "decoded" in result ? result.decoded["value"] : result;
}

function failureOf(codec: string): string {
  const result = run(codec);
  return "code" in result ? `${result.code}: ${result.came}` : JSON.stringify(result);
}

describe("a codec is called as its maker wrote it for", () => {
  it.each([
    [
      "LoRa Alliance TS013",
      "function decodeUplink(i) { return { data: { a: i.bytes[1], p: i.fPort, t: i.recvTime.getTime() }, warnings: ['w'] }; }",
      { a: 2, p: 7, t: time },
    ],
    ["a constant", "const decodeUplink = ({ bytes }) => ({ data: { a: bytes.length } });", { a: 2 }],
    ["a CommonJS module", "module.exports = { decodeUplink: (i) => ({ data: { a: 1 } }) };", { a: 1 }],
    ["exports", "exports.decodeUplink = (i) => ({ data: { a: 1 } });", { a: 1 }],
    ["The Things Network v2", "function Decoder(bytes, port) { return { a: bytes[0], p: port }; }", { a: 1, p: 7 }],
    [
      "ChirpStack v3",
      "function Decode(fPort, bytes, variables) { return { a: bytes[0], p: fPort, v: variables }; }",
      { a: 1, p: 7, v: {} },
    ],
    ["both", "function Decoder() { return {}; } function decodeUplink() { return { data: { a: 1 } }; }", { a: 1 }],
  ])("%s", (_, codec, decoded) => {
    expect(run(codec)).toEqual({ decoded });
  });
});

it("frames of a device whose profile has a codec go through it, others say what they lack", () => {
  const set = createProfileSet([profileOf("function Decoder(bytes, port) { return { a: bytes[0], p: port }; }")]);
  const known = { profile: set.find.bind(set), device: () => undefined };
  const frame = { device, names: ["Brook Test (EU868)"], port: 7, bytes: Uint8Array.of(9), time };
  expect(createFrameDecoder(known, codecs)(frame)).toEqual({ decoded: { a: 9, p: 7 } });
  expect(createFrameDecoder(known, codecs)({ ...frame, names: ["another"] })).toMatchObject({ code: "no_codec" });
  expect(createFrameDecoder(known, undefined)(frame)).toMatchObject({ code: "no_codec" });
});

describe("what it gives is an object, or it is refused", () => {
  it.each([
    [
      "errors",
      "function decodeUplink() { return { data: {}, errors: ['no such port'] }; }",
      "its errors: no such port",
    ],
    ["no object", "function decodeUplink() { return 1; }", "gave no object"],
    ["no data", "function decodeUplink() { return {}; }", "data that is no object"],
    ["a list", "function Decoder() { return [1]; }", "data that is no object"],
    ["a promise", "async function decodeUplink() { return { data: { a: 1 } }; }", "data that is no object"],
    ["a circle", "function Decoder() { var a = {}; a.a = a; return a; }", "circular"],
    ["an exception", "function Decoder() { throw new Error('bad frame'); }", "Error: bad frame"],
    ["what is no exception", "function Decoder() { throw null; }", "no error"],
    ["more than is taken", "function Decoder() { return { a: 'x'.repeat(70000) }; }", "characters"],
    [
      "more levels than are taken",
      "function Decoder() { var a = {}; for (var i = 0; i < 30; i++) a = { a: a }; return a; }",
      "levels",
    ],
    ["no function", "var a = 1;", "no function decodeUplink"],
    ["no JavaScript", "function (", "SyntaxError"],
    ["a module", "export function decodeUplink() {}", "SyntaxError"],
  ])("%s", (_, codec, told) => {
    expect(failureOf(codec)).toMatch(/^codec_failed: /u);
    expect(failureOf(codec)).toContain(told);
  });

  it("and a text that cannot be run is found out beforehand", () => {
    expect(codecs.check("function (")).toContain("SyntaxError");
    expect(codecs.check("function Decoder() { return {}; }")).toBeUndefined();
  });
});

describe("it knows nothing of the world", () => {
  it.each([
    ["Date.now()", time],
    ["new Date().toISOString()", "2026-03-29T01:30:00.000Z"],
    ["new Date(2026, 2, 29, 2, 30).toISOString()", "2026-03-29T02:30:00.000Z"],
    ["new Date('2026-03-29T02:30:00').getHours()", 2],
    ["new Date(0).getTimezoneOffset()", 0],
    ["new Date(new Date(5)).getTime()", 5],
    ["String(new Date(0))", "1970-01-01T00:00:00.000Z"],
    ["new (new Date().constructor)().getTime()", time],
    [
      "typeof require + typeof process + typeof fetch + typeof setTimeout + typeof performance + typeof std + typeof os",
      "undefined".repeat(7),
    ],
    ["typeof Function('return this')().process", "undefined"],
    ["typeof (0).constructor.constructor('return typeof process')()", "string"],
    ["Function('return typeof process')()", "undefined"],
    ["typeof console.log('x')", "undefined"],
  ])("%s", (expression, value) => {
    expect(valueOf(expression)).toEqual(value);
  });

  it("and chance is refused", () => {
    expect(failureOf("function Decoder() { return { a: Math.random() }; }")).toContain("random");
  });

  it.each([
    ["a constructor of constructors", "return { a: [].constructor.constructor('return process')() };"],
    ["an import", "return import('fs');"],
    ["the caller", "return { a: arguments.callee.caller.toString() };"],
  ])("%s leads nowhere", (_, body) => {
    const result = run(`function Decoder(bytes) { ${body} }`);
    expect(JSON.stringify(result)).not.toContain("native");
    expect("code" in result ? result.code : JSON.stringify(result)).toMatch(/codec_failed|\{"decoded":\{\}\}/u);
  });

  it.each([
    [
      "the prototype of objects",
      "Object.prototype.polluted = 1; Array.prototype.polluted = 2; return { a: 1 };",
      { a: 1 },
    ],
    ["a key of the prototype", `return JSON.parse('{"__proto__":{"polluted":1},"a":1}');`, { a: 1 }],
    ["JSON", "JSON.stringify = function () { return '1'; }; return { a: 1 };", { a: 1 }],
    ["a getter", "return { get a() { return 1; } };", { a: 1 }],
    ["a proxy", "return new Proxy({ a: 1 }, {});", { a: 1 }],
  ])("what it does to %s stays there", (_, body, decoded) => {
    const result = run(`function Decoder(bytes) { ${body} }`);
    expect(result).toMatchObject({ decoded });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.getPrototypeOf((result as { decoded: object }).decoded)).toBe(Object.prototype);
  });
});

it("nothing that a message leaves behind is there for the next", () => {
  const codec = `
    var count = 0; let last; const table = new Array(60000).fill(0); const bytesOfAll = new Uint8Array(600000);
    function Decoder(bytes) {
      const before = { count: count, last: last, global: globalThis.kept, proto: [].kept, table: table[59999], byte: bytesOfAll[599999], own: Decoder.kept };
      count++; last = bytes[0]; globalThis.kept = 1; Array.prototype.kept = 1; table[59999] = 1; bytesOfAll.fill(7); Decoder.kept = 1;
      return before;
    }`;
  const fresh = { decoded: { count: 0, table: 0, byte: 0 } };
  for (let n = 0; n < 5; n++) expect(run(codec, [n])).toEqual(fresh);
  expect(run("function Decoder() { return { a: typeof globalThis.kept + typeof [].kept }; }")).toEqual({
    decoded: { a: "undefinedundefined" },
  });
  expect(run(codec)).toEqual(fresh);
});

describe("what has no end is stopped, and the next message of another is not delayed", () => {
  const other = "function Decoder(bytes) { return { a: bytes[0] }; }";
  /** A machine that is busy may keep even a short call waiting for longer than a call may take: it is asked again then. */
  const askOther = (byte: number) => {
    for (let tries = 1; ; tries++) {
      const result = run(other, [byte]);
      if ("decoded" in result || tries === 20) return result;
    }
  };
  it.each([
    ["a loop", "for (;;);"],
    ["recursion", "function f() { return f() + 1; } return f();"],
    ["recursion in data", "JSON.parse('['.repeat(1e6));"],
    ["memory", "var a = []; for (;;) a.push(new Array(1000).fill(1));"],
    ["a large buffer", "new ArrayBuffer(1e9);"],
    ["a string that doubles", "var s = 'x'; for (;;) s += s;"],
    ["a generator", "return [...(function* () { for (;;) yield 1; })()];"],
    ["a regular expression", "return { a: /(a+)+$/.test('a'.repeat(60) + '!') };"],
    ["a loop of the engine itself", "return { a: [].indexOf.call({ length: 2 ** 53 - 1 }, 1) };"],
    ["another loop of the engine itself", "return new Array(4294967295).includes(1);"],
    ["a getter", "return { get a() { for (;;); } };"],
    ["toJSON", "return { toJSON: function () { for (;;); } };"],
    ["a proxy", "return new Proxy({}, { ownKeys: function () { for (;;); } });"],
    ["catching what stops it", "for (;;) { try { for (;;); } catch (e) {} }"],
    ["large numbers", "var b = 3n; for (;;) b = b * b;"],
    ["many arguments", "return Math.max.apply(null, { length: 1e9 });"],
    ["a finally", "try { for (;;); } finally { for (;;); }"],
    ["an error that throws", "throw { get message() { for (;;); } };"],
  ])("%s", (_, body) => {
    expect(askOther(3)).toEqual({ decoded: { a: 3 } });
    const before = performance.now();
    expect(failureOf(`function Decoder(bytes) { ${body} }`)).toMatch(/^codec_failed/u);
    // One that is not stopped ends with the test's own time; this bears a busy machine.
    expect(performance.now() - before).toBeLessThan(20_000);
    expect(askOther(4)).toEqual({ decoded: { a: 4 } });
  });

  it("when it is read, too", () => {
    expect(failureOf("for (;;);")).toContain("codec_failed");
    expect(askOther(4)).toEqual({ decoded: { a: 4 } });
  });
});

it("a codec that is stopped again and again gets no more time, and others get theirs", () => {
  const endless = "function Decoder() { for (;;) var again; }";
  const failures = Array.from({ length: 600 }, () => failureOf(endless));
  expect(failures.at(-1)).toContain("stopped too often");
  // About a hundred use up what it has; a slow machine gives it time to earn a little more.
  expect(failures.filter((failure) => !failure.includes("stopped too often")).length).toBeLessThan(400);
  expect(run("function Decoder(bytes) { return { a: 1 }; }")).toEqual({ decoded: { a: 1 } });
});

it("one that the engine cannot interrupt holds others up a few times, not again and again", () => {
  const endless = "function Decoder() { return new Array(4294967295).includes(2); }";
  const failures = Array.from({ length: 200 }, () => failureOf(endless));
  const ended = failures.filter((failure) => failure.includes("it was ended")).length;
  // 150 + 300 + 600 ms are more than it has, if it does not earn a little meanwhile; 150 each would last for seven.
  expect(ended).toBeGreaterThan(0);
  expect(ended).toBeLessThan(6);
  expect(failures.at(-1)).toContain("stopped too often");
});

it("whatever bytes come, a codec gives an object or is refused", () => {
  const codec = `function decodeUplink(input) {
    var b = input.bytes, data = {}, i = 0;
    while (i < b.length) {
      var n = b[i++];
      if (n === 1) data.t = ((b[i++] << 8) | b[i++]) / 10;
      else if (n === 2) data[String.fromCharCode(b[i++])] = b.slice(i, i += b[i]);
      else if (n > 250) throw new Error("unknown " + n);
    }
    return { data: data };
  }`;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const result = run(codec, [...bytes]);
      expect("decoded" in result || ("code" in result && result.code === "codec_failed")).toBe(true);
    }),
    { numRuns: 300 },
  );
});

describe("it is found out which bytes each value hangs on", () => {
  function traced(codec: string, bytes: readonly number[]) {
    const profile = profileOf(codec);
    const frame = { device, names: [], port: 7, bytes: Uint8Array.from(bytes), time };
    const result = codecs.run(profile, frame);
    if (!("decoded" in result)) throw new Error(JSON.stringify(result));
    const { values, tried } = codecs.trace!(profile, frame, result.decoded);
    return { tried, values: values.map(({ key, spans }) => [key, spans]), first: values[0]?.object, result };
  }

  it("bit by bit in a short frame", () => {
    const codec =
      "function Decoder(b) { return { level: (b[1] << 8 | b[2]) / 10, inner: [{ flag: (b[0] & 4) > 0 }], fixed: 1 }; }";
    const { values, tried, first, result } = traced(codec, [4, 1, 2]);
    expect(tried).toBe(3);
    expect(values).toEqual([
      ["level", [{ from: 1, to: 3 }]],
      ["flag", [{ from: 0, to: 1, bits: { low: 2, high: 2 } }]],
      ["fixed", []],
    ]);
    expect("decoded" in result && result.decoded).toBe(first);
  });

  it("byte by byte in a long one, and a change that it refuses counts", () => {
    const codec = "function Decoder(b) { if (b[0] !== 7) throw new Error('type'); return { last: b[39] }; }";
    expect(traced(codec, [7, ...new Array<number>(39).fill(1)]).values).toEqual([
      [
        "last",
        [
          { from: 0, to: 1 },
          { from: 39, to: 40 },
        ],
      ],
    ]);
  });

  it("and one that has no end for a changed frame is asked no further", () => {
    const codec = "function Decoder(b) { while (b[1] !== 1); return { a: b[0] }; }";
    expect(traced(codec, [5, 1, 9, 9]).tried).toBe(1);
  });
});
