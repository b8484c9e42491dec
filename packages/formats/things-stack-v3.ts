import { type EpochMs, type Refusal, refusal } from "@messnetz/model";
import { type Decoded, type DecodeContext, malformed, type Message, type PayloadFormat } from "./format.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { type LorawanUplink, noProfile, readFrame, readUplink, signalReadings, strongest } from "./lorawan-uplink.ts";
import { readNormalized } from "./things-stack-normalized.ts";

/**
 * Uplinks of The Things Stack v3, by MQTT or webhook. What a decoded field means stands in the device's profile; without one the
 * normalised payload, whose units are fixed, says as much as it can. The time is that of the uplink at the network server
 * (`uplink_message.received_at`): the one outside comes later, those of gateways may be wrong or missing. `last_battery_percentage` is
 * older than the uplink and no reading of it. All other messages (join, downlinks, location, service data) measure nothing.
 */
export const thingsStackV3: PayloadFormat = {
  name: "things-stack-v3",
  revision: 1,
  topics: ["v3/+/devices/+/#", "#"],
  specification: "https://www.thethingsindustries.com/docs/integrations/other-integrations/mqtt/",
  recognises,
  decode,
};

const openList = 0x5b;
const openObject = 0x7b;

/** By topic; by content where a bridge or webhook has changed the topic. */
function recognises(message: Message): boolean {
  if (message.payload[0] === openList) return false;
  if (message.payload[0] !== openObject) return isTopic(message.levels);
  if (isTopic(message.levels)) return true;
  const payload = message.json();
  return isJsonObject(payload) && isJsonObject(payload["end_device_ids"]) && isJsonObject(payload["uplink_message"]);
}

function isTopic(levels: readonly string[]): boolean {
  return levels[0] === "v3" && levels[2] === "devices" && levels.length >= 5;
}

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const payload = message.json();
  if (!isJsonObject(payload)) return malformed(message, "an ApplicationUp object of The Things Stack", payload);
  const device = deviceOf(payload, message.levels);
  if (device === undefined) {
    return refusal("malformed", "`end_device_ids` with a `dev_eui` of 16 hexadecimal digits or a `device_id`", payload);
  }
  const kind = isTopic(message.levels) ? message.levels.slice(4).join("/") : "up";
  const up = payload["uplink_message"];
  if (kind !== "up") return { skip: `a ${kind.slice(0, maxShownKind)} message measures nothing`, device };
  if (!isJsonObject(up)) return { ...malformed(message, "an `uplink_message` object", up), device };
  if (payload["simulated"] === true) return { skip: "a simulated uplink", device };
  return readMessage(payload, { up, device, receivedAt: message.receivedAt }, context);
}

const maxShownKind = 40;

function readMessage(
  payload: JsonObject,
  { up, device, receivedAt }: { up: JsonObject; device: string; receivedAt: EpochMs },
  context: DecodeContext,
): Decoded | Refusal {
  const time = timeOf(up["received_at"] ?? payload["received_at"]);
  if (typeof time === "object") return { ...time, device };
  const decoded = up["decoded_payload"];
  const names = namesOf(up["version_ids"]);
  const frame = typeof up["frm_payload"] === "string" ? up["frm_payload"] : "";
  const deliveryId = deliveryOf(up);
  const uplink: Omit<LorawanUplink, "decoded"> = {
    device,
    names,
    port: protobufNumber(up["f_port"]),
    time,
    signal: strongest(up["rx_metadata"]),
    deliveryId,
    formatRevision: thingsStackV3.revision,
  };
  if (isJsonObject(decoded) && Object.keys(decoded).length > 0) {
    const whole = { ...uplink, decoded };
    return readUplink(whole, context) ?? readWithoutProfile(whole, up["normalized_payload"]);
  }
  return frame === ""
    ? { skip: "an uplink without content", device }
    : readFrame(uplink, { base64: frame, receivedAt }, context);
}

/** Fields whose value the normalised payload does not repeat are refused, so that they wait in the quarantine for a profile. */
function readWithoutProfile(uplink: LorawanUplink, normalizedPayload: unknown): Decoded | Refusal {
  const { decoded, deliveryId } = uplink;
  const { readings, values } = readNormalized(normalizedPayload, uplink);
  const missing = Object.keys(decoded).filter((key) => !values.has(decoded[key]));
  if (readings.length === 0) return noProfile(uplink, missing);
  return {
    readings: [...readings, ...signalReadings(uplink)],
    ...(missing.length > 0 && { refusals: [noProfile(uplink, missing)] }),
    ...(deliveryId !== undefined && { deliveryId }),
  };
}

const eui = /^[0-9A-Fa-f]{16}$/u;
/** Ids of The Things Stack. */
const id = /^[a-z0-9](?:-?[a-z0-9]){1,35}$/u;

/** The EUI is the device's own; where it is missing, its id at the network server, which is known within its application. */
function deviceOf(payload: JsonObject, levels: readonly string[]): string | undefined {
  const ids = payload["end_device_ids"];
  const { dev_eui, device_id, application_ids } = isJsonObject(ids) ? ids : ({} as JsonObject);
  if (typeof dev_eui === "string" && eui.test(dev_eui)) return `lorawan:${dev_eui.toLowerCase()}`;
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

function namesOf(versionIds: unknown): string[] {
  if (!isJsonObject(versionIds)) return [];
  const { brand_id, model_id } = versionIds;
  if (typeof model_id !== "string" || model_id === "") return [];
  return [typeof brand_id === "string" ? `${brand_id}/${model_id}` : model_id];
}

/** Unique within a session of the device: the frame counter is never used twice in one. */
function deliveryOf(up: JsonObject): string | undefined {
  const session = up["session_key_id"];
  return typeof session === "string" && session !== "" ? `${session}/${protobufNumber(up["f_cnt"])}` : undefined;
}

/** Protobuf's JSON leaves out a 0. */
function protobufNumber(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
