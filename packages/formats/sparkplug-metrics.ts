import { catalogue, conversion, type Reading, type Refusal, refusal, ucumFromAlias } from "@messnetz/model";
import { channelOf } from "./device-word.ts";
import { genericProperty } from "./generic-property.ts";
import type { BornMetric } from "./sparkplug-births.ts";
import { dataType, integerOf, type SparkplugMetric, type SparkplugPayload } from "./sparkplug-payload.ts";

export interface MetricReadings {
  readonly readings: readonly Reading[];
  readonly refusals: readonly Refusal[];
  /** Some metric was not told by a birth certificate. */
  readonly isUnknown: boolean;
}

/** What a node says of itself and its control. */
const notMeasured = /^(?:bdSeq$|(?:Node|Device) (?:Control|Info)\/|Properties\/|_types_\/)/u;
const maxRefusals = 32;
/** ECMA-262 §21.4.1.1. */
const maxTimeMs = 8.64e15;

/** The metrics of a payload that are results. */
export function metricReadings(
  payload: SparkplugPayload,
  of: {
    readonly device: string;
    readonly told: (metric: SparkplugMetric) => BornMetric | undefined;
    readonly isBirth: boolean;
  },
): MetricReadings {
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  let isUnknown = false;
  const refuse = (reason: Refusal, reading: string) => {
    if (refusals.length < maxRefusals) refusals.push({ ...reason, device: of.device, reading: reading.slice(0, 200) });
  };
  for (const metric of payload.metrics) {
    const born = of.told(metric);
    if (born === undefined) {
      isUnknown = true;
      const expected =
        "a metric that the birth certificate in force has told; a rebirth is asked for through a bridge, after which the message can be replayed";
      refuse(
        refusal("unknown_property", expected, `alias ${metric.alias ?? "none"}`),
        `alias ${metric.alias ?? "none"}`,
      );
      continue;
    }
    if (metric.isNull || notMeasured.test(born.name)) continue;
    if (metric.isCompound) {
      // A birth certificate tells that there are such; data brings them.
      if (!of.isBirth)
        refuse(refusal("invalid_value", "a single value: no data set, template or bytes", "several values"), born.name);
      continue;
    }
    const datatype = metric.datatype ?? born.datatype;
    if (datatype === dataType.dateTime || datatype === dataType.uuid) continue;
    const value = valueOf(metric, datatype);
    if (value === undefined) {
      if (!of.isBirth)
        refuse(refusal("invalid_value", "a finite number, a flag or text", metric.value ?? "nothing"), born.name);
      continue;
    }
    const at = metric.timestamp ?? payload.timestamp;
    if (at !== undefined && !(at <= maxTimeMs)) {
      refuse(refusal("invalid_time", "milliseconds since 1970", String(at)), born.name);
      continue;
    }
    readings.push(toReading(born, value, { device: of.device, instant: at, unit: metric.unit ?? born.unit }));
  }
  return { readings, refusals, isUnknown };
}

function valueOf(
  { value, bits }: SparkplugMetric,
  datatype: number | undefined,
): number | boolean | string | undefined {
  if (bits !== undefined) return datatype === dataType.boolean ? bits.unsigned !== 0 : integerOf(bits, datatype);
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "string") return /^[^\p{C}]{1,256}$/u.test(value) ? value : undefined;
  return value;
}

const propertyWord = /[^a-z0-9]+/gu;

/** `Tank 3/Water Level` is the property of its last part, in the channel of what stands before. */
function toReading(
  { name }: BornMetric,
  value: number | boolean | string,
  of: { device: string; instant: number | undefined; unit: string | undefined },
): Reading {
  const cut = name.lastIndexOf("/");
  const key = name
    .slice(cut + 1)
    .toLowerCase()
    .replaceAll(propertyWord, "_");
  const written =
    typeof value === "number" && of.unit !== undefined && of.unit !== "" ? of.unit.slice(0, 60) : undefined;
  const unit = written === undefined ? undefined : (ucumFromAlias(written) ?? written);
  const isKnown = catalogue.has(key);
  const generic = unit === undefined || conversion(unit, unit) === undefined ? undefined : genericProperty(unit);
  const property = isKnown ? key : generic;
  const channel = isKnown ? name.slice(0, Math.max(0, cut)) : name;
  return {
    device: of.device,
    name,
    value,
    ...(property !== undefined && { property }),
    ...(channel !== "" && { channel: channelOf(channel) }),
    ...(unit !== undefined && { unit }),
    ...(of.instant !== undefined && { time: { instant: of.instant } }),
  };
}
