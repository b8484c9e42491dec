import { exampleProfiles } from "./profile.examples.ts";
import type { FormatExample } from "./example.ts";

const topic = "v3/waterworks@town/devices/well-7/up";
const device = "lorawan:70b3d57ed0001a2b";
const ids = { device_id: "well-7", application_ids: { application_id: "waterworks" }, dev_eui: "70B3D57ED0001A2B" };
const instant = Date.parse("2026-03-29T00:59:59.123Z");
const time = { instant };

const up = {
  end_device_ids: ids,
  received_at: "2026-03-29T01:00:00.5Z",
  uplink_message: {
    session_key_id: "AYfqmb0pc/1uRZv9xUydgQ==",
    f_port: 2,
    f_cnt: 17,
    frm_payload: "AQI=",
    decoded_payload: { level: 187, battery: 3.55, probe: 327.67, mode: "day" },
    rx_metadata: [{ rssi: -110, snr: -3.5 }, { rssi: -97, channel_rssi: -97, snr: 7.25 }, { gateway_ids: {} }],
    received_at: "2026-03-29T00:59:59.123456789Z",
    version_ids: { brand_id: "brook", model_id: "well-probe" },
    last_battery_percentage: { f_cnt: 1, value: 80, received_at: "2026-03-01T00:00:00Z" },
  },
};

const readings = [
  { device, name: "level", property: "water_level", value: 187, unit: "cm", time },
  { device, name: "battery", property: "battery_voltage", value: 3.55, unit: "V", time },
];
const signal = [
  { device, name: "rssi", property: "rssi", value: -97, unit: "dB[mW]", time },
  { device, name: "snr", property: "snr", value: 7.25, unit: "dB", time },
];
const deliveryId = "AYfqmb0pc/1uRZv9xUydgQ==/17/2/AQI=";

function withUp(differences: object): unknown {
  return { ...up, uplink_message: { ...up.uplink_message, ...differences } };
}

function normalized(
  path: string,
  value: number | boolean,
  meaning: { property: string; unit: string; channel?: string },
) {
  return { device, name: `normalized_payload.${path}`, value, ...meaning, time };
}

const { decoded_payload: _, version_ids: __, ...radio } = up.uplink_message;
const normalizedMessage = {
  end_device_ids: ids,
  uplink_normalized: { ...radio, normalized_payload: { air: { temperature: 21.5 } } },
};

