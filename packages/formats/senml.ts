import { type Reading, type ReadingTime, type Refusal, refusal, ucumFromAlias } from "@messnetz/model";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { readSenmlBase, type SenmlBase, unsetBase } from "./senml-base.ts";
import { createNameReader, type NamesOfBase, type SenmlName } from "./senml-name.ts";

/**
 * SenML in JSON (RFC 8428), the format that we recommend to device makers: several readings, each with name, unit and time, in about
 * 200 bytes. Which part of a name is the device and which the property: `senml-name.ts`. Units are those of the IANA registry (RFC 8428
 * §12.1, RFC 8798), or UCUM. A time below 2^28 s is told from the time of receipt. A sum `s` is a reading of its own, `<name>.sum`, whose
 * property only the registry can know. Other fields are passed over (§4.4), unless their name says that they must be understood.
 */
export const senml: PayloadFormat = {
  name: "senml",
  revision: 1,
  topics: ["#"],
  specification: "https://www.rfc-editor.org/rfc/rfc8428",
  recognises,
  decode,
};

const openList = 0x5b;
const lastWhiteSpace = 0x20;

/** A list of objects that have a label of SenML. A list that cannot be read is claimed too: its refusal says more than `no_format`. */
function recognises(message: Message): boolean {
  const { payload } = message;
  let at = 0;
  while (at < payload.length && payload[at]! <= lastWhiteSpace) at++;
  if (payload[at] !== openList) return false;
  const pack = message.json();
  if (pack === undefined) return true;
  const first: unknown = Array.isArray(pack) ? pack[0] : undefined;
  if (!isJsonObject(first)) return false;
  const { bn, n, bver, bt } = first;
  return bn !== undefined || n !== undefined || bver !== undefined || bt !== undefined;
}

/** RFC 8428 §4.5.3: smaller values are relative to now, in seconds. */
const firstAbsoluteTime = 2 ** 28;
/** ECMA-262 §21.4.1.1: the range of time, in milliseconds. */
const maxTimeMs = 8.64e15;
/** Binary fractions of a second are off by up to 2^-23 s in this century: 0.001 s must not be cut to 0. */
const cutToleranceMs = 1e-3;

const namesOfBase = createNameReader();

/** A pack on its way: the base fields in force, and what came of the records so far. */
interface Pack {
  readonly base: SenmlBase;
  names: NamesOfBase;
  /** The time of records without `t`. */
  time: ReadingTime | Refusal | undefined;
  readonly readings: Reading[];
  refusals: Refusal[] | undefined;
}

function decode(message: Message): Decoded | Refusal {
  const records = message.json();
  if (!Array.isArray(records)) return malformed(message, "a SenML pack, a JSON list of records", records);
  const text = message.text() ?? "";
  return readPack(records, { mayHaveMusts: text.includes('_"') || text.includes("\\") });
}

/** The records of a pack, labels as JSON has them. `mayHaveMusts`: a label may say that it must be understood. */
export function readPack(
  records: readonly unknown[],
  { mayHaveMusts }: { readonly mayHaveMusts: boolean },
): Decoded | Refusal {
  if (records.length === 0) return { skip: "an empty pack" };
  const pack: Pack = { base: unsetBase(), names: namesOfBase(""), time: undefined, readings: [], refusals: undefined };
  for (let at = 0; at < records.length; at++) {
    const record: unknown = records[at];
    if (!isJsonObject(record)) return refusal("malformed", "each SenML record to be an object", record);
    const refused = readSenmlBase(record, pack.base) ?? (mayHaveMusts ? refuseMusts(record) : undefined);
    if (refused !== undefined) return refused;
    if (record["bn"] !== undefined) pack.names = namesOfBase(pack.base.name);
    if (record["bt"] !== undefined) pack.time = readTime(0, pack.base.time);
    readRecord(record, pack);
  }
  const { readings, refusals } = pack;
  if (refusals !== undefined) return { readings, refusals };
  if (readings.length > 0) return { readings };
  return { skip: "a pack of base fields" };
}

function refuseMusts(record: JsonObject): Refusal | undefined {
  const must = Object.keys(record).find((label) => label.endsWith("_"));
  if (must === undefined) return undefined;
  return refusal("malformed", "no field that must be understood (RFC 8428 §4.4: its name ends in `_`)", must);
}

