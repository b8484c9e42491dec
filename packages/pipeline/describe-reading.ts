import type { ByteSpan, FieldSeen } from "@messnetz/formats";
import { conversion, type Reading, type Refusal, toIso } from "@messnetz/model";
import type { ExplainedReading, UnitSayer } from "./explanation.ts";
import type { ReadingSeen } from "./road.ts";

interface Beside {
  /** What the registry says of the word. */
  readonly field: { readonly property: string; readonly unit?: string | undefined } | undefined;
  /** The field that a profile read. */
  readonly raw: FieldSeen | undefined;
  readonly isKnown: boolean;
  /** Those of a frame that it is made of. */
  readonly bytes: readonly ByteSpan[] | undefined;
}

/** A reading as it would be kept, and how it came to that; only a text where it was refused. */
export function describeReading(
  { reading, outcome, came }: ReadingSeen,
  beside: Beside,
): { readonly explained: ExplainedReading | undefined; readonly text: string } {
  if ("code" in came || "code" in outcome) return { explained: undefined, text: describeRefusal(came as Refusal) };
  const { observed } = outcome;
  const unitFrom = unitSayerOf(reading, beside);
  const deviceUnit = beside.field?.unit ?? reading.unit;
  const channel = channelOf(outcome.datastream);
  const isReceipt =
    came.phenomenonTime === came.resultTime && (came.deviceTime !== undefined || !tellsTime(reading, outcome.timeZone));
  const explained: ExplainedReading = {
    device: reading.device,
    field: reading.name,
    property: observed.key,
    kind: observed.kind,
    ...(channel !== undefined && { channel }),
    value: came.result,
    unit: observed.unit,
    deviceValue: reading.value,
    ...(deviceUnit !== undefined && { deviceUnit }),
    unitFrom,
    time: came.phenomenonTime,
    timeFrom: isReceipt ? "receipt" : "message",
    ...(came.intervalStart !== undefined && { intervalStart: came.intervalStart }),
    ...(came.deviceTime !== undefined && { deviceTime: came.deviceTime }),
    quality: came.quality,
    checks: came.checks,
    ...(beside.isKnown && { datastream: outcome.datastream }),
    ...(beside.bytes !== undefined && beside.bytes.length > 0 && { bytes: beside.bytes }),
  };
  const parts = [
    `${reading.name} is ${observed.key}${channel === undefined ? "" : `, channel ${channel}`}${beside.field === undefined ? "" : " (by the registry)"}`,
    describeUnit(explained),
    describeTime(explained, reading),
    describeChecks(explained, observed.range),
  ];
  return { explained, text: parts.join("; ") };
}

function describeRefusal({ code, expected, came }: Refusal): string {
  return `refused, ${code}: expected ${expected}; came ${came}`;
}

function unitSayerOf(reading: Reading, { field, raw }: Beside): UnitSayer {
  if (field?.unit !== undefined) return "registry";
  if (reading.unit === undefined) return "catalogue";
  if (raw?.became.kind !== "reading" || raw.became.field === undefined) return "format";
  return raw.became.field.unit === reading.unit ? "profile" : "message";
}

/** `<thing>/<property>[.<channel>]`; neither thing nor property has a dot. */
function channelOf(datastream: string): string | undefined {
  const dot = datastream.lastIndexOf(".");
  return dot < datastream.lastIndexOf("/") ? undefined : datastream.slice(dot + 1);
}

function tellsTime({ time }: Reading, timeZone: string | undefined): boolean {
  return time !== undefined && (!("local" in time) || timeZone !== undefined);
}

const sayers: Readonly<Record<UnitSayer, string>> = {
  message: "the message",
  profile: "the profile",
  registry: "the registry",
  format: "the message or the specification of its format",
  catalogue: "the catalogue: a state has no other",
};

function describeUnit({ value, unit, deviceValue, deviceUnit, unitFrom, kind }: ExplainedReading): string {
  const shown = JSON.stringify(deviceValue);
  if (kind === "state") return `${shown} is ${JSON.stringify(value)}`;
  const sent = `${shown} ${deviceUnit ?? ""} (unit by ${sayers[unitFrom]})`;
  if (deviceUnit === undefined || deviceUnit === unit) return `${sent} is ${value} ${unit}, no conversion`;
  const how = conversion(deviceUnit, unit);
  const plus = how === undefined || how.offset === 0 ? "" : ` ${how.offset < 0 ? "-" : "+"} ${Math.abs(how.offset)}`;
  return `${sent} × ${how?.factor}${plus} = ${value} ${unit}`;
}

function describeTime({ time, timeFrom, deviceTime, intervalStart }: ExplainedReading, reading: Reading): string {
  const from = intervalStart === undefined ? "" : `, counted from ${toIso(intervalStart)}`;
  if (deviceTime !== undefined)
    return `time ${toIso(time)} of receipt, as the device's clock says ${said(deviceTime)}${from}`;
  if (timeFrom === "message") return `time ${toIso(time)} by the message${localOf(reading)}${from}`;
  const why = reading.time === undefined ? "the message gives none" : "nobody says in which zone its clock runs";
  return `time ${toIso(time)} of receipt, as ${why}${from}`;
}

function localOf({ time }: Reading): string {
  return time !== undefined && "local" in time ? `, whose clock showed ${time.local}` : "";
}

/** A broken clock may say a year that has no common form. */
function said(instant: number): string {
  return Math.abs(instant) <= 8.64e15 ? new Date(instant).toISOString() : String(instant);
}

function describeChecks(
  { quality, checks }: ExplainedReading,
  range: { readonly min: number; readonly max: number } | undefined,
): string {
  const within = range === undefined ? "no range" : `range ${range.min} to ${range.max}`;
  return checks.length === 0 ? `${quality} (${within}, clock)` : `${quality}: ${checks.join(", ")} (${within})`;
}
