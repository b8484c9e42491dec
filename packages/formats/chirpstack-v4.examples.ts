import { exampleProfiles } from "./profile.examples.ts";
import type { FormatExample } from "./example.ts";

const application = "application/0f2d4b7e-7a3c-4be1-8a52-0d7a4f3e9b10/device/70b3d57ed0001a2b";
const topic = `${application}/event/up`;
const device = "lorawan:70b3d57ed0001a2b";
const time = { instant: Date.parse("2026-03-29T00:59:59.123Z") };
const deviceInfo = {
  deviceProfileName: "Brook Well-Probe (EU868)",
  deviceName: "Mühlbrücke",
  devEui: "70B3D57ED0001A2B",
};

const up = {
  deduplicationId: "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
  time: "2026-03-29T02:59:59.123456+02:00",
  deviceInfo,
  fPort: 2,
  data: "AQI=",
  object: { level: 0, battery: 3.55, mode: "day" },
  rxInfo: [{ rssi: -97, snr: 7.25, nsTime: "2026-03-29T01:00:41Z" }, { rssi: 0 }],
};
const deliveryId = `${up.deduplicationId}/up/2/${up.data}`;
const status = { ...up, fPort: undefined, data: undefined, object: undefined, rxInfo: undefined };

export const examples: readonly FormatExample[] = [
  {
    name: "the codec's object by the profile that the device profile's name tells",
    topic,
    payload: up,
    profiles: exampleProfiles,
    gives: {
      readings: [
        { device, name: "level", property: "water_level", value: 0, unit: "cm", time },
        { device, name: "battery", property: "battery_voltage", value: 3.55, unit: "V", time },
        { device, name: "rssi", property: "rssi", value: -97, unit: "dB[mW]", time },
        { device, name: "snr", property: "snr", value: 7.25, unit: "dB", time },
      ],
    },
  },
  {
    name: "a topic with a prefix, and a profile that the fields tell",
    topic: `town/${topic}`,
    payload: {
      ...up,
      rxInfo: undefined,
      deviceInfo: { ...deviceInfo, deviceProfileName: "bins" },
      object: { FILL_1: 20, FILL_2: "35 %", MODE: 1 },
    },
    profiles: exampleProfiles,
    gives: {
      readings: [
        { device, name: "FILL_1", property: "fill_level", channel: "1", value: 20, unit: "%", time },
        { device, name: "FILL_2", property: "fill_level", channel: "2", value: 35, unit: "%", time },
      ],
    },
  },
  {
    name: "another topic altogether, without a time",
    topic: "forwarded",
    payload: { deviceInfo, object: { level: 3 } },
    profiles: exampleProfiles,
    gives: { readings: [{ device, name: "level", property: "water_level", value: 3, unit: "cm" }] },
  },
  {
    name: "what is null is not there: a time, a field, the gateways",
    topic,
    payload: { deviceInfo, time: null, rxInfo: null, fPort: 2, data: "", object: { level: 3, battery: null } },
    profiles: exampleProfiles,
    gives: { readings: [{ device, name: "level", property: "water_level", value: 3, unit: "cm" }] },
  },
  {
    name: "a status tells battery and margin",
    topic: `${application}/event/status`,
    payload: { ...status, margin: -4, batteryLevel: 71.65, externalPowerSource: false },
    gives: {
      readings: [
        { device, name: "batteryLevel", property: "battery_level", value: 71.65, unit: "%", time },
        { device, name: "margin", property: "link_margin", value: -4, unit: "dB", time },
      ],
    },
  },
  {
    name: "a margin of 0 is left out by protobuf, and mains have no battery",
    topic: `${application}/event/status`,
    payload: { ...status, externalPowerSource: true },
    gives: { readings: [{ device, name: "margin", property: "link_margin", value: 0, unit: "dB", time }] },
  },
  {
    name: "fields that nobody explains; copies are known all the same",
    topic,
    payload: up,
    gives: { refused: "no_profile" },
    deliveryId,
  },
  {
    name: "a status of the same uplink is no copy of it",
    topic: `${application}/event/status`,
    payload: { ...status, margin: 4, externalPowerSource: true },
    gives: { readings: [{ device, name: "margin", property: "link_margin", value: 4, unit: "dB", time }] },
    deliveryId: `${up.deduplicationId}/status/0/`,
  },
  {
    name: "an event in protobuf is refused",
    topic,
    payload: new Uint8Array([0x0a, 0x24, 0x33, 0x61]),
    gives: { refused: "malformed" },
  },
  {
    name: "a frame that nobody has decoded",
    topic,
    payload: { ...up, object: undefined },
    gives: { refused: "no_codec" },
  },
  {
    name: "a frame that nobody has decoded, by the layout of the profile that the registry names",
    topic,
    payload: { ...up, object: undefined },
    profiles: exampleProfiles,
    devices: { [device]: { profile: "brook/weir-probe" } },
    gives: {
      readings: [
        { device, name: "level", property: "water_level", value: 258, unit: "cm", time },
        { device, name: "rssi", property: "rssi", value: -97, unit: "dB[mW]", time },
        { device, name: "snr", property: "snr", value: 7.25, unit: "dB", time },
      ],
    },
  },
  {
    name: "a frame that is not as the layout has it",
    topic,
    payload: { ...up, object: undefined, data: "AQ==" },
    profiles: exampleProfiles,
    devices: { [device]: { profile: "brook/weir-probe" } },
    gives: { refused: "codec_failed" },
  },
  {
    name: "a frame that is no base64",
    topic,
    payload: { ...up, object: undefined, data: "AQ?=" },
    profiles: exampleProfiles,
    devices: { [device]: { profile: "brook/weir-probe" } },
    gives: { refused: "malformed" },
  },
  {
    name: "a frame of a kind that measures nothing",
    topic,
    payload: { ...up, object: undefined, fPort: 9 },
    profiles: exampleProfiles,
    devices: { [device]: { profile: "brook/weir-probe" } },
    gives: { skipped: true, device },
  },
  {
    name: "an empty uplink measures nothing",
    topic,
    payload: { ...up, object: {}, data: "" },
    gives: { skipped: true, device },
  },
  {
    name: "a join measures nothing",
    topic: `${application}/event/join`,
    payload: status,
    gives: { skipped: true, device },
  },
  {
    name: "nor does a command",
    topic: `${application}/command/down`,
    payload: { devEui: "70b3d57ed0001a2b", fPort: 1, data: "AA==" },
    gives: { skipped: true, device },
  },
  {
    name: "a time without a zone is refused",
    topic,
    payload: { ...up, time: "2026-03-29T00:59:59" },
    gives: { refused: "invalid_time" },
  },
  {
    name: "an EUI that is none",
    topic: "application/1/device/2/event/up",
    payload: { object: { level: 3 } },
    gives: { refused: "malformed" },
  },
];
