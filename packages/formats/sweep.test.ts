import { readdirSync } from "node:fs";
import { isChannel, type Refusal, refusalCodes } from "@messnetz/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExampleOutcome, exampleReceivedAt, type FormatExample } from "./example.ts";
import type { Decoded, DecodeContext, PayloadFormat } from "./format.ts";
import { exampleProfiles } from "./profile.examples.ts";
import { createFrameDecoder, createMessage, createProfileSet, formats, maxJsonDepth, maxTextBytes } from "./index.ts";

/** `<format>.examples.ts` beside the format. */
const files = readdirSync(import.meta.dirname).filter(
  (file) => file.endsWith(".examples.ts") && !file.startsWith("profile."),
);
const suites = await Promise.all(
  files.map(async (file) => {
    const name = file.replace(".examples.ts", "");
    const { examples } = (await import(`./${name}.examples.ts`)) as { examples: readonly FormatExample[] };
    return { name, examples };
  }),
);
const cases = suites.flatMap(({ name, examples }) =>
  examples.map((example) => ({ format: formatOf(name), title: `${name}: ${example.name}`, example })),
);

function formatOf(name: string): PayloadFormat {
  const format = formats.find((candidate) => candidate.name === name);
  if (format === undefined) throw new Error(`${name}.examples.ts has no format of that name in the list`);
  return format;
}

function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  return Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
}

function messageOf(topic: string, payload: Uint8Array, receivedAt = exampleReceivedAt) {
  return createMessage({ topic, payload, receivedAt, source: "examples" });
}

function contextOf(example: Pick<FormatExample, "profiles" | "devices" | "state">): DecodeContext {
  const { profiles = [], devices = {}, state = {} } = example;
  const set = createProfileSet(profiles);
  const known: Pick<DecodeContext, "profile" | "device"> = {
    profile: (query) => set.find(query),
    device: (id) => devices[id],
  };
  return { ...known, decodeFrame: createFrameDecoder(known, undefined), state: (key) => state[key] };
}

describe("examples", () => {
  it("stand beside every format", () => {
    expect(suites.map(({ name }) => name).toSorted()).toEqual(formats.map(({ name }) => name).toSorted());
  });

  it.each(cases)("$title", ({ format, example }) => {
    const message = messageOf(example.topic, bytesOf(example.payload), example.receivedAt);
    expect(formats.find((candidate) => candidate.recognises(message))?.name).toBe(format.name);
    expect(outcomeOf(format.decode(message, contextOf(example)), example.gives)).toEqual(example.gives);
    if ("deliveryId" in example) expect(format.delivery?.(message)?.id).toBe(example.deliveryId);
  });
});

/** What came, said as examples say it: of refusals as much as the example tells. */
function outcomeOf(decoded: Decoded | Refusal, gives: ExampleOutcome): ExampleOutcome {
  if ("code" in decoded) return { refused: decoded.code };
  const { remember, request } = decoded;
  const after = {
    ...("remember" in gives && remember !== undefined && { remember }),
    ...("request" in gives && request !== undefined && { request: request.topic }),
  };
  if ("skip" in decoded) {
    const tellsDevice = "skipped" in gives && gives.device !== undefined && decoded.device !== undefined;
    return { skipped: true, ...(tellsDevice && { device: decoded.device }), ...after };
  }
  const { readings, refusals } = decoded;
  const told = "readings" in gives ? (gives.refusals ?? []) : [];
  return {
    readings,
    ...((refusals?.length ?? 0) > 0 && {
      refusals: refusals!.map(({ code, reading }, at) =>
        told[at]?.reading === undefined || reading === undefined ? { code } : { code, reading },
      ),
    }),
    ...after,
  };
}

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const numRuns = isFull ? 20_000 : 300;
const context = contextOf({ profiles: exampleProfiles });
const topics = fc.oneof(fc.constantFrom(...cases.map(({ example }) => example.topic)), fc.string());

/** Whatever comes, each format answers with readings that can be used, a skip, or a refusal. */
function expectSane(topic: string, payload: Uint8Array): void {
  for (const format of formats) {
    const message = messageOf(topic, payload);
    const isOurs = format.recognises(message);
    expect(typeof isOurs).toBe("boolean");
    expect(typeof (format.delivery?.(message)?.id ?? "")).toBe("string");
    // A credential may name the format: then it must read what it would not have recognised.
    expectUsable(format.decode(message, context));
  }
}

