import { exampleProfiles } from "./profile.examples.ts";
import type { FormatExample } from "./example.ts";

const topic = "loriot/town";
const device = "lorawan:70b3d57ed0001a2b";
const instant = Date.parse("2026-03-29T00:59:59.123Z");
const time = { instant };
const devices = { [device]: { profile: "brook/weir-probe" } };

const rx = {
  cmd: "rx",
  seqno: 31,
  EUI: "70B3D57ED0001A2B",
  ts: instant,
  fcnt: 9,
  port: 2,
  freq: 868_100_000,
  rssi: -97,
  snr: 7.25,
  dr: "SF9 BW125 4/5",
  ack: false,
  bat: 254,
  offline: false,
  data: "01a2",
};
const level = { device, name: "level", property: "water_level", value: 418, unit: "cm", time };
const signal = [
  { device, name: "rssi", property: "rssi", value: -97, unit: "dB[mW]", time },
  { device, name: "snr", property: "snr", value: 7.25, unit: "dB", time },
];

export const examples: readonly FormatExample[] = [
  {
    name: "a frame in hexadecimal digits by the layout of the profile that the registry names",
    topic,
    payload: rx,
    profiles: exampleProfiles,
    devices,
    gives: { readings: [level, ...signal] },
    deliveryId: "9/2/01a2",
  },
  {
    name: "the same uplink with all its gateways is the same delivery",
    topic,
    payload: {
      ...rx,
      cmd: "gw",
      EUI: "70-B3-D5-7E-D0-00-1A-2B",
      rssi: undefined,
      snr: undefined,
      data: "01A2",
      gws: [
        { rssi: -115, snr: -4, gweui: "7076FFFFFF053A13" },
        { rssi: -97, snr: 7.25, gweui: "7076FFFFFF053A14" },
      ],
    },
    profiles: exampleProfiles,
    devices,
    gives: { readings: [level, ...signal] },
    deliveryId: "9/2/01a2",
  },
  {
    name: "what a decoder at the server made of it, in an envelope of its own",
    topic,
    payload: {
      ...rx,
      data: undefined,
      decoded: { status: "success", data: { level: 187, battery: 3.55, mode: "day" } },
    },
    profiles: exampleProfiles,
    devices: { [device]: { profile: "brook/well-probe" } },
    gives: {
      readings: [
        { device, name: "level", property: "water_level", value: 187, unit: "cm", time },
        { device, name: "battery", property: "battery_voltage", value: 3.55, unit: "V", time },
        ...signal,
      ],
    },
  },
  {
    name: "and without one, explained by the registry",
    topic,
    payload: { ...rx, rssi: undefined, decoded: { Pegel: 12 } },
    devices: { [device]: { fields: { Pegel: { property: "water_level", unit: "cm" } } } },
    gives: { readings: [{ device, name: "Pegel", value: 12, time }] },
  },
  {
    name: "decoded fields that nobody explains",
    topic,
    payload: { ...rx, decoded: { x: 1 } },
    gives: { refused: "no_profile" },
  },
  { name: "a frame that nobody can decode", topic, payload: rx, gives: { refused: "no_codec" } },
  {
    name: "a frame that the server could not decrypt",
    topic,
    payload: { ...rx, data: undefined, encdata: "9f31" },
    profiles: exampleProfiles,
    devices,
    gives: { refused: "no_codec" },
  },
  {
    name: "a frame in base64 is not guessed at",
    topic,
    payload: { ...rx, data: "AaI=" },
    profiles: exampleProfiles,
    devices,
    gives: { refused: "malformed" },
  },
  { name: "an empty uplink", topic, payload: { ...rx, data: "" }, gives: { skipped: true, device } },
  {
    name: "a downlink measures nothing",
    topic,
    payload: { cmd: "txd", EUI: rx.EUI, seqdn: 0, ts: instant, gweui: "7076FFFFFF053A13" },
    gives: { skipped: true, device },
    deliveryId: undefined,
  },
  { name: "a time that is none", topic, payload: { ...rx, ts: "today" }, gives: { refused: "invalid_time" } },
];
