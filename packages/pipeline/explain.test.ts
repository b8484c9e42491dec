import { createProfileSet, formats, isProfile, parseProfile } from "@messnetz/formats";
import {
  catalogue,
  type DeviceAndThing,
  type Directory,
  type RawMessage,
  type Source,
  sourceSchema,
} from "@messnetz/model";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHistory } from "./assess.ts";
import { explain, type ExplainOptions } from "./explain.ts";
import type { Question } from "./explanation.ts";
import { createPipeline } from "./pipeline.ts";

const receivedAt = Date.parse("2026-11-23T12:00:00Z");
const eui = "24e124136b502217";
const device = `lorawan:${eui}`;

const profile = parseProfile(
  {
    profile: "brook/probe",
    revision: 1,
    title: "Brook probe",
    documentation: "https://example.org/brook",
    match: { names: ["brook probe"], fields: ["level", "tilt"] },
    fields: {
      level: { property: "water_level", unit: "cm", scale: 0.1, invalid: [65535] },
      tilt: { property: "tilt_alarm", enum: { normal: false, tilt: true } },
    },
    ignore: { mode: "set-up of the device" },
    layout: { endian: "big", frames: [{ ports: [2], fields: [{ name: "level", type: "u16" }] }] },
    examples: [
      { name: "a level", port: 2, frame: "04b0", expect: [{ property: "water_level", value: 120, unit: "cm" }] },
    ],
  },
  "brook/probe.yaml",
);
if (!isProfile(profile)) throw new Error(JSON.stringify(profile.problems));
const set = createProfileSet([profile]);

const own: DeviceAndThing = {
  device: { id: device, thing: "weir-1", fields: { Pegel: { property: "water_level", unit: "mm" } } },
  thing: { id: "weir-1", name: "Weir", domain: "water", operator: "waterworks" },
};
const credential = (rest: Partial<Source> = {}): Source => ({
  ...sourceSchema.parse({ id: "door", operator: "waterworks", topics: ["#"] }),
  ...rest,
});

function optionsOf(
  devices: readonly DeviceAndThing[],
  rest: Partial<ExplainOptions> = {},
  source = credential(),
): ExplainOptions {
  return {
    formats,
    profiles: { profile: (query) => set.find(query) },
    catalogue,
    directory: {
      device: (id) => devices.find((one) => one.device.id === id),
      source: (id) => (id === source.id ? source : undefined),
    },
    ...rest,
  };
}

function ask(payload: unknown, rest: Partial<Question> = {}, options = optionsOf([])) {
  const bytes =
    payload instanceof Uint8Array
      ? payload
      : Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  return explain({ topic: "", payload: bytes, receivedAt, ...rest }, options);
}

const uplink = (decoded: object) => ({
  end_device_ids: { dev_eui: eui.toUpperCase() },
  uplink_message: {
    f_port: 2,
    received_at: "2026-11-23T11:00:00Z",
    version_ids: { brand_id: "brook", model_id: "probe" },
    decoded_payload: decoded,
  },
});
const stepsOf = ({ steps }: ReturnType<typeof explain>, kind: string) =>
  steps.filter((step) => step.kind === kind).map(({ about, text }) => `${about}: ${text}`);

