import type { FormatExample } from "./example.ts";

const plug = { device: "shelly:shellyplug-s-4022d8" };
const meter = { device: "shelly:shellyem3-485519d00001" };

export const examples: readonly FormatExample[] = [
  {
    name: "the meter of a relay counts watt-minutes",
    topic: "shellies/shellyplug-s-4022d8/relay/0/energy",
    payload: "120405",
    gives: {
      readings: [
        {
          ...plug,
          name: "relay/0/energy",
          value: 120_405,
          property: "active_energy",
          channel: "relay-0",
          unit: "W.min",
        },
      ],
    },
  },
  {
    name: "a relay is on",
    topic: "shellies/shellyplug-s-4022d8/relay/0",
    payload: "on",
    gives: {
      readings: [{ ...plug, name: "relay/0", value: true, property: "switch_state", channel: "relay-0" }],
    },
  },
  {
    name: "a phase of a 3EM, whose register is in watt-hours",
    topic: "shellies/shellyem3-485519d00001/emeter/1/total",
    payload: "88120.4",
    gives: {
      readings: [
        {
          ...meter,
          name: "emeter/1/total",
          value: 88_120.4,
          property: "active_energy_import",
          channel: "L2",
          unit: "W.h",
        },
      ],
    },
  },
  {
    name: "the owner has set °C or °F in a sensor: nobody else knows which",
    topic: "shellies/shellyht-1a2b3c/sensor/temperature",
    payload: "21.38",
    gives: {
      readings: [
        { device: "shelly:shellyht-1a2b3c", name: "sensor/temperature", value: 21.38, property: "temperature" },
      ],
    },
  },
  {
    name: "999 is a probe that is not there",
    topic: "shellies/shelly1-a1b2c3/ext_temperature/0",
    payload: "999",
    gives: { skipped: true, device: "shelly:shelly1-a1b2c3" },
  },
  {
    name: "the whole status, in the device's own time; what is not valid has no value",
    topic: "shellies/shellyem3-485519d00001/info",
    payload: {
      wifi_sta: { connected: true, rssi: -61 },
      unixtime: 1_774_744_190,
      relays: [{ ison: true, overpower: false }],
      emeters: [
        { power: 12.5, pf: 0.9, current: 0.06, voltage: 231.1, is_valid: true, total: 1204.5, total_returned: 0 },
        { power: 0, voltage: 0, is_valid: false, total: 0 },
      ],
    },
    gives: {
      readings: [
        { ...meter, name: "wifi_sta.rssi", value: -61, property: "rssi", unit: "dB[mW]" },
        { ...meter, name: "relays.0.ison", value: true, property: "switch_state", channel: "relay-0" },
        { ...meter, name: "emeters.0.power", value: 12.5, property: "active_power", channel: "L1", unit: "W" },
        { ...meter, name: "emeters.0.pf", value: 0.9, property: "power_factor", channel: "L1", unit: "1" },
        { ...meter, name: "emeters.0.current", value: 0.06, property: "current", channel: "L1", unit: "A" },
        { ...meter, name: "emeters.0.voltage", value: 231.1, property: "voltage", channel: "L1", unit: "V" },
        {
          ...meter,
          name: "emeters.0.total",
          value: 1204.5,
          property: "active_energy_import",
          channel: "L1",
          unit: "W.h",
        },
        {
          ...meter,
          name: "emeters.0.total_returned",
          value: 0,
          property: "active_energy_export",
          channel: "L1",
          unit: "W.h",
        },
      ].map((reading) => ({ ...reading, time: { instant: 1_774_744_190_000 } })),
    },
  },
  {
    name: "a number that is none is refused",
    topic: "shellies/shellyplug-s-4022d8/relay/0/power",
    payload: "nan",
    gives: { refused: "invalid_value" },
  },
  {
    name: "devices announce themselves",
    topic: "shellies/announce",
    payload: { id: "shellyplug-s-4022d8", model: "SHPLG-S", mac: "4022D8000001" },
    gives: { skipped: true },
  },
  {
    name: "a press of a button is an event",
    topic: "shellies/shellyix3-aabbcc/input_event/0",
    payload: { event: "S", event_cnt: 4 },
    gives: { skipped: true, device: "shelly:shellyix3-aabbcc" },
  },
  {
    name: "a roller's drive: its own warmth once, a position before it was calibrated is none",
    topic: "shellies/shellyswitch25-0a1b2c/info",
    payload: {
      rollers: [{ state: "stop", power: 0.5, is_valid: true, current_pos: 101 }],
      tmp: { tC: 48.2, tF: 118.8, is_valid: true },
      temperature: 48.2,
    },
    gives: {
      readings: [
        {
          device: "shelly:shellyswitch25-0a1b2c",
          name: "temperature",
          value: 48.2,
          property: "device_temperature",
          unit: "Cel",
        },
        {
          device: "shelly:shellyswitch25-0a1b2c",
          name: "rollers.0.power",
          value: 0.5,
          property: "active_power",
          channel: "roller-0",
          unit: "W",
        },
      ],
    },
  },
  {
    name: "a radiator valve says its unit",
    topic: "shellies/shellytrv-0a1b2c/info",
    payload: { thermostats: [{ pos: 10.5, tmp: { value: 70, units: "F", is_valid: true } }] },
    gives: {
      readings: [
        {
          device: "shelly:shellytrv-0a1b2c",
          name: "thermostats.0.pos",
          value: 10.5,
          property: "valve_position",
          channel: "thermostat-0",
          unit: "%",
        },
        {
          device: "shelly:shellytrv-0a1b2c",
          name: "thermostats.0.tmp.value",
          value: 70,
          property: "temperature",
          channel: "thermostat-0",
          unit: "[degF]",
        },
      ],
    },
  },
  {
    name: "a motion sensor's status stands right below the device",
    topic: "shellies/shellymotionsensor-0a1b2c/status",
    payload: { motion: false, timestamp: 1_774_740_000, active: true, bat: 81 },
    gives: {
      readings: [
        { device: "shelly:shellymotionsensor-0a1b2c", name: "motion", value: false, property: "motion" },
        {
          device: "shelly:shellymotionsensor-0a1b2c",
          name: "bat",
          value: 81,
          property: "battery_level",
          unit: "%",
        },
      ],
    },
  },
];