function expectUsable(decoded: Decoded | Refusal): void {
  if ("code" in decoded) return expectRefusal(decoded);
  if ("skip" in decoded) {
    expect(decoded.skip).not.toBe("");
    return;
  }
  decoded.refusals?.forEach(expectRefusal);
  for (const reading of decoded.readings) {
    expect(reading.device).toMatch(/^[a-z0-9]+:\S+$/u); // too long a one is no device of the registry
    expect(reading.name).toBeTypeOf("string");
    expect(["number", "string", "boolean"]).toContain(typeof reading.value);
    if (typeof reading.value === "number") expect(reading.value).toSatisfy(Number.isFinite);
    if (reading.channel !== undefined) expect(reading.channel).toSatisfy(isChannel);
    if (reading.unit !== undefined) expect(reading.unit).not.toBe("");
    if (reading.time !== undefined) {
      for (const part of Object.values(reading.time)) expect(["number", "string"]).toContain(typeof part);
      if ("instant" in reading.time) expect(Math.abs(reading.time.instant)).toBeLessThanOrEqual(8.64e15);
    }
  }
}

function expectRefusal(refused: Refusal): void {
  expect(refusalCodes).toContain(refused.code);
  expect(refused.expected).not.toBe("");
  expect(refused.came.length).toBeLessThanOrEqual(200);
}

const nasty = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", "NaN", "\ud800", 1e308, -1e308, 0, -1, 327.67, 65_535, [], {}, [[]], "∞"),
  fc.constantFrom<unknown>(
    "__proto__",
    "constructor",
    "toString",
    "x".repeat(300),
    "2026-03-29T02:30:00",
    "1970-01-01T00:00:00Z",
  ),
  fc.jsonValue(),
);

interface Change {
  readonly at: number;
  readonly how: "replace" | "remove" | "rename" | "repeat";
  readonly value: unknown;
}

/** An object may hold a `toString` that is no function, so that `String` cannot tell its text. */
const nameOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Changes the `at`th value of a JSON tree, counted in order. */
function changed(tree: unknown, change: Change): unknown {
  let count = 0;
  function walk(value: unknown): unknown {
    if (count++ === change.at && change.how === "replace") return change.value;
    if (Array.isArray(value)) {
      const list = value.map(walk);
      return count >= change.at && change.how === "repeat" ? [...list, ...list] : list;
    }
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      if (count === change.at && change.how === "remove") {
        count++;
        return [];
      }
      const name = count === change.at && change.how === "rename" ? nameOf(change.value) : key;
      return [[name, walk(inner)]];
    });
    return Object.fromEntries(entries);
  }
  return walk(tree);
}

