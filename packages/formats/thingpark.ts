import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
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
import { readPoints } from "./thingpark-points.ts";
import { readThingparkXml } from "./thingpark-xml.ts";

/**
 * Uplinks of Actility's ThingPark (Wireless, Enterprise, X IoT Flow), by MQTT or HTTP, in JSON or in the XML of earlier versions: numbers may
 * be text. The decoded frame is in `points`, whose words and units are those of ThingPark's ontology, or in `payload`, in the words of its
 * driver, which a device profile explains; else the frame is in `payload_hex`. The time is that of the packet at its gateway (`Time`). A
 * notification `devstatusans` tells battery and link margin. Joins, downlinks, locations and all else measure nothing. With its setting
 * `sendRawDecodedFormat` the driver's object comes alone; the device is told by the topic `mqtt/things/<DevEUI>/uplink` then.
 */
export const thingpark: PayloadFormat = {
  name: "thingpark",
  revision: 1,
  topics: ["mqtt/things/+/uplink", "#"],
  specification: "https://docs.thingpark.com/thingpark-x/latest/Message/uplink-message",
  recognises,
  delivery,
  decode,
};

const openObject = 0x7b;
const openElement = 0x3c;
const document = /^DevEUI_[A-Za-z_]+$/u;
const xmlDocument = /<(?:\w+:)?DevEUI_/u;
/** In an XML document of ThingPark its name stands within these many characters. */
const xmlHead = 400;

function isTopic({ levels }: Message): boolean {
  const at = levels.length - 4;
  return at >= 0 && levels[at] === "mqtt" && levels[at + 1] === "things" && levels[at + 3] === "uplink";
}

function recognises(message: Message): boolean {
  if (message.payload[0] === openElement) return xmlDocument.test(message.text()?.slice(0, xmlHead) ?? "");
  if (message.payload[0] !== openObject) return isTopic(message);
  const payload = message.json();
  return isJsonObject(payload) && (isTopic(message) || documentOf(payload) !== undefined);
}

interface Document {
  /** `DevEUI_uplink`, … */
  readonly kind: string;
  readonly body: JsonObject;
}

/** Also where somebody on the way has wrapped it into `data`. */
function documentOf(payload: JsonObject): Document | undefined {
  const [kind, ...others] = Object.keys(payload);
  const body = kind === undefined ? undefined : payload[kind];
  if (kind === undefined || !isJsonObject(body)) return undefined;
  if (document.test(kind)) return { kind, body };
  return kind === "data" && others.length === 0 ? documentOf(body) : undefined;
}

function read(message: Message): Document | Refusal {
  if (message.payload[0] === openElement) return readThingparkXml(message);
  const payload = message.json();
  if (!isJsonObject(payload)) return malformed(message, "a document DevEUI_… of ThingPark in JSON or XML", payload);
  const found = documentOf(payload);
  if (found !== undefined) return found;
  const DevEUI = isTopic(message) ? message.levels.at(-2) : undefined;
  if (DevEUI !== undefined) return { kind: "DevEUI_uplink", body: { DevEUI, payload } };
  return refusal("malformed", "a document DevEUI_… of ThingPark, or the topic mqtt/things/<DevEUI>/uplink", payload);
}

/** The counter begins anew with a join, which gives a new address; the MIC hangs on counter, session and frame. */
function delivery(message: Message): NetworkDelivery | undefined {
  const found = read(message);
  if ("code" in found || found.kind !== "DevEUI_uplink") return undefined;
  const { DevEUI, DevAddr = "", FCntUp, FPort = "", mic_hex = "", payload_hex, payload, Time } = found.body;
  const device = deviceOfEui(DevEUI);
  if (device === undefined || FCntUp === undefined) return undefined;
  const content = contentOf(payload_hex, payload);
  const id = [DevAddr, FCntUp, FPort, mic_hex, content].map(String).join("/").toLowerCase();
  return { device, id, at: instantOf(Time) ?? message.receivedAt };
}

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const found = read(message);
  if ("code" in found) return found;
  const { kind, body } = found;
  const device = deviceOf(body, message);
  if (device === undefined) return refusal("malformed", "`DevEUI` of 16 hexadecimal digits", body);
  if (kind === "DevEUI_notification") return readNotification(body, device);
  if (kind !== "DevEUI_uplink") return { skip: `a ${kind.slice(0, maxShownKind)} measures nothing`, device };
  const time = timeOf(body["Time"]);
  if (typeof time === "object") return { ...time, device };
  const uplink: Omit<LorawanUplink, "decoded"> = {
    device,
    names: namesOf(body),
    port: numberOf(body["FPort"]) ?? 0,
    time,
    signal: strongest(gatewaysOf(body)),
    formatRevision: thingpark.revision,
  };
  return readUplinkBody(body, { uplink, receivedAt: message.receivedAt }, context);
}

const maxShownKind = 40;

