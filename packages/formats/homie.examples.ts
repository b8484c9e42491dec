import type { FormatExample } from "./example.ts";

const device = "homie:boiler-room";

export const examples: readonly FormatExample[] = [
  {
    name: "a value of which the unit was told before",
    topic: "homie/boiler-room/tank/temperature",
    payload: "61.5",
    state: { "boiler-room/tank/temperature": { unit: "°C", datatype: "float" } },
    gives: {
      readings: [
        { device, name: "tank/temperature", value: 61.5, property: "temperature", channel: "tank", unit: "Cel" },
      ],
    },
  },
  {
    name: "a word of the device's own, told by its unit",
    topic: "homie/boiler-room/pump/load",
    payload: "240",
    state: { "boiler-room/pump/load": { unit: "W" } },
    gives: {
      readings: [{ device, name: "pump/load", value: 240, property: "power", channel: "pump-load", unit: "W" }],
    },
  },
  {
    name: "without a unit the registry must say it",
    topic: "homie/boiler-room/pump/load",
    payload: "240",
    gives: { readings: [{ device, name: "pump/load", value: 240, channel: "pump-load" }] },
  },
  {
    name: "a unit is remembered",
    topic: "homie/boiler-room/pump/load/$unit",
    payload: "W",
    state: { "boiler-room/pump/load": { datatype: "integer" } },
    gives: {
      skipped: true,
      device,
      remember: [{ key: "boiler-room/pump/load", value: { datatype: "integer", unit: "W" } }],
    },
  },
  {
    name: "Homie 5 tells all in one",
    topic: "homie/5/boiler-room/$description",
    payload: {
      homie: "5.0",
      nodes: { pump: { properties: { load: { datatype: "integer", unit: "W" }, on: { datatype: "boolean" } } } },
    },
    gives: {
      skipped: true,
      device,
      remember: [
        { key: "boiler-room/pump/load", value: { datatype: "integer", unit: "W" } },
        { key: "boiler-room/pump/on", value: { datatype: "boolean" } },
      ],
    },
  },
  {
    name: "not of its datatype: refused",
    topic: "homie/boiler-room/pump/load",
    payload: "much",
    state: { "boiler-room/pump/load": { datatype: "integer", unit: "W" } },
    gives: { refused: "invalid_value" },
  },
  {
    name: "the state of a device",
    topic: "homie/boiler-room/$state",
    payload: "ready",
    gives: { skipped: true, device },
  },
];
