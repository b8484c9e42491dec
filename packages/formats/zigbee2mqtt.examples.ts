import type { FormatExample } from "./example.ts";

const device = "zigbee:town_hall/cellar";
const topic = "zigbee2mqtt/town hall/cellar";

export const examples: readonly FormatExample[] = [
  {
    name: "a battery's voltage is in mV, a closed contact is not open",
    topic,
    payload: {
      temperature: 12.5,
      humidity: 71,
      battery: 97,
      voltage: 2995,
      contact: true,
      linkquality: 120,
      update: { state: "idle" },
    },
    gives: {
      readings: [
        { device, name: "temperature", value: 12.5, property: "temperature", unit: "Cel" },
        { device, name: "humidity", value: 71, property: "relative_humidity", unit: "%" },
        { device, name: "battery", value: 97, property: "battery_level", unit: "%" },
        { device, name: "voltage", value: 2995, property: "battery_voltage", unit: "mV" },
        { device, name: "contact", value: false, property: "contact_open" },
        { device, name: "linkquality", value: 120, property: "link_quality", unit: "1" },
      ],
    },
  },
  {
    name: "a plug with two outlets, and when it was last seen",
    topic: "zigbee2mqtt/0xa4c1380000000001",
    payload: {
      state_l1: "ON",
      power_l1: 12.5,
      energy: 88.12,
      voltage: 231,
      last_seen: "2026-03-29T01:10:00+01:00",
      countdown_l1: 0,
    },
    gives: {
      readings: [
        { name: "state_l1", value: true, property: "switch_state", channel: "l1" },
        { name: "power_l1", value: 12.5, property: "active_power", channel: "l1", unit: "W" },
        { name: "energy", value: 88.12, property: "active_energy", unit: "kW.h" },
        { name: "voltage", value: 231, property: "voltage", unit: "V" },
      ].map((reading) => ({ device: "zigbee:0xa4c1380000000001", ...reading, time: { instant: 1_774_743_000_000 } })),
    },
  },
  {
    name: "volts of a battery, or millivolts? The registry must say it",
    topic,
    payload: { battery: 97, voltage: 3 },
    gives: {
      readings: [
        { device, name: "battery", value: 97, property: "battery_level", unit: "%" },
        { device, name: "voltage", value: 3, property: "battery_voltage" },
      ],
    },
  },
  {
    name: "the bridge measures nothing",
    topic: "zigbee2mqtt/bridge/state",
    payload: { state: "online" },
    gives: { skipped: true },
  },
  {
    name: "whether a device is there",
    topic: `${topic}/availability`,
    payload: { state: "online" },
    gives: { skipped: true, device },
  },
];
