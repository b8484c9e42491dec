import { exampleProfiles } from "./profile.examples.ts";
import type { FormatExample } from "./example.ts";

const application = "application/3/device/70b3d57ed0001a2b";
const topic = `${application}/event/up`;
const device = "lorawan:70b3d57ed0001a2b";
const time = { instant: Date.parse("2026-03-29T00:59:59.123Z") };

const inHex = {
  applicationID: "3",
  applicationName: "wells",
  deviceName: "Mühlbrücke",
  deviceProfileName: "Brook Well-Probe (EU868)",
  devEUI: "70b3d57ed0001a2b",
  rxInfo: [
    { gatewayID: "0303030303030303", time: null, rssi: -110, loRaSNR: -2 },
    { gatewayID: "0404040404040404", time: "2026-03-29T00:59:59.123456Z", rssi: -97, loRaSNR: 7.25 },
  ],
  txInfo: { frequency: 868_100_000, dr: 5 },
  adr: true,
  fCnt: 10,
  fPort: 2,
  data: "AQI=",
  object: { level: 187, battery: 3.55, mode: "day" },
};
const { object, ...withoutObject } = inHex;
const inBase64 = {
  ...withoutObject,
  devEUI: "cLPVftAAGis=",
  devAddr: "AFE6EQ==",
  objectJSON: JSON.stringify(object),
  publishedAt: "2026-03-29T01:00:01Z",
};

const signal = [
  { device, name: "rssi", property: "rssi", value: -97, unit: "dB[mW]", time },
  { device, name: "snr", property: "snr", value: 7.25, unit: "dB", time },
];
const readings = [
  { device, name: "level", property: "water_level", value: 187, unit: "cm", time },
  { device, name: "battery", property: "battery_voltage", value: 3.55, unit: "V", time },
  ...signal,
];

export const examples: readonly FormatExample[] = [
  {
    name: "JSON of v3: the codec's object by the device profile's name, the time of the first gateway that has one",
    topic,
    payload: inHex,
    profiles: exampleProfiles,
    gives: { readings },
    deliveryId: "/10/2/AQI=",
  },
  {
    name: "JSON of protobuf: bytes in base64, the object as text",
    topic,
    payload: inBase64,
    profiles: exampleProfiles,
    gives: { readings },
    deliveryId: "AFE6EQ==/10/2/AQI=",
  },
  {
    name: "a topic of early versions below a prefix, a frame that nobody has decoded, and no time",
    topic: `town/${application}/rx`,
    payload: { ...withoutObject, rxInfo: undefined },
    profiles: exampleProfiles,
    devices: { [device]: { profile: "brook/weir-probe" } },
    gives: { readings: [{ device, name: "level", property: "water_level", value: 258, unit: "cm" }] },
  },
  {
    name: "a webhook, and the server's time where no gateway has one",
    topic: "webhooks",
    payload: { ...inBase64, rxInfo: [{ rssi: -97, loRaSNR: 7.25 }], objectJSON: '{"level":1}' },
    profiles: exampleProfiles,
    gives: {
      readings: [{ device, name: "level", property: "water_level", value: 1, unit: "cm" }, ...signal].map(
        (reading) => ({
          ...reading,
          time: { instant: Date.parse("2026-03-29T01:00:01Z") },
        }),
      ),
    },
  },
  {
    name: "a status tells battery and margin",
    topic: `${application}/event/status`,
    payload: {
      applicationID: "3",
      devEUI: inBase64.devEUI,
      margin: 6,
      batteryLevel: 75.5,
      publishedAt: "2026-03-29T01:00:01Z",
    },
    gives: {
      readings: [
        { name: "batteryLevel", property: "battery_level", value: 75.5, unit: "%" },
        { name: "margin", property: "link_margin", value: 6, unit: "dB" },
      ].map((reading) => ({ device, ...reading, time: { instant: Date.parse("2026-03-29T01:00:01Z") } })),
    },
    deliveryId: undefined,
  },
  {
    name: "a status of early versions has the battery as the device said it",
    topic: `${application}/status`,
    payload: { devEUI: inHex.devEUI, battery: 127, margin: -3 },
    gives: {
      readings: [
        { device, name: "batteryLevel", property: "battery_level", value: 50, unit: "%" },
        { device, name: "margin", property: "link_margin", value: -3, unit: "dB" },
      ],
    },
  },
  {
    name: "mains have no battery",
    topic: `${application}/event/status`,
    payload: { devEUI: inHex.devEUI, margin: 1, externalPowerSource: true, batteryLevel: 0 },
    gives: { readings: [{ device, name: "margin", property: "link_margin", value: 1, unit: "dB" }] },
  },
  ...["join", "ack", "error", "txack", "location", "integration"].map((event) => ({
    name: `an event ${event} measures nothing`,
    topic: `${application}/event/${event}`,
    payload: { applicationID: "3", devEUI: inHex.devEUI, rxInfo: inHex.rxInfo },
    gives: { skipped: true, device } as const,
  })),
  {
    name: "nor does a downlink of early versions",
    topic: `${application}/tx`,
    payload: { devEUI: inHex.devEUI, fPort: 1, data: "AA==" },
    gives: { skipped: true, device },
  },
  { name: "fields that nobody explains", topic, payload: inHex, gives: { refused: "no_profile" } },
  {
    name: "an object that is no JSON",
    topic,
    payload: { ...inBase64, objectJSON: "{level" },
    profiles: exampleProfiles,
    gives: { refused: "malformed" },
  },
  {
    name: "an event in protobuf",
    topic: `${application}/rx`,
    payload: new Uint8Array([0x08, 0x03, 0x12, 0x05]),
    gives: { refused: "malformed" },
  },
  {
    name: "an EUI that is none",
    topic,
    payload: { ...inHex, devEUI: "cLPV" },
    gives: { refused: "malformed" },
  },
];
