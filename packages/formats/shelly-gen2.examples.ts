import type { FormatExample } from "./example.ts";

const plug = { device: "shelly:shellyplus1pm-a8032ab00001" };
const meter = { device: "shelly:town/hall" };

export const examples: readonly FormatExample[] = [
  {
    name: "an output with its meter, in the time of receipt; energy in Wh, the temperature once",
    topic: "shellyplus1pm-a8032ab00001/status/switch:0",
    payload: {
      id: 0,
      source: "timer",
      output: false,
      apower: 0,
      voltage: 231.2,
      current: 0,
      freq: 50,
      aenergy: { total: 1204.5, by_minute: [0, 0, 12.5], minute_ts: 1_774_744_140 },
      temperature: { tC: 41.5, tF: 106.7 },
    },
    gives: {
      readings: [
        { ...plug, name: "switch:0.output", value: false, property: "switch_state", channel: "switch-0", unit: "1" },
        { ...plug, name: "switch:0.apower", value: 0, property: "active_power", channel: "switch-0", unit: "W" },
        { ...plug, name: "switch:0.voltage", value: 231.2, property: "voltage", channel: "switch-0", unit: "V" },
        { ...plug, name: "switch:0.current", value: 0, property: "current", channel: "switch-0", unit: "A" },
        { ...plug, name: "switch:0.freq", value: 50, property: "frequency", channel: "switch-0", unit: "Hz" },
        {
          ...plug,
          name: "switch:0.aenergy.total",
          value: 1204.5,
          property: "active_energy",
          channel: "switch-0",
          unit: "W.h",
        },
        {
          ...plug,
          name: "switch:0.temperature.tC",
          value: 41.5,
          property: "device_temperature",
          channel: "switch-0",
          unit: "Cel",
        },
      ],
    },
  },
  {
    name: "a three-phase meter: phases and their sum; a phase without mains has no frequency, one with an error is marked",
    topic: "town/hall/status/em:0",
    payload: {
      id: 0,
      a_voltage: 230.1,
      a_freq: 50,
      b_voltage: 0,
      b_freq: 0,
      c_act_power: 1500.5,
      c_errors: ["out_of_range:act_power"],
      n_current: null,
      total_act_power: 1500.5,
    },
    gives: {
      readings: [
        { ...meter, name: "em:0.a_voltage", value: 230.1, property: "voltage", channel: "L1", unit: "V" },
        { ...meter, name: "em:0.a_freq", value: 50, property: "frequency", channel: "L1", unit: "Hz" },
        { ...meter, name: "em:0.b_voltage", value: 0, property: "voltage", channel: "L2", unit: "V" },
        {
          ...meter,
          name: "em:0.c_act_power",
          value: 1500.5,
          property: "active_power",
          channel: "L3",
          unit: "W",
          checks: ["device"],
        },
        { ...meter, name: "em:0.total_act_power", value: 1500.5, property: "active_power", unit: "W" },
      ],
    },
  },
  {
    name: "a notification carries the time of the change and only what changed",
    topic: "town/hall/events/rpc",
    payload: {
      src: "shellypro3em-a0dd6c000001",
      dst: "town/hall/events",
      method: "NotifyStatus",
      params: {
        ts: 1_774_744_195.25,
        "emdata:0": { id: 0, total_act: 88_120.4 },
        "temperature:101": { id: 101, tC: null },
      },
    },
    gives: {
      readings: [
        {
          ...meter,
          name: "emdata:0.total_act",
          value: 88_120.4,
          property: "active_energy_import",
          unit: "W.h",
          time: { instant: 1_774_744_195_250 },
        },
      ],
    },
  },
  {
    name: "the answer to Shelly.GetStatus is a status of all components",
    topic: "console/rpc",
    payload: {
      id: 7,
      src: "shellyplus1pm-a8032ab00001",
      dst: "console",
      result: { "input:0": { id: 0, state: true }, cloud: { connected: false }, wifi: { ssid: "x", rssi: -61 } },
    },
    gives: {
      readings: [
        { ...plug, name: "input:0.state", value: true, property: "input_state", channel: "input-0", unit: "1" },
        { ...plug, name: "wifi.rssi", value: -61, property: "rssi", unit: "dB[mW]" },
      ],
    },
  },
  {
    name: "what the owner defined has no meaning of its own",
    topic: "town/hall/status/number:200",
    payload: { value: 17, source: "rpc", last_update_ts: 1_774_744_000 },
    gives: { readings: [{ ...meter, name: "number:200.value", value: 17, channel: "number-200" }] },
  },
  {
    name: "a press of a button is an event, not a status",
    topic: "town/hall/events/rpc",
    payload: { src: "x", dst: "town/hall/events", method: "NotifyEvent", params: { ts: 1_774_744_195, events: [] } },
    gives: { skipped: true, device: "shelly:town/hall" },
  },
  {
    name: "a time that no calendar has is refused",
    topic: "town/hall/events/rpc",
    payload: { method: "NotifyStatus", params: { ts: 1e300, "temperature:0": { tC: 20 } } },
    gives: { refused: "invalid_time" },
  },
  {
    name: "a topic without a device is refused",
    topic: "status/switch:0",
    payload: { id: 0, apower: 5 },
    gives: { refused: "malformed" },
  },
  {
    name: "half a status is refused for what it is",
    topic: "town/hall/status/switch:0",
    payload: '{"id":0,"apower":',
    gives: { refused: "malformed" },
  },
  {
    name: "the answer to EM.GetStatus names its component by its fields alone",
    topic: "control/rpc",
    payload: {
      id: 3,
      src: "shellypro3em-0a1b2c3d4e5f",
      dst: "control",
      result: { id: 1, a_act_power: -12.5, a_freq: 0, n_current: null },
    },
    gives: {
      readings: [
        {
          device: "shelly:shellypro3em-0a1b2c3d4e5f",
          name: "em:1.a_act_power",
          value: -12.5,
          property: "active_power",
          channel: "em-1-L1",
          unit: "W",
        },
      ],
    },
  },
  {
    name: "a component that measures nothing and that nobody has heard of",
    topic: "shellywalldisplay-0a1b2c/status/wd_ui",
    payload: { brightness: 40 },
    gives: { skipped: true, device: "shelly:shellywalldisplay-0a1b2c" },
  },
  {
    name: "a command to a device measures nothing",
    topic: "shellypro1-0a1b2c/command/switch:0",
    payload: "on",
    gives: { skipped: true, device: "shelly:shellypro1-0a1b2c" },
  },
  {
    name: "the log of a device measures nothing",
    topic: "shellypro1-0a1b2c/debug/log",
    payload: "mqtt connected",
    gives: { skipped: true, device: "shelly:shellypro1-0a1b2c" },
  },
  {
    name: "a device that comes or goes measures nothing",
    topic: "shellyplus1pm-a8032ab00001/online",
    payload: "false",
    gives: { skipped: true, device: "shelly:shellyplus1pm-a8032ab00001" },
  },
];
