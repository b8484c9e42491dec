import { exampleProfiles } from "./profile.examples.ts";
import type { FormatExample } from "./example.ts";

const topic = "mqtt/things/70B3D57ED0001A2B/uplink";
const device = "lorawan:70b3d57ed0001a2b";
const instant = Date.parse("2026-03-29T00:59:59.123Z");
const time = { instant };

const uplink = {
  Time: "2026-03-29T02:59:59.123+02:00",
  DevEUI: "70B3D57ED0001A2B",
  FPort: 2,
  FCntUp: 74,
  MType: 2,
  payload_hex: "01a2",
  mic_hex: "9F31C07A",
  LrrRSSI: -97,
  LrrSNR: 7.25,
  Lrrs: {
    Lrr: [
      { Lrrid: "08050376", LrrRSSI: -115, LrrSNR: -4 },
      { Lrrid: "08050377", LrrRSSI: -97, LrrSNR: 7.25 },
    ],
  },
  CustomerID: "100000001",
  CustomerData: { alr: { pro: "BROO/K", ver: "1" }, name: "Mühlbrücke" },
  DriverCfg: { mod: { pId: "brook", mId: "well-probe", ver: "1" }, app: { pId: "brook", mId: "probe", ver: "1" } },
  DevAddr: "04D2848E",
};
/** As early versions write it. */
const asText = {
  ...uplink,
  FPort: "2",
  FCntUp: "74",
  LrrRSSI: "-97.000000",
  LrrSNR: "7.250000",
  Lrrs: { Lrr: { Lrrid: "08050377", LrrRSSI: "-97.000000", LrrSNR: "7.250000" } },
};
const deliveryId = "04d2848e/74/2/9f31c07a/01a2";

function named(name: string, value: number, meaning: { property: string; unit: string }) {
  return { device, name, value, ...meaning, time };
}

const signal = [
  named("rssi", -97, { property: "rssi", unit: "dB[mW]" }),
  named("snr", 7.25, { property: "snr", unit: "dB" }),
];
const level = named("level", 418, { property: "water_level", unit: "cm" });
const devices = { [device]: { profile: "brook/weir-probe" } };

