import { ProtobufReader } from "./protobuf.ts";

/** A payload of Sparkplug B. Times are milliseconds since 1970. */
export interface SparkplugPayload {
  timestamp?: number | undefined;
  /** 0 to 255. */
  seq?: number | undefined;
  uuid?: string | undefined;
  readonly metrics: SparkplugMetric[];
}

export interface SparkplugMetric {
  name?: string | undefined;
  alias?: number | undefined;
  timestamp?: number | undefined;
  datatype?: number | undefined;
  isNull: boolean;
  /** From the metric's properties, as written. */
  unit?: string | undefined;
  value?: number | boolean | string | undefined;
  /** Of integers, read both ways: which is right, the datatype says, and that may stand in the birth certificate alone. */
  bits?: { readonly unsigned: number; readonly signed: number } | undefined;
  /** Data sets, templates, bytes: no single result. */
  isCompound: boolean;
}

/** Sparkplug 3.0.0, 6.4.16. */
export const dataType = {
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  uint8: 5,
  uint16: 6,
  uint32: 7,
  uint64: 8,
  float: 9,
  double: 10,
  boolean: 11,
  string: 12,
  dateTime: 13,
  text: 14,
  uuid: 15,
} as const;

/** Sparkplug 3.0.0, 6.4.5 and the schema `sparkplug_b.proto`: fields by their number. Undefined where the bytes are no message. */
export function readSparkplugPayload(bytes: Uint8Array): SparkplugPayload | undefined {
  const reader = new ProtobufReader(bytes);
  const payload: SparkplugPayload = { metrics: [] };
  while (reader.next()) {
    if (reader.field === 1) payload.timestamp = reader.unsigned();
    else if (reader.field === 3) payload.seq = reader.unsigned();
    else if (reader.field === 4) payload.uuid = reader.text();
    else if (reader.field === 2) {
      const inner = reader.bytes();
      const metric = inner === undefined ? undefined : readMetric(inner);
      if (metric === undefined) return undefined;
      payload.metrics.push(metric);
    }
  }
  return reader.isBroken ? undefined : payload;
}

function readMetric(bytes: Uint8Array): SparkplugMetric | undefined {
  const reader = new ProtobufReader(bytes);
  const metric: SparkplugMetric = { isNull: false, isCompound: false };
  let bits: number | undefined;
  let signedBits: number | undefined;
  while (reader.next()) {
    const { field } = reader;
    if (field === 1) metric.name = reader.text();
    else if (field === 2) metric.alias = reader.unsigned();
    else if (field === 3) metric.timestamp = reader.unsigned();
    else if (field === 4) metric.datatype = reader.unsigned();
    else if (field === 7) metric.isNull = reader.unsigned() === 1;
    else if (field === 9) metric.unit = readUnit(reader.bytes());
    else if (field === 10 || field === 11) {
      bits = reader.unsigned();
      signedBits = reader.signed();
    } else if (field === 12) metric.value = reader.float();
    else if (field === 13) metric.value = reader.double();
    else if (field === 14) metric.value = reader.unsigned() === 1;
    else if (field === 15) metric.value = reader.text();
    else if (field >= 16 && field <= 19) metric.isCompound = true;
  }
  if (bits !== undefined) metric.bits = { unsigned: bits, signed: signedBits ?? bits };
  return reader.isBroken ? undefined : metric;
}

/** Keys under which makers write the unit; Sparkplug itself names none but `engUnit`, of Ignition. */
const unitKeys: ReadonlySet<string> = new Set([
  "engUnit",
  "EngUnit",
  "engUnits",
  "engineeringUnits",
  "Engineering Units",
  "unit",
  "Unit",
  "units",
]);

/** A set of properties: keys, and values in the same order. */
function readUnit(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const reader = new ProtobufReader(bytes);
  const keys: (string | undefined)[] = [];
  const values: (string | undefined)[] = [];
  while (reader.next()) {
    if (reader.field === 1) keys.push(reader.text());
    else if (reader.field === 2) values.push(readText(reader.bytes()));
  }
  const at = keys.findIndex((key) => key !== undefined && unitKeys.has(key));
  return at < 0 ? undefined : values[at];
}

function readText(bytes: Uint8Array | undefined): string | undefined {
  const reader = new ProtobufReader(bytes ?? new Uint8Array());
  let text: string | undefined;
  while (reader.next()) if (reader.field === 8) text = reader.text();
  return text;
}

/** The number of an integer's bits: negative ones of fewer than 64 bits are written as two's complement, of 32 bits or their own size. */
export function integerOf(
  bits: { readonly unsigned: number; readonly signed: number },
  datatype: number | undefined,
): number {
  if (datatype === dataType.int8) return (bits.unsigned << 24) >> 24;
  if (datatype === dataType.int16) return (bits.unsigned << 16) >> 16;
  if (datatype === dataType.int32) return bits.unsigned | 0;
  return datatype === dataType.int64 ? bits.signed : bits.unsigned;
}
