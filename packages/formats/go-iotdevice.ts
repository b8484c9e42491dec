import { conversion, type Reading, type Refusal, refusal, ucumFromAlias } from "@messnetz/model";
import { channelOf, deviceIdOf } from "./device-word.ts";
import { type Decoded, type DecodeContext, malformed, type Message, type PayloadFormat } from "./format.ts";
import { genericProperty } from "./generic-property.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/**
 * go-iotdevice, which reads Victron's VE.Direct, Modbus relays and Teracom boards: `NumericValues` with value, unit and category by
 * register. The device is the topic without `tele` and `state`. Settings and what says which product it is are left out.
 */
export const goIotdevice: PayloadFormat = {
  name: "go-iotdevice",
  revision: 1,
  topics: ["#"],
  specification: "https://github.com/koestler/go-iotdevice#mqtt-interface",
  recognises(message) {
    if (message.payload[0] !== 0x7b || !/\/(?:state|tele|telemetry)(?:\/|$)/u.test(message.topic)) return false;
    const payload = message.json();
    return isJsonObject(payload) && isJsonObject(payload["NumericValues"]);
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

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const payload = message.json();
  const device = deviceIdOf(
    "iotdevice",
    message.levels.filter((level) => !/^(?:tele|telemetry|state)?$/u.test(level)).join("/") || "_",
  );
  if (!isJsonObject(payload)) return { ...malformed(message, "a JSON object with `NumericValues`", payload), device };
  const values = payload["NumericValues"];
  if (!isJsonObject(values)) return { skip: "no `NumericValues`", device };
  const instant = instantOf(payload["Time"]);
  if (payload["Time"] !== undefined && instant === undefined)
    return { ...refusal("invalid_time", "`Time` as RFC 3339 with a zone", payload["Time"]), device };
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
  const { Val: value, Unit: written, Cat: category } = entry;
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