/** Where the driver's object comes alone, the topic may name the device by another word than its EUI. */
function deviceOf({ DevEUI }: JsonObject, message: Message): string | undefined {
  const device = deviceOfEui(DevEUI);
  if (device !== undefined || typeof DevEUI !== "string" || !isTopic(message)) return device;
  return DevEUI !== "" && DevEUI === message.levels.at(-2) ? deviceIdOf("thingpark", DevEUI) : undefined;
}

function readUplinkBody(
  body: JsonObject,
  { uplink, receivedAt }: { readonly uplink: Omit<LorawanUplink, "decoded">; readonly receivedAt: EpochMs },
  context: DecodeContext,
): Decoded | Refusal {
  const { points, payload, payload_hex: frame } = body;
  const { device } = uplink;
  const found = isJsonObject(points) ? readPoints(points, uplink) : undefined;
  if (found !== undefined && found.readings.length > 0) {
    return {
      readings: [...found.readings, ...signalReadings(uplink)],
      ...(found.refusals.length > 0 && { refusals: found.refusals }),
    };
  }
  const decoded = isJsonObject(payload) ? driverFields(payload) : {};
  if (Object.keys(decoded).length > 0) {
    return readUplink({ ...uplink, decoded }, context) ?? noProfile(uplink, Object.keys(decoded));
  }
  if (typeof frame === "string" && frame !== "") {
    return readFrame(uplink, { text: frame, as: "hex", receivedAt }, context);
  }
  const isJoin = body["rawJoinRequest"] !== undefined;
  return { skip: isJoin ? "a request to join measures nothing" : "an uplink without content", device };
}

/** Of the radio, which the envelope says too; and the frame. */
const radioFields: ReadonlySet<string> = new Set([
  "payload",
  "InstantPER",
  "MeanPER",
  "DevAddr",
  "AckRequested",
  "rawMacCommands",
  "TxPower",
  "NbTrans",
  "Frequency",
  "DynamicClass",
  "PayloadEncryption",
]);

function driverFields(payload: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(payload).filter(([key]) => !radioFields.has(key)));
}

/** The driver's model and application, and the operator's device profile (`ADRF/DEMO`). */
function namesOf({ DriverCfg, CustomerData }: JsonObject): string[] {
  const names: string[] = [];
  for (const key of ["mod", "app"] as const) {
    const driver = isJsonObject(DriverCfg) ? DriverCfg[key] : undefined;
    const { pId, mId } = isJsonObject(driver) ? driver : ({} as JsonObject);
    if (typeof pId === "string" && typeof mId === "string") names.push(`${pId}/${mId}`);
  }
  const profile = isJsonObject(CustomerData) ? CustomerData["alr"] : undefined;
  const pro = isJsonObject(profile) ? profile["pro"] : undefined;
  if (typeof pro === "string") names.push(pro);
  return names;
}

function gatewaysOf(body: JsonObject): unknown[] {
  const { Lrrs } = body;
  const list = isJsonObject(Lrrs) ? Lrrs["Lrr"] : undefined;
  const gateways: unknown[] = Array.isArray(list) ? list : isJsonObject(list) ? [list] : [];
  return [...gateways, body].map((gateway) => {
    const { LrrRSSI, LrrSNR } = Object(gateway) as JsonObject;
    return { rssi: numberOf(LrrRSSI), snr: numberOf(LrrSNR) };
  });
}

/** LoRaWAN 1.0.4 §5.5: battery of 1 to 254; 0: powered from outside, 255: not known. */
function readNotification(body: JsonObject, device: string): Decoded | Refusal {
  if (body["Type"] !== "devstatusans") return { skip: "a notification that measures nothing", device };
  const time = timeOf(body["Time"]);
  if (typeof time === "object") return { ...time, device };
  const at = time === undefined ? undefined : { time: { instant: time } };
  const readings: Reading[] = [];
  const battery = numberOf(body["Var1"]);
  const margin = numberOf(body["Var2"]);
  if (battery !== undefined && battery >= 1 && battery <= maxBattery) {
    const value = (battery * 100) / maxBattery;
    readings.push({ device, name: "battery", value, property: "battery_level", unit: "%", ...at });
  }
  if (margin !== undefined) {
    readings.push({ device, name: "margin", value: margin, property: "link_margin", unit: "dB", ...at });
  }
  return readings.length === 0 ? { skip: "a status without values", device } : { readings };
}

const maxBattery = 254;

function timeOf(text: unknown): EpochMs | Refusal | undefined {
  if (text === undefined || text === "") return undefined;
  return instantOf(text) ?? refusal("invalid_time", "`Time` as ISO 8601 with an offset", text);
}

const decimal = /^[+-]?\d+(?:\.\d+)?$/u;

function numberOf(value: unknown): number | undefined {
  if (typeof value === "string") return decimal.test(value) ? Number(value) : undefined;
  return typeof value === "number" ? value : undefined;
}
