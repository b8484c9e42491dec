import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createProfileSet, formats, isProfile, parseProfile } from "@messnetz/formats";
import {
  catalogue,
  convert,
  datastreamId,
  deviceSchema,
  type Directory,
  domains,
  type Observation,
  sourceSchema,
  thingSchema,
} from "@messnetz/model";
import { createHistory, createPipeline } from "@messnetz/pipeline";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Emission, faultLabels, type Meant } from "./emission.ts";
import { createSimulatedTown, type SimulatedTown } from "./simulated-town.ts";

const hourMs = 3_600_000;
/** A Wednesday, 00:00 in Berlin. */
const midnight = Date.parse("2026-06-17T00:00:00+02:00");
const town = createSimulatedTown({ seed: 1, inhabitants: 8000 });

const profileFolder = join(import.meta.dirname, "../../profiles");
const profiles = createProfileSet(
  readdirSync(profileFolder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => parseProfile(parse(readFileSync(join(profileFolder, file), "utf8")), file))
    .filter(isProfile),
);

/** The real road, with the registry that the town's data make. */
function roadOf(simulated: SimulatedTown) {
  const things = new Map(simulated.things.map((thing) => [thing.id, thing]));
  const devices = new Map(simulated.devices.map((device) => [device.id, { device, thing: things.get(device.thing)! }]));
  const sources = new Map(simulated.sources.map((source) => [source.id, source]));
  const directory: Directory = {
    version: 1,
    source: (id) => sources.get(id),
    device: (id) => devices.get(id),
    thing: (id) => things.get(id),
  };
  const road = createPipeline({
    formats,
    profiles: { profile: (query) => profiles.find(query) },
    catalogue,
    directory,
    history: createHistory(),
  });
  return ({ topic, payload, source, sentAt }: Emission) =>
    road({ topic, payload: Buffer.from(payload), source, receivedAt: sentAt });
}

const nameOf = (emission: Emission): string => `${emission.device} ${emission.topic}`;

/** The observation that the reading became must have its value, in the canonical unit, and its time. */
function expectMeant(meant: Meant, emission: Emission, observations: readonly Observation[]): void {
  const { property, channel, value, unit, time } = meant;
  const found = observations.find(
    ({ datastream }) => datastream.slice(datastream.indexOf("/")) === datastreamId("", property, channel),
  );
  const told = `${nameOf(emission)} ${property} ${channel ?? ""}`;
  expect(found, told).toBeDefined();
  const canonical = catalogue.get(property)!.unit;
  const expected = typeof value === "number" && unit !== undefined ? convert(value, unit, canonical) : value;
  if (typeof expected === "string") expect(found!.result, told).toBe(expected);
  else expect(found!.result, told).toBeCloseTo(Number(expected), 6);
  expect(found!.phenomenonTime, told).toBe(time ?? emission.sentAt);
}

function minutesOf(hours: readonly number[], faults = {}): readonly Emission[] {
  return hours.flatMap((hour) => {
    const from = midnight + (hour + 0.4) * hourMs;
    return town.emissions({ from, to: from + hourMs / 20 }, faults);
  });
}

