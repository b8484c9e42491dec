import type { FormatExample } from "./example.ts";

const device = "sta:Datastreams(42)";

export const examples: readonly FormatExample[] = [
  {
    name: "an Observation of a Datastream: what and in which unit stands in the registry",
    topic: "v1.1/Datastreams(42)/Observations",
    payload: { "@iot.id": 7, phenomenonTime: "2026-03-29T01:10:00.000+01:00", resultTime: null, result: 1.27 },
    gives: { readings: [{ device, name: "result", value: 1.27, time: { instant: 1_774_743_000_000 } }] },
  },
  {
    name: "an expanded Datastream says it itself; of an interval the end counts",
    topic: "frost/v1.1/Observations",
    payload: {
      phenomenonTime: "2026-03-29T00:00:00Z/2026-03-29T00:10:00Z",
      result: 21.5,
      Datastream: {
        "@iot.id": "roof",
        unitOfMeasurement: { name: "degree Celsius", symbol: "°C", definition: "ucum:Cel" },
        ObservedProperty: { name: "Air Temperature", definition: "http://example.org/properties/airTemperature" },
      },
    },
    gives: {
      readings: [
        {
          device: "sta:frost/Datastreams('roof')",
          name: "result",
          value: 21.5,
          property: "air_temperature",
          unit: "Cel",
          time: { instant: 1_774_743_000_000 },
          intervalMs: 600_000,
        },
      ],
    },
  },
  {
    name: "a MultiDatastream has several results",
    topic: "v1.1/MultiDatastreams(3)/Observations",
    payload: {
      phenomenonTime: "2026-03-29T00:10:00Z",
      result: [21.5, null, "wet"],
      MultiDatastream: {
        unitOfMeasurements: [{ symbol: "Cel" }, { symbol: "%" }, {}],
        ObservedProperties: [{ name: "air_temperature" }, { name: "relative_humidity" }, { name: "Road condition" }],
      },
    },
    gives: {
      readings: [
        {
          device: "sta:MultiDatastreams(3)",
          name: "result.0",
          value: 21.5,
          property: "air_temperature",
          unit: "Cel",
          time: { instant: 1_774_743_000_000 },
        },
        {
          device: "sta:MultiDatastreams(3)",
          name: "result.2",
          value: "wet",
          property: "road_condition",
          time: { instant: 1_774_743_000_000 },
        },
      ],
    },
  },
  {
    name: "without a zone no instant is told",
    topic: "v1.1/Datastreams(42)/Observations",
    payload: { phenomenonTime: "2026-03-29T00:10:00", result: 1 },
    gives: { refused: "invalid_time" },
  },
  {
    name: "an entity that describes measures nothing",
    topic: "v1.1/Things(1)",
    payload: { name: "Mill bridge" },
    gives: { skipped: true },
  },
];
