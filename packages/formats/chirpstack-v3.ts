import { Buffer } from "node:buffer";
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
 * Events of ChirpStack Application Server v3 and of LoRa App Server, in both of its JSON marshalers: EUIs in hexadecimal digits or in base64,
 * the codec's object as `object` or as text in `objectJSON`. `up` (`rx` in early versions) has the frame and what the codec made of it,
 * `status` battery and link margin; all other events and commands measure nothing. The time is that of the first gateway that tells one
 * (`rxInfo[].time`), else that of the server (`publishedAt`).
 */
export const chirpstackV3: PayloadFormat = {
  name: "chirpstack-v3",
  revision: 1,
  topics: ["application/+/device/+/+", "application/+/device/+/event/+", "application/+/device/+/command/+", "#"],
  specification: "https://www.chirpstack.io/application-server/integrations/events/",
  recognises,
  delivery,
  decode,
};

const openObject = 0x7b;
const events: ReadonlySet<string> = new Set([
  "up",
  "rx",
  "status",
  "join",
  "ack",
  "error",
  "txack",
  "location",
  "integration",
  "tx",
]);

/** The topics without `event` are of v3 alone; all else is v3 where the EUI stands at the top, which v4 has in `deviceInfo`. */
function recognises(message: Message): boolean {
  const early = earlyEventOf(message.levels) !== undefined;
  if (message.payload[0] !== openObject) return early;
  if (early) return true;
  const payload = message.json();
  if (!isJsonObject(payload) || typeof payload["devEUI"] !== "string") return false;
  return eventOf(message.levels) !== undefined || eventByContent(payload) !== undefined;
}

/** `application/<id>/device/<eui>/rx` → `rx`. */
function earlyEventOf(levels: readonly string[]): string | undefined {
  const at = levels.length - 5;
  if (at < 0 || levels[at] !== "application" || levels[at + 2] !== "device") return undefined;
  return events.has(levels[at + 4]!) ? levels[at + 4] : undefined;
}

/** Also `…/event/up` → `up`, `…/command/down` → `command`. */
function eventOf(levels: readonly string[]): string | undefined {
  const early = earlyEventOf(levels);
  if (early !== undefined) return early === "rx" ? "up" : early;
  const at = levels.length - 6;
  if (at < 0 || levels[at] !== "application" || levels[at + 2] !== "device") return undefined;
  if (levels[at + 4] === "event") return levels[at + 5];
  return levels[at + 4] === "command" ? "command" : undefined;
}

/** Where topics say nothing (HTTP): by what only this event has. */
function eventByContent(payload: JsonObject): string | undefined {
  if (payload["margin"] !== undefined || payload["batteryLevel"] !== undefined || payload["battery"] !== undefined)
    return "status";
  const isUp = payload["data"] !== undefined || payload["object"] !== undefined || payload["objectJSON"] !== undefined;
  if (isUp && Array.isArray(payload["rxInfo"])) return "up";
  if (payload["acknowledged"] !== undefined) return "ack";
  if (payload["error"] !== undefined) return "error";
  if (payload["gatewayID"] !== undefined) return "txack";
  return payload["devAddr"] !== undefined && payload["applicationID"] !== undefined ? "join" : undefined;
}

function deviceOf(payload: JsonObject, levels: readonly string[]): string | undefined {
  const inMessage = payload["devEUI"];
  if (typeof inMessage === "string" && base64Eui.test(inMessage)) {
    return deviceOfEui(Buffer.from(inMessage, "base64").toString("hex"));
  }
  return deviceOfEui(
    inMessage ?? (eventOf(levels) === undefined ? undefined : levels[levels.lastIndexOf("device") + 1]),
  );
}

/** Eight bytes. */
const base64Eui = /^[A-Za-z0-9+/]{11}=$/u;

