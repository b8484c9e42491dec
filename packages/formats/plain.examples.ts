import type { FormatExample } from "./example.ts";

export const examples: readonly FormatExample[] = [
  {
    name: "a number; its unit stands in the registry",
    topic: "plain/mill-bridge/water_level",
    payload: "1.27",
    gives: { readings: [{ device: "plain:mill-bridge", name: "water_level", property: "water_level", value: 1.27 }] },
  },
  {
    name: "blanks, a sign and an exponent",
    topic: "plain/mill-bridge/water_level",
    payload: " -12.5e-1\n",
    gives: { readings: [{ device: "plain:mill-bridge", name: "water_level", property: "water_level", value: -1.25 }] },
  },
  {
    name: "a channel",
    topic: "plain/substation-3/voltage/L2",
    payload: "231",
    gives: {
      readings: [{ device: "plain:substation-3", name: "voltage/L2", property: "voltage", channel: "L2", value: 231 }],
    },
  },
  {
    name: "a device's own word is for the registry to explain",
    topic: "plain/mill-bridge/Pegel",
    payload: "127",
    gives: { readings: [{ device: "plain:mill-bridge", name: "Pegel", value: 127 }] },
  },
  {
    name: "a flag",
    topic: "plain/station-1/overflow",
    payload: "ON",
    gives: { readings: [{ device: "plain:station-1", name: "overflow", property: "overflow", value: true }] },
  },
  {
    name: "a door that is open",
    topic: "plain/station-1/door_open",
    payload: "closed",
    gives: { readings: [{ device: "plain:station-1", name: "door_open", property: "door_open", value: false }] },
  },
  {
    name: "a valve's word stays a word",
    topic: "plain/station-1/valve_state",
    payload: "open",
    gives: { readings: [{ device: "plain:station-1", name: "valve_state", property: "valve_state", value: "open" }] },
  },
  { name: "a retained message is cleared", topic: "plain/station-1/power", payload: "", gives: { skipped: true } },
  {
    name: "a decimal comma is not guessed",
    topic: "plain/station-1/power",
    payload: "1,5",
    gives: { refused: "invalid_value" },
  },
  {
    name: "no number is no value",
    topic: "plain/station-1/power",
    payload: "NaN",
    gives: { refused: "invalid_value" },
  },
  { name: "nor is infinity", topic: "plain/station-1/power", payload: "1e400", gives: { refused: "invalid_value" } },
  { name: "a thing without a name", topic: "plain//power", payload: "1", gives: { refused: "malformed" } },
];
