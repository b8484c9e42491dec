import type { FormatExample } from "./example.ts";

const device = "fiware:town4/lamp-17";
const topic = "/json/town4/lamp-17/attrs";
const time = { instant: 1_774_743_000_000 };

export const examples: readonly FormatExample[] = [
  {
    name: "attributes with their time; a place is no result",
    topic,
    payload: {
      voltage: 229.5,
      lit: true,
      count: "12",
      location: { type: "geo:json", value: { type: "Point", coordinates: [9, 49] } },
      TimeInstant: "2026-03-29T00:10:00Z",
    },
    gives: {
      readings: [
        { device, name: "voltage", property: "voltage", value: 229.5, time },
        { device, name: "lit", property: "lit", value: true, time },
        { device, name: "count", property: "count", value: 12, time },
      ],
    },
  },
  {
    name: "a list of groups, attributes as NGSI has them",
    topic: "json/town4/lamp-17/attrs",
    payload: [{ voltage: { type: "Number", value: 229 } }, { voltage: { type: "Number", value: null } }],
    gives: { readings: [{ device, name: "voltage", property: "voltage", value: 229 }] },
  },
  { name: "a list of numbers is refused", topic, payload: [1, 2], gives: { refused: "malformed" } },
  {
    name: "the answer to a command measures nothing",
    topic: "/json/town4/lamp-17/cmdexe",
    payload: { ping: "ok" },
    gives: { skipped: true, device },
  },
];
