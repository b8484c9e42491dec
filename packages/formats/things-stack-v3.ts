import { type EpochMs, type Refusal, refusal } from "@messnetz/model";
import {
  type Decoded,
  type DecodeContext,
  malformed,
  type Message,
  type NetworkDelivery,
  type PayloadFormat,
} from "./format.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import {
  contentOf,
  deviceOfEui,
  type LorawanUplink,
  noProfile,
  readFrame,
  readUplink,
  signalReadings,
  strongest,
} from "./lorawan-uplink.ts";
import { remember } from "./remember.ts";
import { readNormalized } from "./things-stack-normalized.ts";

/**
 * Uplinks of The Things Stack v3, by MQTT or webhook. What a decoded field means stands in the device's profile; without one the
 * normalised payload, whose units are fixed, says as much as it can. The time is that of the uplink at the network server
 * (`uplink_message.received_at`): the one outside comes later, those of gateways may be wrong or missing. `last_battery_percentage` is
 * older than the uplink and no reading of it. All other messages (join, downlinks, location, service data) measure nothing. A message of
 * `up/normalized` repeats one measurement of an uplink; it is read where no profile reads the uplink.
 */
export const thingsStackV3: PayloadFormat = {
  name: "things-stack-v3",
  revision: 2,
  topics: ["v3/+/devices/+/#", "#"],
  specification: "https://www.thethingsindustries.com/docs/integrations/other-integrations/mqtt/",
  recognises,
  delivery,
  decode,
};

const openList = 0x5b;
const openObject = 0x7b;

/** What an ApplicationUp may hold beside `uplink_message`, which measures nothing. */
const otherContents = [
  "join_accept",
  "downlink_ack",
  "downlink_nack",
  "downlink_sent",
  "downlink_failed",
  "downlink_queued",
  "downlink_queue_invalidated",
  "location_solved",
  "service_data",
] as const;

/** By topic; by content where a bridge or webhook has changed the topic. */
function recognises(message: Message): boolean {
  if (message.payload[0] === openList) return false;
  if (message.payload[0] !== openObject) return isTopic(message.levels);
  if (isTopic(message.levels)) return true;
  const payload = message.json();
  return isJsonObject(payload) && isJsonObject(payload["end_device_ids"]) && contentKeyOf(payload) !== undefined;
}

function isTopic(levels: readonly string[]): boolean {
  return levels[0] === "v3" && levels[2] === "devices" && levels.length >= 5;
}

/** What the topic says of it, behind the device: `up`, `down/queued`; undefined where it is another topic. */
function kindOf(levels: readonly string[]): string | undefined {
  if (!isTopic(levels)) return undefined;
  return levels.length === 5 ? levels[4] : levels.slice(4).join("/");
}

function contentKeyOf(payload: JsonObject): string | undefined {
  if (isJsonObject(payload["uplink_message"])) return "uplink_message";
  if (isJsonObject(payload["uplink_normalized"])) return "uplink_normalized";
  return otherContents.find((key) => payload[key] !== undefined);
}

/** The frame counter is never used twice in a session, but by devices that do not join: each restart begins the same session anew. */
function delivery(message: Message): NetworkDelivery | undefined {
  const payload = message.json();
  if (!isJsonObject(payload)) return undefined;
  const up = payload["uplink_message"];
  const session = isJsonObject(up) ? up["session_key_id"] : undefined;
  if (!isJsonObject(up) || typeof session !== "string" || session === "") return undefined;
  const device = deviceOf(payload, message.levels);
  if (device === undefined) return undefined;
  const content = contentOf(up["frm_payload"], up["decoded_payload"]);
  const id = `${session}/${protobufNumber(up["f_cnt"])}/${protobufNumber(up["f_port"])}/${content}`;
  return { device, id, at: instantOf(up["received_at"] ?? payload["received_at"]) ?? message.receivedAt };
}

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const payload = message.json();
  if (!isJsonObject(payload)) return malformed(message, "an ApplicationUp object of The Things Stack", payload);
  const device = deviceOf(payload, message.levels);
  if (device === undefined) {
    return refusal("malformed", "`end_device_ids` with a `dev_eui` of 16 hexadecimal digits or a `device_id`", payload);
  }
  const content = contentKeyOf(payload);
  const kind = kindOf(message.levels) ?? content ?? "up";
  if (content === "uplink_normalized") return readNormalizedMessage(payload, { device }, context);
  const isUp = kind === "up" || content === "uplink_message";
  if (!isUp) return { skip: `a ${kind.slice(0, maxShownKind)} message measures nothing`, device };
  const up = payload["uplink_message"];
  if (!isJsonObject(up)) return { ...malformed(message, "an `uplink_message` object", up), device };
  if (payload["simulated"] === true) return { skip: "a simulated uplink", device };
  return readMessage(payload, { up, device, receivedAt: message.receivedAt }, context);
}

const maxShownKind = 40;

const nothingDecoded: JsonObject = {};

