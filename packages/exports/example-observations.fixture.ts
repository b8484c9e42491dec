import type { Catalogue, Observation, ObservationChunk, ObservedProperty } from "@messnetz/model";

const properties: readonly ObservedProperty[] = [
  { key: "water_level", name: { en: "Water level", de: "Wasserstand" }, unit: "cm", kind: "gauge", domains: ["water"] },
  {
    key: "water_temperature",
    name: { en: "Water temperature", de: "Wassertemperatur" },
    unit: "Cel",
    kind: "gauge",
    domains: ["water"],
  },
  {
    key: "rainfall",
    name: { en: "Rainfall", de: "Niederschlag" },
    unit: "mm",
    kind: "amount",
    domains: ["environment"],
  },
  { key: "gas_volume", name: { en: "Gas volume", de: "Gasmenge" }, unit: "m3", kind: "counter", domains: ["energy"] },
  {
    key: "parking_state",
    name: { en: "Parking state", de: "Belegung" },
    unit: "1",
    kind: "state",
    domains: ["traffic"],
    states: ["free", "occupied"],
  },
];

export const catalogue: Catalogue = new Map(properties.map((property) => [property.key, property]));

const base = Date.parse("2026-03-29T00:59:59.250Z");

export function observation(fields: Partial<Observation> = {}): Observation {
  return {
    datastream: "weir-1/water_level",
    phenomenonTime: base,
    ordinal: 0,
    resultTime: (fields.phenomenonTime ?? base) + 1234,
    result: 0,
    quality: "good",
    checks: [],
    revision: 1,
    ...fields,
  };
}

/** Every kind, quality and presence, the hour in which Berlin's clocks go forward, and words that a spreadsheet would run. */
export const observations: readonly Observation[] = [
  observation({ datastream: "bay-7/parking_state", result: "occupied" }),
  observation({ datastream: "bay-7/parking_state", phenomenonTime: base + 1000, result: '=HYPERLINK("http://x")' }),
  observation({ datastream: "bay-7/parking_state", phenomenonTime: base + 2000, result: "a; b, c" }),
  observation({ datastream: "meter-3/gas_volume.hour", result: 123456.789 }),
  observation({ datastream: "roof/rainfall", intervalStart: base - 600_000, result: 0.2 }),
  observation({ datastream: "weir-1/water_level", result: -3.5, quality: "suspect", checks: ["range", "late"] }),
  observation({
    datastream: "weir-1/water_level",
    phenomenonTime: base + 1000,
    result: 1e-7,
    quality: "bad",
    checks: ["device"],
  }),
  observation({
    datastream: "weir-1/water_level",
    phenomenonTime: base + 2000,
    result: 0,
    quality: "suspect",
    checks: ["clock"],
    deviceTime: 0,
  }),
  observation({ datastream: "weir-1/water_temperature", result: 12 }),
];

export async function* source(chunks: readonly ObservationChunk[]): AsyncIterable<ObservationChunk> {
  yield* chunks;
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(pieces));
}
