import type { FormatExample } from "./example.ts";

const bus = { device: "roataway:0000042", time: { instant: 1_774_743_300_000 } };
const readings = [
  { ...bus, name: "latitude", value: 47.02, property: "latitude", unit: "deg" },
  { ...bus, name: "longitude", value: 28.83, property: "longitude", unit: "deg" },
  { ...bus, name: "speed", value: 0, property: "speed", unit: "km/h" },
  { ...bus, name: "direction", value: 91.5, property: "heading", unit: "deg" },
];
const position = { latitude: 47.02, longitude: 28.83, timestamp: "2026-03-29T00:15:00Z", speed: 0, direction: 91.5 };

export const examples: readonly FormatExample[] = [
  {
    name: "the tracker stands in the topic",
    topic: "telemetry/transport/0000042",
    payload: position,
    gives: { readings },
  },
  {
    name: "below its route the same position is of the same tracker",
    topic: "telemetry/route/22",
    payload: { ...position, board: "1234", rtu_id: "0000042", route: "22" },
    gives: { readings },
  },
  {
    name: "a route alone is no device",
    topic: "telemetry/route/22",
    payload: position,
    gives: { refused: "malformed" },
  },
];