function uplinkOf(
  payload: JsonObject,
  { up, device }: { readonly up: JsonObject; readonly device: string },
): LorawanUplink | Refusal {
  const decoded = up["decoded_payload"];
  const time = timeOf(up["received_at"] ?? payload["received_at"]);
  if (typeof time === "object") return { ...time, device };
  return {
    device,
    names: namesOf(up["version_ids"]),
    port: protobufNumber(up["f_port"]),
    time,
    decoded: isJsonObject(decoded) ? decoded : nothingDecoded,
    signal: strongest(up["rx_metadata"]),
    formatRevision: thingsStackV3.revision,
  };
}

function readMessage(
  payload: JsonObject,
  { up, device, receivedAt }: { up: JsonObject; device: string; receivedAt: EpochMs },
  context: DecodeContext,
): Decoded | Refusal {
  const uplink = uplinkOf(payload, { up, device });
  if ("code" in uplink) return uplink;
  const frame = typeof up["frm_payload"] === "string" ? up["frm_payload"] : "";
  if (Object.keys(uplink.decoded).length > 0) {
    return readUplink(uplink, context) ?? readWithoutProfile(uplink, up["normalized_payload"]);
  }
  if (frame !== "") return readFrame(uplink, { text: frame, as: "base64", receivedAt }, context);
  return { skip: "an uplink without content", device };
}

/** Fields whose value the normalised payload does not repeat are refused, so that they wait in the quarantine for a profile. */
function readWithoutProfile(uplink: LorawanUplink, normalizedPayload: unknown): Decoded | Refusal {
  const { decoded } = uplink;
  const { readings, refusals, values } = readNormalized(normalizedPayload, uplink);
  const missing = Object.keys(decoded).filter((key) => !values.has(decoded[key]));
  if (readings.length === 0) return noProfile(uplink, missing);
  const all = missing.length > 0 ? [...refusals, noProfile(uplink, missing)] : refusals;
  return { readings: [...readings, ...signalReadings(uplink)], ...(all.length > 0 && { refusals: all }) };
}

function readNormalizedMessage(
  payload: JsonObject,
  { device }: { readonly device: string },
  context: DecodeContext,
): Decoded | Refusal {
  const up = payload["uplink_normalized"] as JsonObject;
  if (payload["simulated"] === true) return { skip: "a simulated uplink", device };
  const uplink = uplinkOf(payload, { up, device });
  if ("code" in uplink) return uplink;
  const known = context.device(device)?.profile;
  const names = known === undefined ? uplink.names : [known, ...uplink.names];
  if (context.profile({ names, port: uplink.port }) !== undefined) {
    return { skip: "a measurement of an uplink that the device's profile reads as a whole", device };
  }
  const measurement = up["normalized_payload"];
  const { readings, refusals } = readNormalized(Array.isArray(measurement) ? measurement : [measurement], uplink);
  if (readings.length + refusals.length === 0) return { skip: "no field has a value", device };
  return {
    readings: readings.length === 0 ? readings : [...readings, ...signalReadings(uplink)],
    ...(refusals.length > 0 && { refusals }),
  };
}

const euiDigits = 16;
/** Ids of The Things Stack. */
const id = /^[a-z0-9](?:-?[a-z0-9]){1,35}$/u;

/** The EUI is the device's own; where it is missing, its id at the network server, which is known within its application. */
function deviceOf(payload: JsonObject, levels: readonly string[]): string | undefined {
  const ids = payload["end_device_ids"];
  const { dev_eui, device_id, application_ids } = isJsonObject(ids) ? ids : ({} as JsonObject);
  const byEui = typeof dev_eui === "string" && dev_eui.length === euiDigits ? deviceOfEui(dev_eui) : undefined;
  if (byEui !== undefined) return byEui;
  const hasTopic = isTopic(levels);
  const device = device_id ?? (hasTopic ? levels[3] : undefined);
  const inMessage = isJsonObject(application_ids) ? application_ids["application_id"] : undefined;
  const application = inMessage ?? (hasTopic ? levels[1]?.split("@")[0] : undefined);
  if (typeof device !== "string" || typeof application !== "string") return undefined;
  return id.test(device) && id.test(application) ? `tts:${application}/${device}` : undefined;
}

function timeOf(text: unknown): EpochMs | Refusal | undefined {
  if (text === undefined) return undefined;
  return instantOf(text) ?? refusal("invalid_time", "`received_at` as RFC 3339 with a zone", text);
}

function namesOf(versionIds: unknown): readonly string[] {
  if (!isJsonObject(versionIds)) return [];
  const { brand_id, model_id } = versionIds;
  if (typeof model_id !== "string" || model_id === "") return [];
  return typeof brand_id === "string" ? namesOfModel(brand_id, model_id) : [model_id];
}

/** The few models of a town are put together once: a text that is made anew has to be hashed anew wherever it is looked up. */
const lastOfModel = remember((): { brand?: string; names: readonly string[] } => ({ names: [] }));

function namesOfModel(brand: string, model: string): readonly string[] {
  const last = lastOfModel(model);
  if (last.brand !== brand) {
    last.brand = brand;
    last.names = [`${brand}/${model}`];
  }
  return last.names;
}

/** Protobuf's JSON leaves out a 0. */
function protobufNumber(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