export const examples: readonly FormatExample[] = [
  {
    name: "decoded fields by the profile of brand and model, with the strongest gateway's signal",
    topic,
    payload: up,
    profiles: exampleProfiles,
    gives: { readings: [...readings, ...signal] },
    deliveryId,
  },
  {
    name: "a webhook on another topic, and a frame counter of 0 that protobuf leaves out",
    topic: "webhooks/tts",
    payload: withUp({ f_cnt: undefined, f_port: undefined, rx_metadata: undefined }),
    profiles: exampleProfiles,
    gives: { readings },
    deliveryId: "AYfqmb0pc/1uRZv9xUydgQ==/0/0/AQI=",
  },
  {
    name: "the registry names the profile where the message does not",
    topic,
    payload: withUp({ version_ids: undefined, rx_metadata: undefined }),
    profiles: exampleProfiles,
    devices: { [device]: { profile: "brook/well-probe" } },
    gives: { readings },
    deliveryId,
  },
  {
    name: "a device without an EUI is known by its ids",
    topic,
    payload: {
      ...up,
      end_device_ids: { ...ids, dev_eui: undefined },
      uplink_message: { decoded_payload: { level: 5 }, version_ids: { model_id: "well-probe" } },
    },
    profiles: exampleProfiles,
    gives: {
      readings: [
        {
          device: "tts:waterworks/well-7",
          name: "level",
          property: "water_level",
          value: 5,
          unit: "cm",
          time: { instant: Date.parse("2026-03-29T01:00:00.5Z") },
        },
      ],
    },
  },
  {
    name: "fields that the profile does not explain are refused beside the others",
    topic,
    payload: withUp({ decoded_payload: { level: 1, extra: { deep: 2 }, mode: "night" }, rx_metadata: undefined }),
    profiles: exampleProfiles,
    gives: {
      readings: [{ device, name: "level", property: "water_level", value: 1, unit: "cm", time }],
      refusals: [{ code: "unknown_property", reading: "extra.deep" }],
    },
  },
  {
    name: "without a profile the normalised payload speaks, and the rest waits for one",
    topic,
    payload: withUp({
      rx_metadata: undefined,
      decoded_payload: { t: 21.5, h: 40, secret: 7 },
      normalized_payload: [{ time: "2026-03-29T00:50:00Z", air: { temperature: 21.5, relativeHumidity: 40 } }],
    }),
    gives: {
      readings: [
        {
          device,
          name: "normalized_payload.air.temperature",
          property: "air_temperature",
          value: 21.5,
          unit: "Cel",
          time: { instant: Date.parse("2026-03-29T00:50:00Z") },
        },
        {
          device,
          name: "normalized_payload.air.relativeHumidity",
          property: "relative_humidity",
          value: 40,
          unit: "%",
          time: { instant: Date.parse("2026-03-29T00:50:00Z") },
        },
      ],
      refusals: [{ code: "no_profile" }],
    },
  },
  {
    name: "without a profile the registry may explain a word",
    topic,
    payload: withUp({ decoded_payload: { Pegel: 12 }, rx_metadata: undefined }),
    devices: { [device]: { fields: { Pegel: { property: "water_level", unit: "cm" } } } },
    gives: { readings: [{ device, name: "Pegel", value: 12, time }] },
  },
  {
    name: "decoded fields that nobody explains; copies are known all the same",
    topic,
    payload: up,
    gives: { refused: "no_profile" },
    deliveryId,
  },
  {
    name: "the normalised payload of a weather station, a soil probe, a water meter, a door and a tracker",
    topic,
    payload: withUp({
      rx_metadata: undefined,
      decoded_payload: { a: 3.2, b: 40.5 },
      normalized_payload: [
        {
          wind: { speed: 3.2, direction: 270 },
          rain: { intensity: 1.2, cumulative: 40.5 },
          air: { location: "outdoor" },
        },
        { soil: { depth: 20, moisture: 31, ec: 0.4, n: 12 } },
        { metering: { water: { total: 1250 } }, water: { leak: false, temperature: { current: 11.5, max: 14 } } },
        { action: { motion: { detected: true, count: 5 }, contactState: "open" }, position: { latitude: 53.1 } },
        { action: { contactState: "ajar" } },
      ],
    }),
    gives: {
      readings: [
        normalized("wind.speed", 3.2, { property: "wind_speed", unit: "m/s" }),
        normalized("wind.direction", 270, { property: "wind_direction", unit: "deg" }),
        normalized("rain.intensity", 1.2, { property: "rainfall_rate", unit: "mm/h" }),
        normalized("rain.cumulative", 40.5, { property: "rainfall_total", unit: "mm" }),
        normalized("soil.moisture", 31, { property: "soil_moisture", unit: "%", channel: "20cm" }),
        normalized("soil.ec", 0.4, { property: "soil_conductivity", unit: "dS/m", channel: "20cm" }),
        normalized("metering.water.total", 1250, { property: "water_volume", unit: "L" }),
        normalized("water.leak", false, { property: "water_leak", unit: "1" }),
        normalized("water.temperature.current", 11.5, { property: "water_temperature", unit: "Cel" }),
        normalized("water.temperature.max", 14, { property: "water_temperature", unit: "Cel", channel: "max" }),
        normalized("action.motion.detected", true, { property: "motion", unit: "1" }),
        normalized("action.motion.count", 5, { property: "count", unit: "{count}", channel: "motion" }),
        normalized("action.contactState", true, { property: "contact_open", unit: "1" }),
        normalized("position.latitude", 53.1, { property: "latitude", unit: "deg" }),
      ],
      refusals: [
        { code: "unknown_property", reading: "normalized_payload.soil.n" },
        { code: "invalid_value", reading: "normalized_payload.action.contactState" },
      ],
    },
  },
  {
    name: "one measurement of an uplink, where no profile reads the uplink",
    topic: "v3/waterworks@town/devices/well-7/up/normalized",
    payload: normalizedMessage,
    gives: { readings: [normalized("air.temperature", 21.5, { property: "air_temperature", unit: "Cel" }), ...signal] },
    deliveryId: undefined,
  },
  {
    name: "the same where one does",
    topic: "v3/waterworks@town/devices/well-7/up/normalized",
    payload: normalizedMessage,
    profiles: exampleProfiles,
    devices: { [device]: { profile: "brook/well-probe" } },
    gives: { skipped: true, device },
  },
  {
    name: "a position that the network found, by webhook",
    topic: "webhooks/tts",
    payload: { end_device_ids: ids, location_solved: { service: "lora-cloud", location: { latitude: 53.1 } } },
    gives: { skipped: true, device },
  },
  {
    name: "a frame that nobody has decoded",
    topic,
    payload: withUp({ decoded_payload: undefined }),
    profiles: exampleProfiles,
    gives: { refused: "no_codec" },
  },
  {
    name: "a probe that is not connected is no value",
    topic,
    payload: withUp({ decoded_payload: { probe: 327.67 } }),
    profiles: exampleProfiles,
    gives: { skipped: true, device },
  },
  {
    name: "an empty uplink measures nothing",
    topic,
    payload: withUp({ decoded_payload: undefined, frm_payload: undefined }),
    gives: { skipped: true, device },
  },
  {
    name: "a join measures nothing",
    topic: "v3/waterworks@town/devices/well-7/join",
    payload: { end_device_ids: ids, join_accept: {} },
    gives: { skipped: true, device },
  },
  {
    name: "nor does a downlink",
    topic: "v3/waterworks@town/devices/well-7/down/queued",
    payload: { end_device_ids: ids },
    gives: { skipped: true, device },
  },
  { name: "nor what somebody simulates", topic, payload: { ...up, simulated: true }, gives: { skipped: true, device } },
  {
    name: "a time without a zone is refused",
    topic,
    payload: withUp({ received_at: "2026-03-29 00:59:59" }),
    gives: { refused: "invalid_time" },
  },
  {
    name: "an id that is none",
    topic: "v3/a@b/devices/UPPER/up",
    payload: { uplink_message: {} },
    gives: { refused: "malformed" },
  },
  { name: "text on the topic", topic, payload: "online", gives: { refused: "malformed" } },
];