describe("what becomes of a message", () => {
  test("readings stand with canonical and device unit, and who said it; a device that is not registered is told", () => {
    const found = ask(uplink({ level: 1205, tilt: "normal", mode: 3 }));
    expect(found).toMatchObject({
      outcome: "readings",
      format: "things-stack-v3",
      profile: "brook/probe",
      readings: [
        {
          device,
          field: "level",
          property: "water_level",
          value: 1.205,
          unit: "m",
          deviceValue: 120.5,
          deviceUnit: "cm",
          unitFrom: "profile",
          time: receivedAt - 3_600_000,
          timeFrom: "message",
        },
        { field: "tilt", property: "tilt_alarm", value: 0, unitFrom: "catalogue" },
      ],
      devices: [{ id: device, isKnown: false, fate: expect.stringContaining("unknown_device") }],
    });
    expect(found.readings[0]).not.toHaveProperty("datastream");
  });

  test("each step says what was decided and why", () => {
    const found = ask(uplink({ level: 1205, mode: 3, other: 1 }));
    expect(found.outcome).toBe("partial");
    expect(stepsOf(found, "format")).toEqual([
      expect.stringMatching(/^not asked: .*plain.*: no topic was told/),
      "things-stack-v3: yes, by its content",
      "things-stack-v3: decodes: 1 readings, 1 fields refused",
    ]);
    expect(stepsOf(found, "profile")[0]).toMatch(/^brook\/probe: .*because "brook\/probe" names it/);
    expect(stepsOf(found, "field")).toEqual([
      "level: 1205 → water_level: 120.5 cm (× 0.1)",
      "mode: 3 → no reading: set-up of the device",
      expect.stringMatching(/^other: 1 → refused, unknown_property/),
    ]);
    expect(stepsOf(found, "reading")[0]).toContain("120.5 cm (unit by the profile) × 0.01 = 1.205 m");
  });

  test("the registry's words, unit and thing count", () => {
    const found = ask(uplink({ Pegel: 1205 }), {}, optionsOf([own]));
    expect(found.readings).toMatchObject([
      {
        property: "water_level",
        value: 1.205,
        deviceUnit: "mm",
        unitFrom: "registry",
        datastream: "weir-1/water_level",
      },
    ]);
    expect(found.devices).toEqual([
      { id: device, isKnown: true, thing: "weir-1", fate: `${device} is a device of weir-1` },
    ]);
  });

  test("a bare frame and a bare object are read by a profile that is named", () => {
    const frame = ask(Buffer.from("04b0", "hex"), { profile: "brook/probe", port: 2, device });
    expect(frame).toMatchObject({ outcome: "readings", format: "lorawan-frame", readings: [{ device, value: 1.2 }] });
    expect(stepsOf(frame, "frame")).toEqual(['brook/probe: 2 bytes on port 2, by its layout: 04 b0 → {"level":1200}']);
    expect(stepsOf(frame, "bytes")).toEqual(["level: bytes 0-1 (04 b0): 1200; by layout.frames.0.fields.0 (type u16)"]);
    expect(stepsOf(frame, "field")).toEqual(["level: 1200 (bytes 0-1) → water_level: 120 cm (× 0.1)"]);
    expect(frame.readings[0]!.bytes).toEqual([{ from: 0, to: 2 }]);
    const object = ask({ level: 1200 }, { profile: "brook/probe" });
    expect(object).toMatchObject({ outcome: "readings", format: "decoded-object", readings: [{ value: 1.2 }] });
    expect(ask({ level: 65535 }, { profile: "brook/probe" })).toMatchObject({
      outcome: "skipped",
      skip: "no field has a value",
    });
  });

  test("a refusal says what was expected, what came, and which format said so", () => {
    expect(ask("{")).toMatchObject({ outcome: "refused", refusals: [{ code: "no_format" }], devices: [] });
    const unread = ask({ ...uplink({ depth: 1 }), uplink_message: { decoded_payload: { depth: 1 } } });
    expect(unread).toMatchObject({
      outcome: "refused",
      format: "things-stack-v3",
      refusals: [{ code: "no_profile", came: "fields depth" }],
    });
  });

  test("a credential's adoption and devices are told as the road has them", () => {
    const fate = (source: Source) =>
      ask(uplink({ level: 1 }), { source: "door" }, optionsOf([], {}, source)).devices[0]!.fate;
    expect(fate(credential())).toContain("unknown_device");
    expect(fate(credential({ devices: ["wmbus:*"] }))).toContain("foreign_device");
    expect(fate(credential({ adopt: [{ format: "*", domain: "water" }] }))).toBe(
      `${device} would be adopted as ${device}`,
    );
  });

  test("marks that need the past are not given, though one message holds readings of two days", () => {
    const records = [0, 86_400].map((ago) => ({ n: "voltage", u: "V", v: 0, t: -ago }));
    const { readings } = ask([{ bn: `urn:dev:mac:${eui}:` }, ...records.toReversed()]);
    expect(readings.map(({ checks }) => checks)).toEqual([[], []]);
  });

  test("long answers are cut, and say so", () => {
    const list = Array.from({ length: 30 }, (_, n) => ({ n: `voltage`, u: "V", v: n, t: -n }));
    const found = ask([{ bn: "urn:dev:ops:a-1:" }, ...list], {}, optionsOf([], { most: { readings: 10, steps: 5 } }));
    expect(found.readings).toHaveLength(10);
    expect(found.steps).toHaveLength(5);
    expect(found.leftOut.readings).toBe(20);
    expect(found.leftOut.steps).toBeGreaterThan(10);
  });
});

