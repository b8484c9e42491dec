import { type EpochMs, type Refusal, refusal } from "@messnetz/model";
import {
  type Decoded,
  type DecodeContext,
  malformed,
  type Message,
  type NetworkDelivery,
  type PayloadFormat,
} from "./format.ts";
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
 * Uplinks of LORIOT's network server, on whatever topic its application output is set to: `rx` comes at once, `gw` is the same uplink some
 * time later with all gateways that heard it. The frame is in hexadecimal digits; what a decoder at the server made of it stands in
 * `decoded`. The time is the server's (`ts`). `bat` is older than the uplink and no reading of it. All other commands (downlinks, joins,
 * locations, answers) measure nothing.
 */
export const loriot: PayloadFormat = {
  name: "loriot",
  revision: 1,
  topics: ["#"],
  specification: "https://docs.loriot.io/space/LNS/6194704/Uplink+Data+Message",
  recognises,
  delivery,
  decode,
};

const openObject = 0x7b;

function recognises(message: Message): boolean {
  if (message.payload[0] !== openObject) return false;
  const payload = message.json();
  return isJsonObject(payload) && typeof payload["cmd"] === "string" && deviceOfEui(payload["EUI"]) !== undefined;
}

function isUplink({ cmd }: JsonObject): boolean {
  return cmd === "rx" || cmd === "gw";
}

/** Both copies of an uplink have its counter and frame; their times are of the server and may differ by seconds. */
function delivery(message: Message): NetworkDelivery | undefined {
  const payload = message.json();
  if (!isJsonObject(payload) || !isUplink(payload) || typeof payload["fcnt"] !== "number") return undefined;
  const device = deviceOfEui(payload["EUI"]);
  if (device === undefined) return undefined;
  const { fcnt, port, data, encdata } = payload;
  const content = contentOf(data ?? encdata, payload["decoded"]).toLowerCase();
  const at = timeOf(payload["ts"]);
  return {
    device,
    id: `${fcnt}/${portOf(port)}/${content}`,
    at: typeof at === "number" ? at : message.receivedAt,
  };
}

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const payload = message.json();
  if (!isJsonObject(payload)) return malformed(message, "a message of LORIOT's application output", payload);
  const device = deviceOfEui(payload["EUI"]);
  if (device === undefined) return refusal("malformed", "`EUI` of 16 hexadecimal digits", payload);
  if (!isUplink(payload)) {
    return { skip: `the command ${String(payload["cmd"]).slice(0, maxShownCommand)} measures nothing`, device };
  }
  const time = timeOf(payload["ts"]);
  if (typeof time === "object") return { ...time, device };
  const uplink: Omit<LorawanUplink, "decoded"> = {
    device,
    names: [],
    port: portOf(payload["port"]),
    time,
    signal: strongest(Array.isArray(payload["gws"]) ? payload["gws"] : [payload]),
    formatRevision: loriot.revision,
  };
  const decoded = decodedOf(payload["decoded"]);
  if (decoded !== undefined) {
    return readUplink({ ...uplink, decoded }, context) ?? noProfile(uplink, Object.keys(decoded));
  }
  const { data, encdata } = payload;
  if (typeof data === "string" && data !== "") {
    return readFrame(uplink, { text: data, as: "hex", receivedAt: message.receivedAt }, context);
  }
  if (typeof encdata === "string" && encdata !== "") {
    const expected = "a decrypted frame in `data`: give the device's AppSKey to the network server";
    return { ...refusal("no_codec", expected, encdata), device };
  }
  return { skip: "an uplink without content", device };
}

const maxShownCommand = 40;

/** What the server's decoder says: the fields, or the fields in `data` with its state beside them. */
function decodedOf(decoded: unknown): JsonObject | undefined {
  if (!isJsonObject(decoded)) return undefined;
  const { data } = decoded;
  const isWrapped = isJsonObject(data) && Object.keys(decoded).every((key) => wrapping.has(key));
  const fields = isWrapped ? data : decoded;
  return Object.keys(fields).length > 0 ? fields : undefined;
}

const wrapping: ReadonlySet<string> = new Set(["data", "status", "error", "errors", "warnings"]);

/** ECMA-262 §21.4.1.1: the range of time, in milliseconds. */
const maxTimeMs = 8.64e15;

function timeOf(ts: unknown): EpochMs | Refusal | undefined {
  if (ts === undefined) return undefined;
  if (typeof ts === "number" && Math.abs(ts) <= maxTimeMs) return Math.floor(ts);
  return refusal("invalid_time", "`ts` in milliseconds since 1970", ts);
}

function portOf(port: unknown): number {
  return typeof port === "number" ? port : 0;
}
