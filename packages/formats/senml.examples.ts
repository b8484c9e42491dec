import { exampleReceivedAt, type FormatExample } from "./example.ts";

const gauge = "urn:dev:mac:0024befffe804ff1";
const instant = 1_774_740_600_250;
const time = { instant };
const level = { device: gauge, name: "water_level", property: "water_level" };

export const examples: readonly FormatExample[] = [
  {
    name: "three readings of a gauge, as we recommend them",
    topic: "town/gauges/mill-bridge",
    payload: [
      { bn: `${gauge}:`, bt: 1_774_740_600.25, n: "water_level", u: "m", v: 1.27 },
      { n: "discharge", u: "m3/s", v: 0 },
      { n: "voltage.L1", u: "V", t: -1, v: 229.5 },
    ],
    gives: {
      readings: [
        { ...level, value: 1.27, unit: "m", time },
        { device: gauge, name: "discharge", property: "discharge", value: 0, unit: "m3/s", time },
        {
          device: gauge,
          name: "voltage.L1",
          property: "voltage",
          channel: "L1",
          value: 229.5,
          unit: "V",
          time: { instant: instant - 1000 },
        },
      ],
    },
  },
  {
    name: "a name means the same however it is cut into base name and name",
    topic: "any",
    payload: [
      { bn: "urn:dev:mac:0024BEFFFE804FF1", n: "/water_level", u: "m", v: 1 },
      { bn: "urn:dev:mac:", n: "0024befffe804ff1_water_level", u: "m", v: 2 },
      { bn: "", n: `${gauge}:water_level`, u: "m", v: 3 },
    ],
    gives: {
      readings: [
        { ...level, value: 1, unit: "m" },
        { ...level, value: 2, unit: "m" },
        { ...level, value: 3, unit: "m" },
      ],
    },
  },
  {
    name: "a base name that is no urn is the device, its last part where there is none",
    topic: "any",
    payload: [
      { n: "north/pump-1:power", u: "W", v: 5 },
      { bn: "north/pump-1/", n: "motor:temp", u: "Cel", v: 51.5 },
    ],
    gives: {
      readings: [
        { device: "senml:north/pump-1", name: "power", property: "power", value: 5, unit: "W" },
        {
          device: "senml:north/pump-1",
          name: "motor:temp",
          property: "motor",
          channel: "temp",
          value: 51.5,
          unit: "Cel",
        },
      ],
    },
  },
  {
    name: "without a word of its own the unit says what it is, where it can be one thing only",
    topic: "any",
    payload: [
      { n: "urn:dev:ow:10e2073a01080063", u: "Cel", v: 23.1 },
      { n: "urn:dev:ow:10e2073a01080063", u: "V", v: 3 },
    ],
    gives: {
      readings: [
        {
          device: "urn:dev:ow:10e2073a01080063",
          name: "temperature",
          property: "temperature",
          value: 23.1,
          unit: "Cel",
        },
        { device: "urn:dev:ow:10e2073a01080063", name: "value", value: 3, unit: "V" },
      ],
    },
  },
  {
    name: "base fields hold until others come: unit, time, value and sum",
    topic: "any",
    payload: [
      { bn: "urn:dev:ow:10e2073a01080063:", bt: -60, bu: "%RH", bv: 20, bver: 10 },
      { n: "relative_humidity", v: 1.5 },
      { n: "relative_humidity", v: 2, t: 30 },
      { n: "power", u: "W", bv: 0, v: 4, s: 100 },
    ],
    gives: {
      readings: [
        {
          device: "urn:dev:ow:10e2073a01080063",
          name: "relative_humidity",
          property: "relative_humidity",
          value: 21.5,
          unit: "%",
          time: { sinceReceiptMs: -60_000 },
        },
        {
          device: "urn:dev:ow:10e2073a01080063",
          name: "relative_humidity",
          property: "relative_humidity",
          value: 22,
          unit: "%",
          time: { sinceReceiptMs: -30_000 },
        },
        {
          device: "urn:dev:ow:10e2073a01080063",
          name: "power",
          property: "power",
          value: 4,
          unit: "W",
          time: { sinceReceiptMs: -60_000 },
        },
        {
          device: "urn:dev:ow:10e2073a01080063",
          name: "power.sum",
          value: 100,
          unit: "W.s",
          time: { sinceReceiptMs: -60_000 },
        },
      ],
    },
  },
  {
    name: "flags and words have no unit, `lat` and `pH` are SenML's own",
    topic: "any",
    payload: [
      { bn: `${gauge}:`, n: "door_open", vb: true },
      { n: "valve_state", vs: "open" },
      { n: "latitude", u: "lat", v: 49.01 },
      { n: "ph", u: "pH", v: 7.2 },
    ],
    gives: {
      readings: [
        { device: gauge, name: "door_open", property: "door_open", value: true },
        { device: gauge, name: "valve_state", property: "valve_state", value: "open" },
        { device: gauge, name: "latitude", property: "latitude", value: 49.01, unit: "deg" },
        { device: gauge, name: "ph", property: "ph", value: 7.2, unit: "[pH]" },
      ],
    },
  },
  {
    name: "what is wrong with one record leaves the others",
    topic: "any",
    payload: `[{"bn":"${gauge}:","n":"water_level","u":"m","v":1e400},{"n":"water_level","u":"m","v":1,"vb":true},{"n":"water level","v":1},
      {"n":"x","vd":"AQ"},{"n":"x","v":1,"t":"now"},{"n":"x"},{"n":"water_level","u":"m","v":4}]`,
    gives: {
      readings: [{ ...level, value: 4, unit: "m" }],
      refusals: [
        { code: "invalid_value", reading: `${gauge}:water_level` },
        { code: "malformed", reading: `${gauge}:water_level` },
        { code: "malformed", reading: `${gauge}:water level` },
        { code: "invalid_value", reading: `${gauge}:x` },
        { code: "invalid_time", reading: `${gauge}:x` },
        { code: "malformed", reading: `${gauge}:x` },
      ],
    },
  },
  {
    name: "base fields alone measure nothing",
    topic: "any",
    payload: [{ bn: `${gauge}:`, bt: 0 }],
    receivedAt: exampleReceivedAt,
    gives: { skipped: true },
  },
  {
    name: "a field that must be understood refuses the pack",
    topic: "any",
    payload: [
      { bn: `${gauge}:`, n: "water_level", u: "m", v: 1 },
      { n: "water_level", v: 1, scale_: 2 },
    ],
    gives: { refused: "malformed" },
  },
  {
    name: "so does one that hides its name",
    topic: "any",
    payload: `[{"n":"${gauge}:water_level","u":"m","v":1,"scale\\u005f":2}]`,
    gives: { refused: "malformed" },
  },
  {
    name: "a later version of SenML is refused",
    topic: "any",
    payload: [{ bn: `${gauge}:`, bver: 11, n: "water_level", u: "m", v: 1 }],
    gives: { refused: "malformed" },
  },
  {
    name: "half a pack is refused",
    topic: "any",
    payload: `[{"bn":"${gauge}:","n":"wat`,
    gives: { refused: "malformed" },
  },
  { name: "too deep a pack is refused", topic: "any", payload: "[".repeat(200_000), gives: { refused: "too_deep" } },
  {
    name: "bytes that are no UTF-8 are refused",
    topic: "any",
    payload: new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d]),
    gives: { refused: "invalid_utf8" },
  },
];