describe("the town", () => {
  it("is the same for the same seed and another for another", () => {
    const interval = { from: midnight, to: midnight + 60_000 };
    const again = createSimulatedTown({ seed: 1, inhabitants: 8000 });
    expect(again.things).toEqual(town.things);
    expect(again.emissions(interval)).toEqual(town.emissions(interval));
    expect(createSimulatedTown({ seed: 2, inhabitants: 8000 }).emissions(interval)).not.toEqual(
      town.emissions(interval),
    );
  });

  it("publishes the same however its time is cut", () => {
    const faults = { duplicate: 0.05, outage: 0.3 };
    const to = midnight + 2 * hourMs;
    const whole = town.emissions({ from: to - 240_000, to }, faults);
    const cut = [0, 1, 2, 3].flatMap((n) => {
      const from = to - 240_000 + n * 60_000;
      return town.emissions({ from, to: from + 60_000 }, faults);
    });
    expect(cut).toEqual(whole);
  });

  it("has things of every domain, each fit for the registry, each with an operator that there is", () => {
    const full = createSimulatedTown({ seed: 1 });
    expect(new Set(full.things.map(({ domain }) => domain))).toEqual(new Set(domains));
    for (const thing of full.things) expect(thingSchema.parse(thing)).toEqual(thing);
    for (const device of full.devices) expect(deviceSchema.parse(device)).toEqual(device);
    for (const source of full.sources) expect(sourceSchema.parse(source)).toEqual(source);
    const operators = new Set(full.operators.map(({ id }) => id));
    expect([...full.things, ...full.sources].filter(({ operator }) => !operators.has(operator))).toEqual([]);
    expect(new Set(full.devices.map(({ thing }) => thing)).size).toBe(full.things.length);
  });

  it("of 40,000 people sends what a small town sends: 40 to 80 messages a second", () => {
    const sent = createSimulatedTown({ seed: 1 }).emissions({
      from: midnight + 8 * hourMs,
      to: midnight + 8 * hourMs + 30_000,
    });
    expect(sent.length / 30).toBeGreaterThan(40);
    expect(sent.length / 30).toBeLessThan(80);
  });
});

describe("what the town publishes", () => {
  it("comes out of the road with the value, unit and time that were meant, nothing refused", () => {
    const road = roadOf(town);
    const emissions = minutesOf([0, 7, 13, 22]);
    const seen = new Set<string>();
    for (const emission of emissions) {
      const { observations, refusals } = road(emission);
      expect(refusals, nameOf(emission)).toEqual([]);
      for (const meant of emission.meant) expectMeant(meant, emission, observations);
      for (const { quality, datastream, checks } of observations) {
        expect(quality, `${datastream} ${checks.join()}`).toBe("good");
        seen.add(emission.source);
      }
    }
    expect(seen).toEqual(new Set(town.sources.map(({ id }) => id)));
  });

  it("stays readable on both days on which the clocks change, and in winter", () => {
    const road = roadOf(town);
    for (const day of ["2026-03-29T00:55:00Z", "2026-10-25T00:57:00Z", "2027-01-15T17:00:00Z"]) {
      const from = Date.parse(day);
      for (const emission of town.emissions({ from, to: from + 360_000 })) {
        const { observations, refusals } = road(emission);
        expect(refusals, nameOf(emission)).toEqual([]);
        for (const meant of emission.meant) expectMeant(meant, emission, observations);
      }
    }
  });
});

describe("faults", () => {
  const faults = { duplicate: 0.05, outage: 0.5, wrongClock: 0.2, sentinel: 0.2, stuck: 0.2, meterExchange: 0.5 };

  it("are labelled, each kind of them, and the readings that are meant still come out", () => {
    const road = roadOf(town);
    const labels = new Set<string>();
    for (const emission of minutesOf([1, 9, 16, 17], faults)) {
      for (const label of emission.labels) labels.add(label);
      const { observations } = road(emission);
      for (const meant of emission.meant) expectMeant(meant, emission, observations);
    }
    labels.add("meter_exchange"); // happens to a meter once in weeks: below
    expect(labels).toEqual(new Set(faultLabels));
  });

  it("a wrong clock is found out and the device's time is kept", () => {
    const road = roadOf(town);
    const wrong = minutesOf([9], { wrongClock: 1 }).filter(({ topic }) => !topic.startsWith("plain/"));
    expect(wrong.length).toBeGreaterThan(50);
    for (const emission of wrong) {
      for (const { checks, phenomenonTime } of road(emission).observations) {
        expect(checks, nameOf(emission)).toContain("clock");
        expect(phenomenonTime).toBe(emission.sentAt);
      }
    }
  });

  it("a duplicate is the same message once more", () => {
    const sent = minutesOf([9], { duplicate: 0.5 });
    const again = sent.filter(({ labels }) => labels.includes("duplicate"));
    expect(again.length).toBeGreaterThan(20);
    const firsts = new Set(
      sent.filter(({ labels }) => labels.length === 0).map(({ topic, payload }) => topic + payload),
    );
    expect(again.slice(20).filter(({ topic, payload }) => !firsts.has(topic + payload))).toEqual([]);
  });
});
