import { conversion, type EpochMs, type Reading, type Refusal, refusal, ucumFromAlias } from "@messnetz/model";
import { channelOf, deviceIdOf } from "./device-word.ts";
import { type Decoded, type DecodeContext, malformed, type Message, type PayloadFormat } from "./format.ts";
import { genericProperty } from "./generic-property.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/**
 * go-iotdevice, which reads Victron's VE.Direct, Modbus relays and Teracom boards: telemetry with `NumericValues` by register, or in `real` one
 * register a message, whose name is the last level. The device is the topic without `tele`, `real` and `state`. Settings and what says which
 * product it is are left out, and so is whether a device is there (`avail`). Older firmware says `Value` for `Val`.
 */
export const goIotdevice: PayloadFormat = {
  name: "go-iotdevice",
  revision: 1,
  topics: ["#"],
  specification: "https://github.com/koestler/go-iotdevice#mqtt-interface",
  recognises(message) {
    if (isAvailability(message)) return true;
    if (message.payload[0] !== 0x7b || !/(?:^|\/)(?:state|tele|telemetry|real)(?:\/|$)/u.test(message.topic))
      return false;
    const payload = message.json();
    return isJsonObject(payload) && (isJsonObject(payload["NumericValues"]) || isRegister(payload));
  },
  decode,
};

/** Registers of VE.Direct whose name says more than their unit. */
const byName: Readonly<Record<string, { readonly property: string; readonly unit?: string }>> = {
  AmountOfChargedEnergy: { property: "charged_energy" },
  AmountOfDischargedEnergy: { property: "discharged_energy" },
  NumberOfCycles: { property: "charge_cycles", unit: "{count}" },
  NumberOfFullDischarges: { property: "count", unit: "{count}" },
  SOC: { property: "state_of_charge" },
  Uptime: { property: "uptime" },
};

const notMeasured: ReadonlySet<unknown> = new Set([
  "Settings",
  "Setting",
  "Alarm Settings",
  "Device Info",
  "General",
  "Network",
]);

function isAvailability({ levels, payload }: Message): boolean {
  return levels.includes("avail") && /^(?:on|off)line$/u.test(Buffer.from(payload.subarray(0, 8)).toString("latin1"));
}

/** Of one message in `real`. */
function isRegister(payload: JsonObject): boolean {
  return (
    typeof payload["Cat"] === "string" && typeof payload["Desc"] === "string" && typeof payload["Sort"] === "number"
  );
}

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const levels = message.levels.filter((level) => !/^(?:tele|telemetry|real|state|avail)?$/u.test(level));
  if (isAvailability(message)) return { skip: "whether the device is there", device: deviceOf(levels) };
  const payload = message.json();
  if (isJsonObject(payload) && payload["NumericValues"] === undefined && isRegister(payload)) {
    const device = deviceOf(levels.slice(0, -1));
    return decodeValues({ values: { [levels.at(-1) ?? ""]: { ...payload, Val: payload["NumVal"] } }, device }, context);
  }
  const device = deviceOf(levels);
  if (!isJsonObject(payload)) return { ...malformed(message, "a JSON object with `NumericValues`", payload), device };
  const values = payload["NumericValues"];
  if (!isJsonObject(values)) return { skip: "no `NumericValues`", device };
  const instant = instantOf(payload["Time"]);
  if (payload["Time"] !== undefined && instant === undefined)
    return { ...refusal("invalid_time", "`Time` as RFC 3339 with a zone", payload["Time"]), device };
  return decodeValues({ values, device, ...(instant !== undefined && { instant }) }, context);
}

function deviceOf(levels: readonly string[]): string {
  return deviceIdOf("iotdevice", levels.join("/") || "_");
}

function decodeValues(
  { values, device, instant }: { readonly values: JsonObject; readonly device: string; readonly instant?: EpochMs },
  context: DecodeContext,
): Decoded {
  const explained = context.device(device)?.fields ?? {};
  const readings: Reading[] = [];
  for (const [name, entry] of Object.entries(values)) {
    if (!isJsonObject(entry)) continue;
    const found = readEntry(name, entry, Object.hasOwn(explained, name));
    if (found !== undefined) readings.push({ device, ...found, ...(instant !== undefined && { time: { instant } }) });
  }
  return readings.length === 0 ? { skip: "no register with a unit", device } : { readings };
}

function readEntry(name: string, entry: JsonObject, isExplained: boolean): Omit<Reading, "device"> | undefined {
  const { Unit: written, Cat: category } = entry;
  const value = entry["Val"] ?? entry["Value"];
  if (typeof value !== "number" || !Number.isFinite(value) || name.length > 100) return undefined;
  if (isExplained)
    return { name, value, ...(typeof written === "string" && written !== "" && { unit: unitOf(written) }) };
  if (notMeasured.has(category)) return undefined;
  const known = Object.hasOwn(byName, name) ? byName[name] : undefined;
  const unit = typeof written === "string" && written !== "" ? unitOf(written) : known?.unit;
  if (unit === undefined) return undefined;
  if (known !== undefined) return { name, value, property: known.property, unit };
  const property = genericProperty(unit);
  return { name, value, ...(property !== undefined && { property }), channel: channelOf(name), unit };
}

function unitOf(written: string): string {
  const code = ucumFromAlias(written) ?? written;
  return conversion(code, code) === undefined ? written.slice(0, 40) : code;
}
