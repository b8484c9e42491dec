import {
  type Device,
  type IntakeMessage,
  type Observation,
  type RawMessage,
  type Source,
  sourceSchema,
  type Thing,
} from "@messnetz/model";
import { fakeClockStart } from "./fake-clock.ts";

/** A good observation of a water level; what the test is about is said in `differences`. */
export function anObservation(differences: Partial<Observation> = {}): Observation {
  return {
    datastream: "gauge-1/level",
    phenomenonTime: fakeClockStart,
    ordinal: 0,
    resultTime: fakeClockStart + 250,
    result: 1.25,
    quality: "good",
    checks: [],
    revision: 1,
    ...differences,
  };
}

/** `count` observations of one datastream, one a minute, values 0, 1, 2, … */
export function someObservations(count: number, differences: Partial<Observation> = {}): Observation[] {
  const first = differences.phenomenonTime ?? fakeClockStart;
  return Array.from({ length: count }, (_, n) =>
    anObservation({
      result: n,
      ...differences,
      phenomenonTime: first + n * 60_000,
      resultTime: first + n * 60_000 + 250,
    }),
  );
}

/** A SenML message with one reading; a payload may be text or anything that becomes JSON. */
export function aMessage(differences: Partial<Omit<RawMessage, "payload">> & { payload?: unknown } = {}): RawMessage {
  const { payload = [{ bn: "urn:dev:mac:0024befffe804ff1:", n: "level", u: "m", v: 1.25 }], ...rest } = differences;
  return {
    topic: "town/senml/gauge-1",
    receivedAt: fakeClockStart,
    source: "gauges",
    ...rest,
    payload: toBytes(payload),
  };
}

/** A message that became one observation. */
export function anIntakeMessage(differences: Partial<IntakeMessage> = {}): IntakeMessage {
  return {
    message: aMessage(),
    device: "mac:0024befffe804ff1",
    day: "2026-03-28",
    observations: [anObservation()],
    refusals: [],
    repeated: false,
    ...differences,
  };
}

export function aThing(differences: Partial<Thing> = {}): Thing {
  return {
    id: "gauge-1",
    name: "Gauge at the bridge",
    domain: "water",
    operator: "waterworks",
    location: { type: "Point", coordinates: [11.5, 50.5] },
    ...differences,
  };
}

export function aDevice(differences: Partial<Device> = {}): Device {
  return { id: "mac:0024befffe804ff1", thing: "gauge-1", ...differences };
}

export function aSource(differences: Partial<Source> = {}): Source {
  return { ...sourceSchema.parse({ id: "gauges", operator: "waterworks", topics: ["#"] }), ...differences };
}

function toBytes(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  return new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload));
}
