import type { Decoded, PayloadFormat } from "@messnetz/formats";
import {
  catalogue,
  type Device,
  type DeviceAndThing,
  type Directory,
  type Observation,
  type RawMessage,
  type Reading,
  refusal,
  type Source,
  sourceSchema,
  type Thing,
} from "@messnetz/model";
import { array, assert as assertProperty, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { createHistory } from "./assess.ts";
import { createPipeline } from "./pipeline.ts";

const receivedAt = Date.parse("2026-11-23T12:00:00Z");

/** A format whose payload is the decoded readings themselves: the road is tried, not a family of devices. */
const plainly: PayloadFormat = {
  name: "plainly",
  revision: 3,
  topics: ["t/#"],
  specification: "none",
  recognises: () => true,
  decode(message) {
    const json = message.json() as { refuse?: string; skip?: string; readings?: Reading[] };
    if (json.refuse !== undefined) return refusal("malformed", "readings", json.refuse);
    if (json.skip !== undefined) return { skip: json.skip, device: "x:1" };
    return { readings: json.readings ?? [] } satisfies Decoded;
  },
};

function directoryOf(devices: readonly DeviceAndThing[], sources: readonly Source[]): Directory {
  return {
    version: 1,
    source: (id) => sources.find((source) => source.id === id),
    device: (id) => devices.find((entry) => entry.device.id === id),
    thing: (id) => devices.find((entry) => entry.thing.id === id)?.thing,
  };
}

const gaugeThing: Thing = { id: "gauge-1", name: "Gauge", domain: "water", operator: "waterworks" };
const gauge: Device = {
  id: "x:1",
  thing: "gauge-1",
  timeZone: "Europe/Berlin",
  fields: { Pegel: { property: "water_level", unit: "cm" } },
};
const foreignThing: Thing = { id: "meter-9", name: "Meter", domain: "energy", operator: "grid" };
const directory = directoryOf(
  [
    { device: gauge, thing: gaugeThing },
    { device: { id: "x:9", thing: "meter-9" }, thing: foreignThing },
  ],
  [
    sourceSchema.parse({ id: "water", operator: "waterworks", topics: ["t/#"] }),
    sourceSchema.parse({
      id: "fleet",
      operator: "buses",
      topics: ["t/#"],
      adopt: [{ format: "plainly", domain: "transit", tags: ["bus"] }],
    }),
    sourceSchema.parse({ id: "narrow", operator: "waterworks", topics: ["t/#"], devices: ["y:*"] }),
  ],
);

function road() {
  return createPipeline({
    formats: [plainly],
    profiles: { profile: () => undefined },
    catalogue,
    directory,
    history: createHistory(),
  });
}

function messageOf(content: unknown, differences: Partial<RawMessage> = {}): RawMessage {
  return { topic: "t/1", payload: Buffer.from(JSON.stringify(content)), receivedAt, source: "water", ...differences };
}

function reading(differences: Partial<Reading> = {}): Reading {
  return { device: "x:1", name: "level", property: "water_level", unit: "m", value: 1.5, ...differences };
}

function one(differences: Partial<Reading>): Observation {
  const { observations, refusals } = road()(messageOf({ readings: [reading(differences)] }));
  expect(refusals).toEqual([]);
  expect(observations).toHaveLength(1);
  return observations[0]!;
}

function refusalOf(differences: Partial<Reading>, source = "water") {
  const result = road()(messageOf({ readings: [reading(differences)] }, { source }));
  expect(result.observations).toEqual([]);
  return result.refusals[0]!;
}

describe("normalise", () => {
  it("gives the result in the canonical unit, with the revision of the format", () => {
    expect(one({ value: 1601, unit: "mm" })).toEqual({
      datastream: "gauge-1/water_level",
      phenomenonTime: receivedAt,
      ordinal: 0,
      resultTime: receivedAt,
      result: 1.601,
      quality: "good",
      checks: [],
      revision: 3,
    });
  });

  it("lets the registry say what the device's own word means", () => {
    const { property: _property, unit: _unit, ...unnamed } = reading({ name: "Pegel", value: 250 });
    const { observations } = road()(messageOf({ readings: [unnamed] }));
    expect(observations[0]).toMatchObject({ datastream: "gauge-1/water_level", result: 2.5 });
  });

  it("puts the channel into the datastream", () => {
    expect(one({ property: "voltage", unit: "V", value: 230, channel: "L1" }).datastream).toBe("gauge-1/voltage.L1");
  });

  it("takes the device's own instant, and a local time by the device's zone", () => {
    const instant = receivedAt - 60_000;
    expect(one({ time: { instant } }).phenomenonTime).toBe(instant);
    expect(one({ time: { local: "2026-11-23T12:30:00" } }).phenomenonTime).toBe(Date.parse("2026-11-23T11:30:00Z"));
    expect(one({ time: { sinceReceiptMs: -5000 } }).phenomenonTime).toBe(receivedAt - 5000);
  });

  it("hangs a wall clock that showed the hour twice on the time of receipt, so that a repeat keeps it", () => {
    const readings = [reading({ time: { local: "2026-10-25T02:30:00" } })];
    expect(road()(messageOf({ readings })).receiptTimed).toBe(true);
  });

  it("keeps the interval of an amount before its end", () => {
    const counted = one({
      property: "vehicle_count",
      unit: "{vehicle}",
      value: 12,
      intervalMs: 900_000,
      time: { instant: receivedAt - 1 },
    });
    expect(counted.intervalStart).toBe(receivedAt - 1 - 900_000);
  });

  it("numbers several results of one datastream for one instant", () => {
    const many = Array.from({ length: 100 }, (_, n) => reading({ value: n / 100, time: { instant: receivedAt } }));
    const { observations } = road()(messageOf({ readings: many }));
    expect(observations.map((observation) => observation.ordinal)).toEqual(many.map((_, n) => n));
  });
});

describe("refusals say what was expected and what came", () => {
  it.each([
    ["unknown_unit", { unit: "furlong" }],
    ["unit_mismatch", { unit: "kg" }],
    ["unit_mismatch", { property: "temperature_difference", unit: "Cel" }],
    ["unknown_property", { property: "sorrow" }],
    ["unknown_device", { device: "x:404" }],
    ["invalid_value", { value: "high" }],
    ["invalid_time", { time: { local: "2019-01-10T22:16:04qq" } }],
    ["malformed", { channel: "L1.evil/../" }],
  ] as const)("%s", (code, differences) => {
    const reason = refusalOf(differences);
    expect(reason.code).toBe(code);
    expect(reason.expected).not.toBe("");
    expect(reason.reading).toBe("level");
  });

  it("refuses a number without a unit, as units are never guessed", () => {
    const { unit: _unit, ...unitless } = reading();
    expect(road()(messageOf({ readings: [unitless] })).refusals[0]?.code).toBe("unknown_unit");
  });

  it("says the same of a device of another operator as of one that is not there", () => {
    const [foreign, nobody] = [refusalOf({ device: "x:9" }), refusalOf({ device: "x:404" })];
    expect(foreign).toEqual({ ...nobody, came: "x:9", device: "x:9" });
  });

  it("refuses a device that the credential may not speak for before it looks the device up", () => {
    expect(refusalOf({}, "narrow").code).toBe("foreign_device");
    expect(refusalOf({ device: "y:1" }, "narrow").code).toBe("unknown_device");
  });

  it.each([1e17, -1e17, Number.MAX_VALUE])("refuses %d ms, which no calendar has", (instant) => {
    expect(refusalOf({ time: { instant } }).code).toBe("invalid_time");
    expect(refusalOf({ time: { sinceReceiptMs: instant } }).code).toBe("invalid_time");
  });

  it("tells some of very many refusals, and how many more there were", () => {
    const many = Array.from({ length: 1000 }, () => reading({ unit: "furlong" }));
    const { refusals } = road()(messageOf({ readings: many }));
    expect(refusals).toHaveLength(21);
    expect(refusals.at(-1)?.came).toBe("and 980 more refusals of this message");
  });

  it("refuses more datastreams than a device can have, and units longer than any", () => {
    const follow = road();
    const perMessage = 500;
    let stored = 0;
    for (let n = 0; n < 6; n++) {
      const readings = Array.from({ length: perMessage }, (_, at) => reading({ channel: `c${n * perMessage + at}` }));
      stored += follow(messageOf({ readings })).observations.length;
    }
    expect(stored).toBe(2000);
    expect(refusalOf({ unit: "m".repeat(100_000) }).code).toBe("unknown_unit");
  });

  it("names the device for the ledger only where the operator has it: made-up and foreign ids fill nothing and tell nothing", () => {
    const deviceOf = (id: string) => road()(messageOf({ readings: [reading({ device: id })] })).device;
    expect(deviceOf("x:1")).toBe("x:1");
    expect(deviceOf("x:404")).toBe("");
    expect(deviceOf("x:9")).toBe("");
  });

  it("stores what it can of a message and keeps the rest", () => {
    const result = road()(messageOf({ readings: [reading(), reading({ name: "odd", unit: "furlong" })] }));
    expect(result.observations).toHaveLength(1);
    expect(result.refusals).toHaveLength(1);
  });

  it("passes on the refusal of a format, and what is valid and measures nothing", () => {
    expect(road()(messageOf({ refuse: "why" })).refusals[0]?.code).toBe("malformed");
    expect(road()(messageOf({ skip: "join" }))).toMatchObject({ device: "x:1", observations: [], refusals: [] });
    expect(road()(messageOf({}, { topic: "elsewhere" })).refusals[0]?.code).toBe("no_format");
  });
});

describe("assess marks and drops nothing", () => {
  it("marks what is outside the plausible range", () => {
    expect(one({ property: "air_temperature", unit: "Cel", value: 900 })).toMatchObject({
      result: 900,
      quality: "suspect",
      checks: ["range"],
    });
  });

  it.each([
    ["1970", 12_000],
    ["the future", receivedAt + 86_400_000],
  ])("takes the time of receipt for a clock that says %s, and keeps what it said", (_name, instant) => {
    expect(one({ time: { instant } })).toMatchObject({
      phenomenonTime: receivedAt,
      deviceTime: instant,
      checks: ["clock"],
      quality: "suspect",
    });
  });

  it("believes what is foretold for the next days, and no further", () => {
    const hours = (count: number) => receivedAt + count * 3_600_000;
    expect(one({ time: { foretold: hours(20) } })).toMatchObject({ phenomenonTime: hours(20), quality: "good" });
    expect(one({ time: { foretold: hours(49) } })).toMatchObject({ phenomenonTime: receivedAt, checks: ["clock"] });
  });

  it("marks what comes very late and keeps its time", () => {
    const instant = receivedAt - 40 * 86_400_000;
    expect(one({ time: { instant } })).toMatchObject({ phenomenonTime: instant, checks: ["late"] });
  });

  it("marks a value that jumps, and one that has stood still for too long", () => {
    const follow = road();
    const at = (minutes: number, value: number) =>
      follow(
        messageOf(
          {
            readings: [
              reading({
                property: "air_temperature",
                unit: "Cel",
                value,
                time: { instant: receivedAt + minutes * 60_000 },
              }),
            ],
          },
          { receivedAt: receivedAt + minutes * 60_000 },
        ),
      ).observations[0]!.checks;
    expect(at(0, 10)).toEqual([]);
    expect(at(1, 11)).toEqual([]);
    expect(at(2, 31)).toEqual(["rate"]);
    expect(at(3, 31)).toEqual([]);
    expect(at(3 + 24 * 60, 31)).toEqual(["stuck"]);
  });
});

describe("adoption", () => {
  it("makes the thing of an unknown device where the credential has a rule", () => {
    const result = road()(messageOf({ readings: [reading({ device: "hfp:0018/1029" })] }, { source: "fleet" }));
    expect(result.adopted).toEqual([
      {
        device: { id: "hfp:0018/1029", thing: "hfp:0018-1029" },
        thing: { id: "hfp:0018-1029", name: "hfp:0018/1029", domain: "transit", operator: "buses", tags: ["bus"] },
      },
    ]);
    expect(result.observations[0]?.datastream).toBe("hfp:0018-1029/water_level");
  });

  it("adopts nothing whose id is separators alone", () => {
    const result = road()(messageOf({ readings: [reading({ device: "wmbus:--------" })] }, { source: "fleet" }));
    expect(result.refusals[0]?.code).toBe("unknown_device");
    expect(result.adopted).toEqual([]);
  });

  it("never takes over a device of another operator", () => {
    const result = road()(messageOf({ readings: [reading({ device: "x:1" })] }, { source: "fleet" }));
    expect(result.refusals[0]?.code).toBe("unknown_device");
    expect(result.adopted).toEqual([]);
  });
});

it("gives the same values and times whatever was repeated and in whatever order it came", () => {
  const messages = Array.from({ length: 12 }, (_, n) =>
    messageOf({
      readings: [
        reading({ value: n / 10, time: { instant: receivedAt - n * 1000 } }),
        reading({ name: "odd", unit: "furlong" }),
      ],
    }),
  );
  const essence = (list: readonly Observation[]) =>
    list.map(({ datastream, phenomenonTime, ordinal, result, revision }) =>
      JSON.stringify([datastream, phenomenonTime, ordinal, result, revision]),
    );
  const follow = road();
  const expected = new Set(messages.flatMap((raw) => essence(follow(raw).observations)));
  assertProperty(
    property(array(nat(11), { minLength: 30, maxLength: 60 }), (order) => {
      const again = road();
      const came = order.flatMap((n) => essence(again(messages[n]!).observations));
      expect(expected).toEqual(new Set([...expected, ...came]));
      for (const n of new Set(order)) expect(came).toContain(essence(road()(messages[n]!).observations)[0]);
    }),
    { numRuns: 50 },
  );
});