export const examples: readonly FormatExample[] = [
  {
    name: "what the driver made of the frame, by the profile that its model tells; radio fields in it are not read",
    topic,
    payload: {
      DevEUI_uplink: {
        ...uplink,
        payload: { level: 187, battery: 3.55, payload: "01a2", Frequency: 867.9, DevAddr: "1" },
      },
    },
    profiles: exampleProfiles,
    gives: {
      readings: [
        named("level", 187, { property: "water_level", unit: "cm" }),
        named("battery", 3.55, { property: "battery_voltage", unit: "V" }),
        ...signal,
      ],
    },
    deliveryId,
  },
  {
    name: "numbers as text, and a frame that nobody has decoded",
    topic: "things",
    payload: { DevEUI_uplink: asText },
    profiles: exampleProfiles,
    devices,
    gives: { readings: [level, ...signal] },
    deliveryId,
  },
  {
    name: "the same in XML",
    topic: "things",
    payload: `<?xml version="1.0" encoding="UTF-8"?><DevEUI_uplink xmlns="http://uri.actility.com/lora">
      <Time>2026-03-29T02:59:59.123+02:00</Time><DevEUI>70B3D57ED0001A2B</DevEUI><FPort>2</FPort><FCntUp>74</FCntUp>
      <payload_hex>01a2</payload_hex><mic_hex>9f31c07a</mic_hex><LrrRSSI>-97.000000</LrrRSSI><LrrSNR>7.250000</LrrSNR>
      <Lrrs><Lrr><LrrRSSI>-115.0</LrrRSSI></Lrr><Lrr><LrrRSSI>-97.0</LrrRSSI><LrrSNR>7.25</LrrSNR></Lrr></Lrrs>
      <CustomerData>{"alr":{"pro":"BROO/K","ver":"1"}}</CustomerData><DevAddr>04D2848E</DevAddr></DevEUI_uplink>`,
    profiles: exampleProfiles,
    devices,
    gives: { readings: [level, ...signal] },
    deliveryId,
  },
  {
    name: "points have their units with them; a position is older than the message; somebody has wrapped it",
    topic: "bridged",
    payload: {
      data: {
        DevEUI_uplink: {
          ...uplink,
          points: {
            temperature: { unitId: "Cel", record: 20.5 },
            humidity: { unitId: "%RH", record: 41 },
            location: { unitId: "GPS", record: [8.2, 53.1] },
            speed: { unitId: "m/s", record: 0.5 },
            age: { unitId: "s", record: 100 },
            mood: { record: 1 },
          },
        },
      },
    },
    gives: {
      readings: [
        named("points.temperature", 20.5, { property: "temperature", unit: "Cel" }),
        named("points.humidity", 41, { property: "relative_humidity", unit: "%" }),
        ...[
          named("points.longitude", 8.2, { property: "longitude", unit: "deg" }),
          named("points.latitude", 53.1, { property: "latitude", unit: "deg" }),
          named("points.speed", 0.5, { property: "speed", unit: "m/s" }),
        ].map((reading) => ({ ...reading, time: { instant: instant - 100_000 } })),
        ...signal,
      ],
      refusals: [{ code: "unknown_property", reading: "mood" }],
    },
    deliveryId,
  },
  {
    name: "the driver's object alone, with the device in the topic",
    topic,
    payload: { level: 187, payload: "01a2" },
    profiles: exampleProfiles,
    devices: { [device]: { profile: "brook/well-probe" } },
    gives: { readings: [{ device, name: "level", property: "water_level", value: 187, unit: "cm" }] },
    deliveryId: undefined,
  },
  {
    name: "the same, named by a word of the operator",
    topic: "mqtt/things/bridge-7/uplink",
    payload: { level: 187, payload: "01a2" },
    profiles: exampleProfiles,
    devices: { "thingpark:bridge-7": { profile: "brook/well-probe" } },
    gives: {
      readings: [{ device: "thingpark:bridge-7", name: "level", property: "water_level", value: 187, unit: "cm" }],
    },
  },
  {
    name: "a notification of battery and margin",
    topic: "things",
    payload: {
      DevEUI_notification: { Time: uplink.Time, DevEUI: uplink.DevEUI, Type: "devstatusans", Var1: "127", Var2: "-3" },
    },
    gives: {
      readings: [
        named("battery", 50, { property: "battery_level", unit: "%" }),
        named("margin", -3, { property: "link_margin", unit: "dB" }),
      ],
    },
    deliveryId: undefined,
  },
  {
    name: "a notification of a join",
    topic: "things",
    payload: { DevEUI_notification: { Time: uplink.Time, DevEUI: uplink.DevEUI, Type: "join" } },
    gives: { skipped: true, device },
  },
  {
    name: "a request to join comes as an uplink without a frame",
    topic,
    payload: { DevEUI_uplink: { Time: uplink.Time, DevEUI: uplink.DevEUI, MType: 0, rawJoinRequest: "0032" } },
    gives: { skipped: true, device },
  },
  ...["DevEUI_downlink_Sent", "DevEUI_location", "DevEUI_multicast_summary"].map((kind) => ({
    name: `a ${kind} measures nothing`,
    topic: "things",
    payload: { [kind]: { Time: uplink.Time, DevEUI: uplink.DevEUI, DevLAT: 53.1, DevLON: 8.2 } },
    gives: { skipped: true, device } as const,
  })),
  { name: "a frame that nobody can decode", topic, payload: { DevEUI_uplink: uplink }, gives: { refused: "no_codec" } },
  {
    name: "a time without an offset",
    topic,
    payload: { DevEUI_uplink: { ...uplink, Time: "2026-03-29T02:59:59" } },
    gives: { refused: "invalid_time" },
  },
  {
    name: "an EUI that is none",
    topic: "things",
    payload: { DevEUI_uplink: { ...uplink, DevEUI: "7" } },
    gives: { refused: "malformed" },
  },
];