function readRecord(record: JsonObject, pack: Pack): void {
  const { n, u, v, vs, vb, vd, s, bs, t } = record;
  const hasSum = s !== undefined || bs !== undefined;
  let values = v === undefined ? 0 : 1;
  if (vs !== undefined) values++;
  if (vb !== undefined) values++;
  if (vd !== undefined) values++;
  if (values === 0 && !hasSum && n === undefined) return; // base fields only
  if (values > 1 || (values === 0 && !hasSum)) {
    return refuse(pack, record, refusal("malformed", "one of `v`, `vs`, `vb`, `vd`, or a sum `s`", record));
  }
  if (n !== undefined && typeof n !== "string") {
    return refuse(pack, record, refusal("malformed", "the name `n` to be text", n));
  }
  if (u !== undefined && typeof u !== "string") {
    return refuse(pack, record, refusal("malformed", "the unit `u` to be text", u));
  }
  const written = u ?? pack.base.unit;
  const name = pack.names(n ?? "", written);
  if (name === undefined) {
    const expected = "a name of A-Z a-z 0-9 - : . / _ that begins with a letter or digit and tells the device";
    return refuse(pack, record, refusal("malformed", expected, pack.base.name + (n ?? "")));
  }
  const time = t === undefined ? pack.time : readTime(t, pack.base.time);
  if (time !== undefined && "code" in time) return refuse(pack, record, { ...time, device: name.device });
  const unit = written === undefined || written === "" ? undefined : (ucumFromAlias(written) ?? written);

  if (values === 1) {
    const value = readValue(record, pack.base.value);
    if (value !== undefined) {
      pack.readings.push(toReading(name, { value, unit, time }));
    } else {
      const expected = "a finite number `v`, text `vs` or flag `vb`; data `vd` is no observation";
      refuse(pack, record, { ...refusal("invalid_value", expected, String(v ?? vs ?? vb ?? vd)), device: name.device });
    }
  }
  if (hasSum) {
    const sum = s === undefined ? pack.base.sum : typeof s === "number" ? s + pack.base.sum : Number.NaN;
    if (!Number.isFinite(sum)) {
      const reason = refusal("invalid_value", "the sum `s` to be a finite number", String(s));
      return refuse(pack, record, { ...reason, device: name.device });
    }
    const sumUnit = unit === undefined ? undefined : `${unit}.s`; // RFC 8428 §4.2: the unit multiplied by seconds
    const ofSum: SenmlName = { device: name.device, name: `${name.name}.sum` };
    pack.readings.push(toReading(ofSum, { value: sum, unit: sumUnit, time }));
  }
}

const maxShownName = 200;

function refuse(pack: Pack, record: JsonObject, reason: Refusal): void {
  const n = record["n"];
  const reading = (pack.base.name + (typeof n === "string" ? n : "")).slice(0, maxShownName);
  (pack.refusals ??= []).push({ ...reason, reading });
}

/** Built field by field: this is the hottest path of all, and spreads cost more than all the rest of it. */
function toReading(
  name: SenmlName,
  found: { value: number | string | boolean; unit: string | undefined; time: ReadingTime | undefined },
): Reading {
  const reading: { -readonly [K in keyof Reading]: Reading[K] } = {
    device: name.device,
    name: name.name,
    value: found.value,
  };
  if (name.property !== undefined) reading.property = name.property;
  if (name.channel !== undefined) reading.channel = name.channel;
  if (found.unit !== undefined) reading.unit = found.unit;
  if (found.time !== undefined) reading.time = found.time;
  return reading;
}

function readValue({ v, vs, vb }: JsonObject, base: number): number | string | boolean | undefined {
  if (typeof v === "number") return Number.isFinite(v + base) ? v + base : undefined;
  if (typeof vb === "boolean") return vb;
  return typeof vs === "string" ? vs : undefined;
}

/** Undefined: now. */
function readTime(t: unknown, base: number): ReadingTime | Refusal | undefined {
  if (typeof t !== "number") return refusal("invalid_time", "the time `t` to be a number", t);
  const seconds = t + base;
  if (seconds === 0) return undefined;
  const ms = Math.floor(seconds * 1000 + cutToleranceMs);
  if (!(Math.abs(ms) <= maxTimeMs)) return refusal("invalid_time", "seconds since 1970 or from now", String(seconds));
  return seconds < firstAbsoluteTime ? { sinceReceiptMs: ms } : { instant: ms };
}
