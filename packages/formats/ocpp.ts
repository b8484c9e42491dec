import { type Reading, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { meterReadings, type Sampled } from "./ocpp-meter.ts";
import { instantOf } from "./instant.ts";

/**
 * OCPP 1.6 and 2.0.1 over MQTT, as proxies and charge points publish it: the frames of OCPP-J (`[2, id, action, payload]`), or the payload
 * alone. The device is the topic without `ocpp` before it and the action behind it; channels are connector or EVSE, phase and, where it is
 * not the outlet, the place of the measurement.
 */
export const ocpp: PayloadFormat = {
  name: "ocpp",
  revision: 1,
  topics: ["#"],
  specification: "https://openchargealliance.org/protocols/open-charge-point-protocol/",
  recognises,
  decode,
};

/** OCPP-J, 4.1.3: the types of messages. */
const call = 2;
const isFrameBegin = /^\s*\[\s*[234]\s*,\s*"/u;

function recognises(message: Message): boolean {
  const first = message.payload[0];
  const isNamed = message.levels[0] === "ocpp" || message.levels[1] === "ocpp";
  if (first !== openList && first !== openObject) return false;
  if (first === openList) {
    if (!isFrameBegin.test(message.text() ?? "")) return false;
    const frame = message.json();
    return frame === undefined ? isNamed : Array.isArray(frame) && isFrame(frame);
  }
  if (!isNamed && !looksLikeMeter.test(message.topic)) return false;
  const payload = message.json();
  return payload === undefined ? isNamed : isJsonObject(payload) && Array.isArray(payload["meterValue"]);
}

const openList = 0x5b;
const openObject = 0x7b;
const looksLikeMeter = /(?:meter_?values|transaction_?event)$/iu;

function isFrame(frame: readonly unknown[]): boolean {
  const [type, id] = frame;
  if (typeof id !== "string") return false;
  if (type === call) return frame.length === 4 && typeof frame[2] === "string" && isJsonObject(frame[3]);
  return type === 3 ? frame.length === 3 : type === 4 && frame.length >= 3 && typeof frame[2] === "string";
}

function decode(message: Message): Decoded | Refusal {
  const payload = message.json();
  const device = deviceOf(message.levels);
  if (Array.isArray(payload)) {
    if (!isFrame(payload)) return { ...malformed(message, "a frame of OCPP-J", payload), device };
    if (payload[0] !== call) return { skip: "an answer", device };
    const [, , action, body] = payload as [unknown, unknown, string, JsonObject];
    return readAction(action, body, device);
  }
  if (!isJsonObject(payload)) return { ...malformed(message, "a frame of OCPP-J, or meter values", payload), device };
  return readMeter(payload, device);
}

const notOfDevice =
  /^(?:ocpp(?:1\.6|2\.0\.1|2\.1)?|in|out|up|down|request|call|meter_?values?|transaction_?event|status_?notification|)$/iu;

function deviceOf(levels: readonly string[]): string {
  const named = levels.filter((level) => !notOfDevice.test(level));
  return deviceIdOf("ocpp", named.length === 0 ? levels.join("/") : named.join("/"));
}

function readAction(action: string, body: JsonObject, device: string): Decoded | Refusal {
  if (action === "MeterValues" || action === "TransactionEvent") return readMeter(body, device);
  if (action === "StartTransaction" || action === "StopTransaction") return readTransaction(action, body, device);
  if (action === "StatusNotification") return readStatus(body, device);
  return { skip: `${action.slice(0, 40)} measures nothing`, device };
}

/** OCPP 1.6, 6.45 and 6.49: register at begin and end of a transaction, in Wh. */
function readTransaction(action: string, body: JsonObject, device: string): Decoded | Refusal {
  const register = action === "StartTransaction" ? body["meterStart"] : body["meterStop"];
  const instant = instantOf(body["timestamp"]);
  if (instant === undefined)
    return { ...refusal("invalid_time", "`timestamp` as RFC 3339 with a zone", body["timestamp"]), device };
  const values = body["transactionData"];
  const connector = connectorOf(body);
  // Which connector a transaction ends at, StopTransaction does not say: its register would be another datastream.
  if (action === "StopTransaction" && connector === undefined) {
    return { skip: "the register at the end of a transaction, without the connector", device };
  }
  const readings: Reading[] = [];
  if (typeof register === "number" && Number.isFinite(register)) {
    readings.push({
      device,
      name: action === "StartTransaction" ? "meterStart" : "meterStop",
      value: register,
      property: "active_energy_import",
      unit: "W.h",
      time: { instant },
      ...(connector !== undefined && { channel: connector }),
    });
  }
  const found = meterReadings(Array.isArray(values) ? values : [], { device, connector });
  return finish([...readings, ...found.readings], found.refusals, device);
}

/** The words of OCPP 1.6, 7.7, as the catalogue has them. Of 2.0.1 `Occupied` says less than they do. */
const chargingStates: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ["Available", "available"],
  ["Preparing", "preparing"],
  ["Charging", "charging"],
  ["SuspendedEV", "suspended_ev"],
  ["SuspendedEVSE", "suspended_evse"],
  ["Finishing", "finishing"],
  ["Reserved", "reserved"],
  ["Unavailable", "unavailable"],
  ["Faulted", "faulted"],
]);

function readStatus(body: JsonObject, device: string): Decoded | Refusal {
  const state = chargingStates.get(body["status"] ?? body["connectorStatus"]);
  if (state === undefined) return { skip: "a status that says too little", device };
  const instant = instantOf(body["timestamp"]);
  const connector = connectorOf(body);
  return {
    readings: [
      {
        device,
        name: "status",
        value: state,
        property: "charging_state",
        ...(connector !== undefined && { channel: connector }),
        ...(instant !== undefined && { time: { instant } }),
      },
    ],
  };
}

function readMeter(body: JsonObject, device: string): Decoded | Refusal {
  const values = body["meterValue"];
  if (values === undefined) return { skip: "no meter value", device };
  if (!Array.isArray(values)) return { ...refusal("malformed", "`meterValue` as a list", values), device };
  const { readings, refusals } = meterReadings(values, { device, connector: connectorOf(body) });
  return finish(readings, refusals, device);
}

function finish(readings: readonly Reading[], refusals: Sampled["refusals"], device: string): Decoded {
  if (refusals.length > 0) return { readings, refusals };
  return readings.length === 0 ? { skip: "no sampled value", device } : { readings };
}

/** 0 is the whole charge point. */
function connectorOf(body: JsonObject): string | undefined {
  const { connectorId, evseId, evse } = body;
  const id = connectorId ?? evseId ?? (isJsonObject(evse) ? evse["id"] : undefined);
  return typeof id === "number" && Number.isInteger(id) && id > 0 && id < 10_000 ? `connector-${id}` : undefined;
}