describe("whatever comes", { timeout: isFull ? 300_000 : 30_000 }, () => {
  it("any bytes on any topic", () => {
    expect.hasAssertions();
    fc.assert(fc.property(topics, fc.uint8Array({ maxLength: 300 }), expectSane), { numRuns });
  });

  it("any JSON on any topic", () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(topics, fc.json(), (topic, json) => expectSane(topic, Buffer.from(json))),
      { numRuns },
    );
  });

  it("examples of which something was changed", () => {
    expect.hasAssertions();
    const changes = fc.array(
      fc.record({
        at: fc.nat(60),
        how: fc.constantFrom<Change["how"]>("replace", "remove", "rename", "repeat"),
        value: nasty,
      }),
      { minLength: 1, maxLength: 3 },
    );
    const trees = cases.flatMap(({ example }) => {
      const { payload, topic } = example;
      return typeof payload === "object" && !(payload instanceof Uint8Array) ? [{ topic, payload }] : [];
    });
    fc.assert(
      fc.property(fc.constantFrom(...trees), changes, ({ topic, payload }, list) => {
        const tree = list.reduce(changed, JSON.parse(JSON.stringify(payload)) as unknown);
        expectSane(topic, Buffer.from(JSON.stringify(tree) ?? ""));
      }),
      { numRuns: numRuns * 3 },
    );
  });

  it("examples with changed or missing bytes", () => {
    expect.hasAssertions();
    const damage = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...cases), damage, fc.nat(3), ({ example }, list, cut) => {
        const bytes = Uint8Array.from(bytesOf(example.payload));
        for (const [at, byte] of list) if (at < bytes.length) bytes[at] = byte;
        expectSane(example.topic, cut === 0 ? bytes.subarray(0, bytes.length >> 1) : bytes);
      }),
      { numRuns },
    );
  });

  /** Formats that take text that is no JSON, and such that take bytes. */
  const readText: ReadonlySet<string> = new Set(["plain", "shelly-gen1", "openwb", "homie", "ultralight", "dsmr-p1"]);
  const readBytes: ReadonlySet<string> = new Set(["senml-cbor", "sparkplug-b", "gtfs-realtime"]);
  /** A fleet in one message has a bound of its own. */
  const readLarge: ReadonlySet<string> = new Set(["gtfs-realtime"]);
  const readXml: ReadonlySet<string> = new Set(["datex2"]);
  // A retained value is cleared with no bytes, and topics that measure nothing are not read.
  const unread: readonly (readonly [string, Uint8Array])[] = [
    ["invalid_utf8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ["too_large", Buffer.from(`{"a":"${"x".repeat(maxTextBytes)}"}`)],
    ["too_deep", Buffer.from(`{"a":${"[".repeat(maxJsonDepth + 1)}`)],
    ["malformed", Buffer.from('{"a":')],
  ];
  it.each(unread)("says %s where the bytes could not even be read", (code, payload) => {
    for (const { format, example } of cases) {
      if (!("readings" in example.gives)) continue;
      const isOfJson = code === "too_deep" || code === "malformed";
      if (readLarge.has(format.name) || (readXml.has(format.name) && code === "too_deep")) continue;
      if ((isOfJson && readText.has(format.name)) || (readBytes.has(format.name) && code !== "too_large")) continue;
      const refused = format.decode(messageOf(example.topic, payload), context);
      expect(refused, `${format.name}: ${example.topic}`).toMatchObject({ code });
    }
  });

  const hostile: readonly (readonly [string, string])[] = [
    ["200,000 nested lists", "[".repeat(200_000)],
    ["nested objects", '{"a":'.repeat(50_000)],
    ["nested lists that close", `${"[".repeat(60_000)}${"]".repeat(60_000)}`],
    [
      "keys of the prototype",
      '{"__proto__":{"x":1},"constructor":1,"uplink_message":{"decoded_payload":{"__proto__":5}}}',
    ],
    ["records with keys of the prototype", '[{"n":"__proto__","v":1},{"bn":"constructor:","n":"toString","v":1}]'],
    ["numbers beyond doubles", '[{"n":"a:b","v":1e400,"bt":1e308,"t":1e308}]'],
    ["repeated keys", '[{"n":"a:b","n":"a:c","v":1,"v":"x"}]'],
    ["lone surrogates", String.raw`[{"n":"\ud800","v":1},{"bn":"a:\udc00","vs":"\ud800"}]`],
    ["many records", JSON.stringify(Array.from({ length: 15_000 }, (_, n) => ({ n: `a:b${n}`, v: n })))],
    ["a megabyte", `[${"1,".repeat(500_000)}1]`],
    ["many backslashes", `["${"\\\\".repeat(100_000)}"]`],
    [
      "a long key",
      `{"end_device_ids":{},"deviceInfo":{"devEui":"70b3d57ed0001a2b"},"object":{"${"a_1".repeat(60_000)}":1}}`,
    ],
    [
      "many fields",
      `{"deviceInfo":{"devEui":"70b3d57ed0001a2b"},"object":{${Array.from({ length: 9000 }, (_, n) => `"k${n}":${n}`).join()}}}`,
    ],
  ];
  // One topic a family: each format sees each of them.
  const hostileTopics = new Set(suites.flatMap(({ examples }) => examples.slice(0, 1).map(({ topic }) => topic)));
  it.each(hostile)("%s", (_, text) => {
    const payload = Buffer.from(text);
    for (const topic of hostileTopics) {
      for (const format of formats) {
        const message = messageOf(topic, payload);
        const before = process.threadCpuUsage();
        format.recognises(message);
        const decoded = format.decode(message, context);
        // A quarter of a megabyte is read in some milliseconds; what grows with the square of it would take seconds of the processor.
        expect(process.threadCpuUsage(before).user).toBeLessThan(1_000_000);
        if ("code" in decoded) expectRefusal(decoded);
      }
    }
  });
});
