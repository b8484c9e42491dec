import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
import { decimalOf } from "./decimal.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

export interface Sampled {
  readonly readings: readonly Reading[];
  readonly refusals: readonly Refusal[];
}

interface Measurand {
  readonly property: string;
  readonly part?: string;
  /** Where the standard says what it is without `unit`. */
  readonly unit?: string;
}

/** OCPP 1.6, 7.31, and OCPP 2.0.1 part 2, 3.53. Without a unit energy is in Wh; of frequency 1.6 knows none but hertz. */
const measurands: ReadonlyMap<string, Measurand> = new Map<string, Measurand>([
  ["Energy.Active.Import.Register", { property: "active_energy_import", unit: "Wh" }],
  ["Energy.Active.Export.Register", { property: "active_energy_export", unit: "Wh" }],
  ["Energy.Reactive.Import.Register", { property: "reactive_energy_import" }],
  ["Energy.Reactive.Export.Register", { property: "reactive_energy_export" }],
  ["Energy.Active.Import.Interval", { property: "energy", part: "import", unit: "Wh" }],
  ["Energy.Active.Export.Interval", { property: "energy", part: "export", unit: "Wh" }],
  ["Energy.Active.Net", { property: "energy_reading", part: "net", unit: "Wh" }],
  ["Energy.Apparent.Net", { property: "apparent_energy", part: "net" }],
  ["Energy.Apparent.Import", { property: "apparent_energy", part: "import" }],
  ["Energy.Apparent.Export", { property: "apparent_energy", part: "export" }],
  ["Power.Active.Import", { property: "active_power", part: "import" }],
  ["Power.Active.Export", { property: "active_power", part: "export" }],
  ["Power.Reactive.Import", { property: "reactive_power", part: "import" }],
  ["Power.Reactive.Export", { property: "reactive_power", part: "export" }],
  ["Power.Offered", { property: "power_limit" }],
  ["Power.Factor", { property: "power_factor", unit: "1" }],
  ["Current.Import", { property: "current", part: "import" }],
  ["Current.Export", { property: "current", part: "export" }],
  ["Current.Offered", { property: "current", part: "offered" }],
  ["Voltage", { property: "voltage" }],
  ["Frequency", { property: "frequency", unit: "Hz" }],
  ["SoC", { property: "state_of_charge" }],
  ["Temperature", { property: "temperature" }],
  ["RPM", { property: "rotation_speed", unit: "RPM" }],
]);

/** OCPP 1.6, 7.45 (`Celcius` is spelt so there), OCPP 2.0.1 part 2 appendix 2. */
const units: ReadonlyMap<string, string> = new Map([
  ["Wh", "W.h"],
  ["kWh", "kW.h"],
  ["varh", "var.h"],
  ["kvarh", "kvar.h"],
  ["VAh", "V.A.h"],
  ["kVAh", "kV.A.h"],
  ["W", "W"],
  ["kW", "kW"],
  ["VA", "V.A"],
  ["kVA", "kV.A"],
  ["var", "var"],
  ["kvar", "kvar"],
  ["A", "A"],
  ["V", "V"],
  ["Celsius", "Cel"],
  ["Celcius", "Cel"],
  ["Fahrenheit", "[degF]"],
  ["K", "K"],
  ["Percent", "%"],
  ["Hz", "Hz"],
  ["RPM", "/min"],
  ["1", "1"],
]);

const defaultMeasurand = "Energy.Active.Import.Register";
const maxRefusals = 20;

/** The sampled values of a list of meter values, each with the time of its list. */
export function meterReadings(
  values: readonly unknown[],
  origin: { readonly device: string; readonly connector: string | undefined },
): Sampled {
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  const refuse = (reason: Refusal, reading: string) => {
    if (refusals.length < maxRefusals) refusals.push({ ...reason, device: origin.device, reading });
  };
  for (const each of values) {
    const list = isJsonObject(each) ? each["sampledValue"] : undefined;
    if (!isJsonObject(each) || !Array.isArray(list)) {
      refuse(refusal("malformed", "meter values with `timestamp` and `sampledValue`", each), "meterValue");
      continue;
    }
    const instant = instantOf(each["timestamp"]);
    if (instant === undefined) {
      refuse(refusal("invalid_time", "`timestamp` as RFC 3339 with a zone", each["timestamp"]), "meterValue");
      continue;
    }
    for (const sampled of list as readonly unknown[]) {
      const reading = readSampled(sampled, { ...origin, instant });
      if ("code" in reading) refuse(reading, measurandOf(sampled).slice(0, maxShown));
      else readings.push(reading);
    }
  }
  return { readings, refusals };
}

const maxShown = 100;

function measurandOf(sampled: unknown): string {
  const measurand = isJsonObject(sampled) ? sampled["measurand"] : undefined;
  return typeof measurand === "string" ? measurand : defaultMeasurand;
}

const phaseWord = /^(?:L[123](?:-(?:N|L[123]))?|N)$/u;
const places: ReadonlySet<unknown> = new Set(["Body", "Cable", "EV", "Inlet", "Upstream"]);

function readSampled(
  sampled: unknown,
  origin: { device: string; connector: string | undefined; instant: EpochMs },
): Reading | Refusal {
  if (!isJsonObject(sampled)) return refusal("malformed", "a sampled value as an object", sampled);
  const name = measurandOf(sampled);
  const meaning = measurands.get(name);
  if (meaning === undefined) return refusal("unknown_property", "a measurand of OCPP", name);
  if (sampled["format"] === "SignedData")
    return refusal("invalid_value", "a value that is not signed data", sampled["value"]);
  const scale = scaleOf(sampled["unitOfMeasure"]);
  const value = decimalOf(sampled["value"]);
  if (value === undefined || scale === undefined) return refusal("invalid_value", "a number", sampled["value"]);
  const written = unitOf(sampled) ?? meaning.unit;
  const { phase, location } = sampled;
  const channel = [
    origin.connector,
    meaning.part,
    typeof phase === "string" && phaseWord.test(phase) ? phase.replace(/^(L[123])-N$/u, "$1") : undefined,
    places.has(location) ? String(location) : undefined,
  ].filter((part) => part !== undefined);
  return {
    device: origin.device,
    name,
    value: value * scale,
    property: meaning.property,
    ...(channel.length > 0 && { channel: channel.join("-") }),
    ...(written !== undefined && { unit: units.get(written) ?? written }),
    time: { instant: origin.instant },
  };
}

function unitOf(sampled: JsonObject): string | undefined {
  const { unit, unitOfMeasure } = sampled;
  const written = unit ?? (isJsonObject(unitOfMeasure) ? unitOfMeasure["unit"] : undefined);
  return typeof written === "string" && written !== "" ? written : undefined;
}

/** OCPP 2.0.1: `multiplier` is a power of ten; 0 without it. */
function scaleOf(unit: unknown): number | undefined {
  const multiplier = isJsonObject(unit) ? (unit["multiplier"] ?? 0) : 0;
  const isFit = typeof multiplier === "number" && Number.isInteger(multiplier) && Math.abs(multiplier) <= 18;
  return isFit ? 10 ** multiplier : undefined;
}