describe("which bytes became which reading", () => {
  function probe(fields: object, more: object) {
    const made = parseProfile(
      {
        profile: "brook/bytes",
        revision: 1,
        title: "Brook bytes",
        documentation: "https://example.org/brook",
        match: { names: ["brook bytes"] },
        fields,
        examples: [{ name: "none", decoded: {}, expect: [] }],
        ...more,
      },
      "brook/bytes.yaml",
      "function Decoder() {}",
    );
    if (!isProfile(made)) throw new Error(JSON.stringify(made.problems));
    return made;
  }

  function read(hex: string, made: ReturnType<typeof probe>, rest: Partial<ExplainOptions> = {}) {
    const one = createProfileSet([made]);
    const options = optionsOf([], { profiles: { profile: (query) => one.find(query) }, ...rest });
    return ask(Buffer.from(hex, "hex"), { profile: made.name, port: 2, device }, options);
  }

  test("of bits, of lists and of what is made of earlier values", () => {
    const made = probe(
      {
        "log[].level": { property: "water_level", unit: "cm" },
        battery: { property: "battery_voltage", unit: "V" },
        tilt: { property: "tilt_alarm", enum: { 0: false, 1: true } },
      },
      {
        layout: {
          endian: "big",
          frames: [
            {
              fields: [
                { word: "u8", bits: { tilt: 7, _volt: "0-5" } },
                { name: "battery", of: "_volt", scale: 0.1 },
                { repeat: "log", count: "rest", fields: [{ name: "level", type: "u16" }] },
              ],
            },
          ],
        },
      },
    );
    const found = read("a4000a000b", made);
    expect(found.readings.map(({ field, deviceValue, bytes }) => [field, deviceValue, bytes])).toEqual([
      ["tilt", true, [{ from: 0, to: 1, bits: { low: 7, high: 7 } }]],
      ["battery", 3.6, [{ from: 0, to: 1, bits: { low: 0, high: 5 } }]],
      ["log[].level", 10, [{ from: 1, to: 3 }]],
      ["log[].level", 11, [{ from: 3, to: 5 }]],
    ]);
    expect(stepsOf(found, "bytes")).toEqual([
      "tilt: byte 0, bit 7 (a4): 1; by layout.frames.0.fields.0.bits.tilt (7)",
      "_volt: byte 0, bits 0-5 (a4): 36; by layout.frames.0.fields.0.bits._volt (0-5)",
      "battery: made of byte 0, bits 0-5: 36 → 3.6; by layout.frames.0.fields.1 (of _volt; scale 0.1)",
      "level: bytes 1-2 (00 0a): 10; by layout.frames.0.fields.2.fields.0 (type u16)",
      "level: bytes 3-4 (00 0b): 11; by layout.frames.0.fields.2.fields.0 (type u16)",
    ]);
  });

  test("of a codec, as far as changing the frame tells it, and only for those who want to see it", () => {
    const made = probe({ level: { property: "water_level", unit: "cm" } }, { codec: "bytes.js" });
    let traced = 0;
    const codecs: ExplainOptions["codecs"] = {
      run: (_, { bytes }) => ({ decoded: { level: bytes[1]! } }),
      trace(_, __, decoded) {
        traced++;
        return { values: [{ object: decoded, key: "level", spans: [{ from: 1, to: 2 }] }], tried: 2 };
      },
    };
    const found = read("070a09", made, { codecs });
    expect(found.readings[0]!.bytes).toEqual([{ from: 1, to: 2 }]);
    expect(stepsOf(found, "bytes")).toEqual([
      "level: hangs on byte 1, found by changing each; of 3 bytes only the first 2 were tried; by the codec bytes.js",
    ]);
    expect(read("070a09", made, { codecs, detail: "readings" }).readings[0]).not.toHaveProperty("bytes");
    expect(traced).toBe(1);
  });
});

