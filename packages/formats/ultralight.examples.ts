import type { FormatExample } from "./example.ts";

const device = "ul:town4/lamp-17";
const topic = "/ul/town4/lamp-17/attrs";

export const examples: readonly FormatExample[] = [
  {
    name: "one attribute, named by the topic",
    topic: `${topic}/air_temperature`,
    payload: "21.5",
    gives: { readings: [{ device, name: "air_temperature", property: "air_temperature", value: 21.5 }] },
  },
  {
    name: "two groups of measures, of which the second has its own time before it",
    topic,
    payload: "voltage|229.5|lit|true#2026-03-29T00:10:00.123456Z|voltage|230",
    gives: {
      readings: [
        { device, name: "voltage", property: "voltage", value: 229.5 },
        { device, name: "lit", property: "lit", value: true },
        { device, name: "voltage", property: "voltage", value: 230, time: { instant: 1_774_743_000_123 } },
      ],
    },
  },
  {
    name: "a time without separators and without a zone is that of the device's clock",
    topic,
    payload: "humidity|41|TimeInstant|20260329T001000",
    gives: {
      readings: [
        {
          device: "ul:town4/lamp-17",
          name: "humidity",
          value: 41,
          property: "humidity",
          time: { local: "2026-03-29T00:10:00" },
        },
      ],
    },
  },
  {
    name: "a time among the attributes, none that is none, a configuration that is no result, a word",
    topic: "ul/town4/lamp-17/attrs",
    payload: 'mode|night shift|TimeInstant|2026-03-29T00:10:00Z|alive|None|configuration|{"version": "1#2"}',
    gives: {
      readings: [
        { device, name: "mode", property: "mode", value: "night shift", time: { instant: 1_774_743_000_000 } },
      ],
    },
  },
  { name: "a name without a value is refused", topic, payload: "voltage|229.5|lit", gives: { refused: "malformed" } },
  {
    name: "the answer to a command measures nothing",
    topic: "/ul/town4/lamp-17/cmdexe",
    payload: "lamp-17@ping|ok",
    gives: { skipped: true, device },
  },
];
