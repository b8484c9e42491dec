import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
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
  strongest,
} from "./lorawan-uplink.ts";

/**
 * Events of ChirpStack v4 as its MQTT integration writes them in JSON: `up` with the codec's `object`, whose fields a device profile
 * explains, and `status` with battery and link margin. The time is the top-level `time`, that of the gateway. All other events (join, ack,
 * txack, log, location, integration) and commands measure nothing. Protobuf's JSON leaves out what is 0.
 */
export const chirpstackV4: PayloadFormat = {
  name: "chirpstack-v4",
  revision: 1,
  topics: ["application/+/device/+/event/+", "application/+/device/+/command/+", "#"],
  specification: "https://www.chirpstack.io/docs/chirpstack/integrations/events.html",
  recognises,
  delivery,
  decode,
};

const openList = 0x5b;
const openObject = 0x7b;

/** By topic, below whatever prefix; by content where the topic is another one. */
function recognises(message: Message): boolean {
  if (message.payload[0] === openList) return false;
  if (message.payload[0] !== openObject) return eventOf(message.levels) !== undefined;
  if (eventOf(message.levels) !== undefined) return true;
  const payload = message.json();
  return isJsonObject(payload) && isJsonObject(payload["deviceInfo"]) && eventByContent(payload) !== undefined;
}

/** `application/<id>/device/<eui>/event/up` → `up`; `…/command/down` → `command/down`. */
function eventOf(levels: readonly string[]): string | undefined {
  const at = levels.length - 6;
  if (at < 0 || levels[at] !== "application" || levels[at + 2] !== "device") return undefined;
  if (levels[at + 4] === "event") return levels[at + 5];
  return levels[at + 4] === "command" ? `command/${levels[at + 5]}` : undefined;
}

function eventByContent(payload: JsonObject): string | undefined {
  if (payload["object"] !== undefined || payload["data"] !== undefined || payload["rxInfo"] !== undefined) return "up";
  return payload["batteryLevel"] !== undefined || payload["margin"] !== undefined ? "status" : undefined;
}

/** One uplink may come to several events, which all have its id. */
function delivery(message: Message): NetworkDelivery | undefined {
  const payload = message.json();
  const deduplicationId = isJsonObject(payload) ? payload["deduplicationId"] : undefined;
  if (!isJsonObject(payload) || typeof deduplicationId !== "string" || deduplicationId === "") return undefined;
  const device = deviceOf(payload, message.levels);
  if (device === undefined) return undefined;
  const event = eventOf(message.levels) ?? eventByContent(payload) ?? "";
  const content = contentOf(payload["data"], payload["object"]);
  return { device, id: `${deduplicationId}/${event}/${protobufNumber(payload["fPort"])}/${content}` };
}

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const payload = message.json();
  if (!isJsonObject(payload))
    return malformed(
      message,
      "an event object of ChirpStack in JSON (set its integration's marshaler to JSON)",
      payload,
    );
  const event = eventOf(message.levels) ?? eventByContent(payload);
  const info = isJsonObject(payload["deviceInfo"]) ? payload["deviceInfo"] : {};
  const device = deviceOf(payload, message.levels);
  if (device === undefined) return refusal("malformed", "`deviceInfo.devEui` of 16 hexadecimal digits", info);
  if (event !== "up" && event !== "status") {
    return { skip: `the event ${String(event).slice(0, maxShownEvent)} measures nothing`, device };
  }
  const time = timeOf(payload["time"]);
  if (typeof time === "object") return { ...time, device };
  return event === "status"
    ? readStatus(payload, { device, time })
    : readUp(payload, { device, time, info }, { context, receivedAt: message.receivedAt });
}

const maxShownEvent = 40;

interface Heading {
  readonly device: string;
  readonly time: EpochMs | undefined;
}

function readUp(
  payload: JsonObject,
  { device, time, info }: Heading & { readonly info: JsonObject },
  { context, receivedAt }: { readonly context: DecodeContext; readonly receivedAt: EpochMs },
): Decoded | Refusal {
  const decoded = payload["object"];
  const names = typeof info["deviceProfileName"] === "string" ? [info["deviceProfileName"]] : [];
  const frame = typeof payload["data"] === "string" ? payload["data"] : "";
  const uplink: Omit<LorawanUplink, "decoded"> = {
    device,
    names,
    port: protobufNumber(payload["fPort"]),
    time,
    signal: strongest(payload["rxInfo"]),
    formatRevision: chirpstackV4.revision,
  };
  if (isJsonObject(decoded) && Object.keys(decoded).length > 0) {
    return readUplink({ ...uplink, decoded }, context) ?? noProfile(uplink, Object.keys(decoded));
  }
  return frame === ""
    ? { skip: "an uplink without content", device }
    : readFrame(uplink, { text: frame, as: "base64", receivedAt }, context);
}

/** The device's answer to DevStatusReq (LoRaWAN 1.0.4 §5.5): battery, and margin of the last request, -32 to 31 dB. */
function readStatus(payload: JsonObject, { device, time }: Heading): Decoded | Refusal {
  const at = time === undefined ? undefined : { time: { instant: time } };
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  const add = (name: string, property: string, unit: string) => {
    const value = payload[name] ?? 0;
    if (typeof value === "number") readings.push({ device, name, value, property, unit, ...at });
    else refusals.push({ ...refusal("invalid_value", `a number in ${name}`, value), device, reading: name });
  };
  const hasBattery = payload["externalPowerSource"] !== true && payload["batteryLevelUnavailable"] !== true;
  if (hasBattery) add("batteryLevel", "battery_level", "%");
  add("margin", "link_margin", "dB");
  return { readings, ...(refusals.length > 0 && { refusals }) };
}

function deviceOf(payload: JsonObject, levels: readonly string[]): string | undefined {
  const info = isJsonObject(payload["deviceInfo"]) ? payload["deviceInfo"] : {};
  return deviceOfEui(info["devEui"] ?? payload["devEui"] ?? euiOfTopic(levels));
}

function euiOfTopic(levels: readonly string[]): string | undefined {
  return eventOf(levels) === undefined ? undefined : levels[levels.length - 3];
}

function timeOf(text: unknown): EpochMs | Refusal | undefined {
  if (text === undefined || text === null) return undefined;
  return instantOf(text) ?? refusal("invalid_time", "`time` as RFC 3339 with a zone", text);
}

function protobufNumber(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