/** The server gives an uplink no id of its own: the counter, the session's address where it is told, and the frame. */
function delivery(message: Message): NetworkDelivery | undefined {
  const payload = message.json();
  if (!isJsonObject(payload) || (eventOf(message.levels) ?? eventByContent(payload)) !== "up") return undefined;
  const device = deviceOf(payload, message.levels);
  if (device === undefined) return undefined;
  const content = contentOf(payload["data"] ?? payload["objectJSON"], payload["object"]);
  const { fCnt, fPort, devAddr = "" } = payload;
  const id = `${String(devAddr)}/${number(fCnt)}/${number(fPort)}/${content}`;
  return { device, id, at: timeOf(payload) ?? message.receivedAt };
}

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const payload = message.json();
  if (!isJsonObject(payload)) {
    return malformed(
      message,
      "an event object of ChirpStack v3 in JSON (set the marshaler to json or json_v3)",
      payload,
    );
  }
  const device = deviceOf(payload, message.levels);
  if (device === undefined)
    return refusal("malformed", "`devEUI` of 8 bytes, in hexadecimal digits or base64", payload);
  const event = eventOf(message.levels) ?? eventByContent(payload);
  if (event === "status") return readStatus(payload, device);
  if (event === "up") return readUp(payload, { device, receivedAt: message.receivedAt }, context);
  return { skip: `the event ${String(event).slice(0, maxShownEvent)} measures nothing`, device };
}

const maxShownEvent = 40;

function readUp(
  payload: JsonObject,
  { device, receivedAt }: { readonly device: string; readonly receivedAt: EpochMs },
  context: DecodeContext,
): Decoded | Refusal {
  const { deviceProfileName, data, rxInfo } = payload;
  const uplink: Omit<LorawanUplink, "decoded"> = {
    device,
    names: typeof deviceProfileName === "string" ? [deviceProfileName] : [],
    port: number(payload["fPort"]),
    time: timeOf(payload),
    signal: strongest(Array.isArray(rxInfo) ? rxInfo.map(gatewayOf) : undefined),
    formatRevision: chirpstackV3.revision,
  };
  const decoded = objectOf(payload);
  if (decoded === undefined) {
    const expected = "a JSON object as text in `objectJSON`";
    return { ...refusal("malformed", expected, payload["objectJSON"]), device };
  }
  if (Object.keys(decoded).length > 0) {
    return readUplink({ ...uplink, decoded }, context) ?? noProfile(uplink, Object.keys(decoded));
  }
  return typeof data === "string" && data !== ""
    ? readFrame(uplink, { text: data, as: "base64", receivedAt }, context)
    : { skip: "an uplink without content", device };
}

function gatewayOf(gateway: unknown): unknown {
  const { rssi, loRaSNR, snr } = Object(gateway) as JsonObject;
  return { rssi, snr: loRaSNR ?? snr };
}

/** Of the codec: an object, or its JSON as text; empty where there is none, undefined for text that is no object. */
function objectOf(payload: JsonObject): JsonObject | undefined {
  if (isJsonObject(payload["object"])) return payload["object"];
  const text = payload["objectJSON"];
  if (isJsonObject(text)) return text;
  if (typeof text !== "string" || text === "" || text === "null") return {};
  try {
    const object: unknown = JSON.parse(text);
    return isJsonObject(object) ? object : undefined;
  } catch {
    return undefined;
  }
}

/** The device's answer to DevStatusReq (LoRaWAN 1.0.4 §5.5). Where there is no rxInfo the time is that of the server, or of receipt. */
function readStatus(payload: JsonObject, device: string): Decoded | Refusal {
  const time = timeOf(payload);
  const at = time === undefined ? undefined : { time: { instant: time } };
  const readings: Reading[] = [];
  const { margin = 0 } = payload;
  const batteryLevel = payload["batteryLevel"] ?? shareOf(payload["battery"]);
  const isPowered = payload["externalPowerSource"] === true || payload["batteryLevelUnavailable"] === true;
  if (!isPowered && typeof batteryLevel === "number") {
    readings.push({ device, name: "batteryLevel", value: batteryLevel, property: "battery_level", unit: "%", ...at });
  }
  if (typeof margin !== "number") return { ...refusal("invalid_value", "a number in margin", margin), device };
  readings.push({ device, name: "margin", value: margin, property: "link_margin", unit: "dB", ...at });
  return { readings };
}

/** Early versions pass on what the device said: 1 to 254; 0 is powered from outside, 255 not known. */
function shareOf(battery: unknown): number | undefined {
  if (typeof battery !== "number" || battery < 1 || battery > maxBattery) return undefined;
  return (battery * 100) / maxBattery;
}

const maxBattery = 254;

function timeOf(payload: JsonObject): EpochMs | undefined {
  const { rxInfo } = payload;
  for (const gateway of Array.isArray(rxInfo) ? rxInfo : []) {
    const instant = isJsonObject(gateway) ? instantOf(gateway["time"]) : undefined;
    if (instant !== undefined) return instant;
  }
  return instantOf(payload["publishedAt"]);
}

/** Protobuf's JSON leaves out a 0. */
function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
