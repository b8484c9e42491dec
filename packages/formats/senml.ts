import { type Reading, type ReadingTime, type Refusal, refusal, ucumFromAlias } from "@messnetz/model";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { readName } from "./senml-name.ts";

/**
 * SenML in JSON (RFC 8428), the format that we recommend to device makers: several readings, each with name, unit and time, in about
 * 200 bytes. Which part of a name is the device and which the property: `senml-name.ts`. Units are those of the IANA registry (RFC 8428
 * §12.1, RFC 8798), or UCUM. A time below 2^28 s is told from the time of receipt. A sum `s` is a reading of its own, `<name>.sum`, whose
 * property only the registry can know.
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
  return (
    first["bn"] !== undefined || first["n"] !== undefined || first["bver"] !== undefined || first["bt"] !== undefined
  );
}

/** RFC 8428 §4.4: the version that this is. */
const version = 10;
/** RFC 8428 §4.5.3: smaller values are relative to now, in seconds. */
const firstAbsoluteTime = 2 ** 28;
/** ECMA-262 §21.4.1.1: the range of time, in milliseconds. */
const maxTimeMs = 8.64e15;
/** Binary fractions of a second are off by up to 2^-23 s in this century: 0.001 s must not be cut to 0. */
const cutToleranceMs = 1e-3;

/** The base fields in force, from the records so far. */
interface Base {
  name: string;
  unit: string | undefined;
  time: number;
  value: number;
  sum: number;
}

function decode(message: Message): Decoded | Refusal {
  const pack = message.json();
  if (!Array.isArray(pack)) return malformed(message, "a SenML pack, a JSON list of records", pack);
  if (pack.length === 0) return { skip: "an empty pack" };
  const base: Base = { name: "", unit: undefined, time: 0, value: 0, sum: 0 };
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (let at = 0; at < pack.length; at++) {
    const record: unknown = pack[at];
    if (!isJsonObject(record)) return refusal("malformed", "each SenML record to be an object", record);
    const refused = readBase(record, base);
    if (refused !== undefined) return refused;
    readRecord(record, base, { readings, refusals });
  }
  if (refusals.length > 0) return { readings, refusals };
  if (readings.length > 0) return { readings };
  return { skip: "a pack of base fields" };
}

/** Takes over the record's base fields. What is wrong with them holds for all records that follow, so it refuses the pack. */
function readBase(record: JsonObject, base: Base): Refusal | undefined {
  for (const label in record) {
    switch (label) {
      case "bn": {
        const name = record["bn"];
        if (typeof name !== "string") return refusal("malformed", "the base name `bn` to be text", name);
        base.name = name;
        break;
      }
      case "bu": {
        const unit = record["bu"];
        if (typeof unit !== "string") return refusal("malformed", "the base unit `bu` to be text", unit);
        base.unit = unit;
        break;
      }
      case "bt":
      case "bv":
      case "bs": {
        const number = record[label];
        if (typeof number !== "number" || !Number.isFinite(number)) {
          return refusal("malformed", `the base field \`${label}\` to be a finite number`, String(number));
        }
        base[label === "bt" ? "time" : label === "bv" ? "value" : "sum"] = number;
        break;
      }
      case "bver": {
        const number = record["bver"];
        if (typeof number !== "number" || !(number > 0 && number <= version)) {
          return refusal("malformed", `a SenML version \`bver\` of 1 to ${version}`, number);
        }
        break;
      }
      default:
        if (label.endsWith("_")) {
          return refusal("malformed", "no fields that must be understood (RFC 8428 §4.4: they end in `_`)", label);
        }
    }
  }
  return undefined;
}

function readRecord(record: JsonObject, base: Base, into: { readings: Reading[]; refusals: Refusal[] }): void {
  const { n, v, vs, vb, vd, s, bs } = record;
  const values =
    Number(v !== undefined) + Number(vs !== undefined) + Number(vb !== undefined) + Number(vd !== undefined);
  const hasSum = s !== undefined || bs !== undefined;
  if (values === 0 && !hasSum && n === undefined) return; // base fields only
  const text = typeof n === "string" ? base.name + n : base.name;
  const refuse = (reason: Refusal) => void into.refusals.push({ ...reason, reading: text.slice(0, maxShownName) });
  if (n !== undefined && typeof n !== "string") return refuse(refusal("malformed", "the name `n` to be text", n));
  if (values > 1 || (values === 0 && !hasSum)) {
    return refuse(refusal("malformed", "one of `v`, `vs`, `vb`, `vd`, or a sum `s`", record));
  }
  const u = record["u"];
  if (u !== undefined && typeof u !== "string") return refuse(refusal("malformed", "the unit `u` to be text", u));
  const written = u ?? base.unit;
  const unit = written === undefined || written === "" ? undefined : (ucumFromAlias(written) ?? written);
  const name = readName(text, base.name.length < text.length ? base.name : "", written);
  if (name === undefined) {
    return refuse(
      refusal(
        "malformed",
        "a name of A-Z a-z 0-9 - : . / _ that begins with a letter or digit and tells the device",
        text,
      ),
    );
  }
  const time = readTime(record["t"], base.time);
  if (time !== undefined && "code" in time) return refuse({ ...time, device: name.device });

  if (values === 1) {
    const value = readValue(record, base.value);
    if (typeof value === "object") refuse({ ...value, device: name.device });
    else into.readings.push(toReading(name, { value, unit, time }));
  }
  if (hasSum) {
    const sum = s === undefined ? base.sum : typeof s === "number" ? s + base.sum : Number.NaN;
    if (!Number.isFinite(sum)) return refuse(refusal("invalid_value", "the sum `s` to be a finite number", String(s)));
    const sumUnit = unit === undefined ? undefined : `${unit}.s`; // RFC 8428 §4.2: the unit multiplied by seconds
    into.readings.push(
      toReading({ device: name.device, name: `${name.name}.sum` }, { value: sum, unit: sumUnit, time }),
    );
  }
}

const maxShownName = 200;

/** Built field by field: this is the hottest path of all, and spreads cost more than all the rest of it. */
function toReading(
  name: { device: string; name: string; property?: string; channel?: string },
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

function readValue(record: JsonObject, base: number): number | string | boolean | Refusal {
  const { v, vs, vb, vd } = record;
  if (v !== undefined) {
    if (typeof v !== "number") return refusal("invalid_value", "the value `v` to be a number", v);
    const value = v + base;
    return Number.isFinite(value) ? value : refusal("invalid_value", "a finite value `v`", String(value));
  }
  if (vb !== undefined) {
    return typeof vb === "boolean" ? vb : refusal("invalid_value", "the value `vb` to be true or false", vb);
  }
  if (vs !== undefined) {
    return typeof vs === "string" ? vs : refusal("invalid_value", "the value `vs` to be text", vs);
  }
  return refusal("invalid_value", "a number, text or flag; data `vd` is no observation", vd);
}

/** Undefined: now. */
function readTime(t: unknown, base: number): ReadingTime | Refusal | undefined {
  if (t !== undefined && typeof t !== "number") return refusal("invalid_time", "the time `t` to be a number", t);
  const seconds = t === undefined ? base : t + base;
  if (seconds === 0) return undefined;
  const ms = Math.floor(seconds * 1000 + cutToleranceMs);
  if (!(Math.abs(ms) <= maxTimeMs)) return refusal("invalid_time", "seconds since 1970 or from now", String(seconds));
  return seconds < firstAbsoluteTime ? { sinceReceiptMs: ms } : { instant: ms };
}