const someJson = fc.json({ maxDepth: 4 });
const someObject = fc.dictionary(
  fc.constantFrom("level", "tilt", "mode", "Pegel", "x", "__proto__"),
  fc.jsonValue({ maxDepth: 2 }),
);
const somePayload = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
  someJson.map((text) => Buffer.from(text)),
  someObject.map((object) => Buffer.from(JSON.stringify(uplink(object)))),
  fc
    .array(
      fc.record(
        { n: fc.constantFrom("voltage", "a"), u: fc.constantFrom("V", "mV", "?"), v: fc.double(), bt: fc.integer() },
        { requiredKeys: [] },
      ),
    )
    .map((records) => Buffer.from(JSON.stringify([{ bn: `urn:dev:mac:${eui}:` }, ...records]))),
);
const filters = formats.flatMap(({ topics }) => topics);
const someTopic = fc.oneof(
  fc.constant(""),
  fc.constantFrom(...filters).map((filter) => filter.replaceAll("+", "a").replace("#", "up")),
  fc.string({ unit: "binary", maxLength: 20 }),
);

const longRun = process.env["MESSNETZ_TRIALS"] === "full";

test(
  "it never throws, and its readings are those of the road where the registry has the device",
  () => {
    const runs = longRun ? 20_000 : 600;
    const all: Directory & ExplainOptions["directory"] = {
      version: 0,
      source: () => credential(),
      thing: (id) => ({ id, name: id, domain: "water", operator: "waterworks" }),
      device: (id) => ({ device: { ...own.device, id }, thing: own.thing }),
    };
    const road = createPipeline({
      formats,
      profiles: { profile: (query) => set.find(query) },
      catalogue,
      directory: all,
      history: createHistory(),
    });
    let found = 0;
    fc.assert(
      fc.property(somePayload, someTopic, (payload, topic) => {
        const message: RawMessage = { topic, payload, receivedAt, source: "door" };
        const { observations, refusals } = road(message);
        const explained = explain({ topic, payload, receivedAt }, { ...optionsOf([]), directory: all });
        const isRateOrStuck = (check: string) => check === "rate" || check === "stuck";
        expect(
          explained.readings.map(({ datastream, value, time, checks }) => ({ datastream, value, time, checks })),
        ).toEqual(
          observations.map(({ datastream, result, phenomenonTime, checks }) => ({
            datastream,
            value: result,
            time: phenomenonTime,
            checks: checks.filter((check) => !isRateOrStuck(check)),
          })),
        );
        expect(explained.refusals).toEqual(refusals);
        found += observations.length;
        // With whatever is told beside, it still ends.
        explain({ topic, payload, receivedAt, profile: "brook/probe", port: 2, device: topic }, optionsOf([]));
        explain({ topic, payload, receivedAt, format: "lorawan-frame" }, optionsOf([]));
      }),
      { numRuns: runs },
    );
    // Otherwise it would have been easy.
    expect(found).toBeGreaterThan(50);
  },
  longRun ? 900_000 : 60_000,
);
