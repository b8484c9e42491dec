import { type Refusal, refusal } from "@messnetz/model";
import type { JsonObject } from "./json-object.ts";

/** The base fields in force, from the records so far (RFC 8428 §4.1). */
export interface SenmlBase {
  name: string;
  unit: string | undefined;
  time: number;
  value: number;
  sum: number;
}

export function unsetBase(): SenmlBase {
  return { name: "", unit: undefined, time: 0, value: 0, sum: 0 };
}

/** RFC 8428 §4.4: the version that this is. */
const version = 10;

/** Takes over a record's base fields. What is wrong with them holds for all records that follow, so it refuses the pack. */
export function readSenmlBase(record: JsonObject, base: SenmlBase): Refusal | undefined {
  const { bn, bt, bu, bv, bs, bver } = record;
  if (bn !== undefined) {
    if (typeof bn !== "string") return refusal("malformed", "the base name `bn` to be text", bn);
    base.name = bn;
  }
  if (bu !== undefined) {
    if (typeof bu !== "string") return refusal("malformed", "the base unit `bu` to be text", bu);
    base.unit = bu;
  }
  if (bt !== undefined) {
    if (!isFiniteNumber(bt)) return notFinite("bt", bt);
    base.time = bt;
  }
  if (bv !== undefined) {
    if (!isFiniteNumber(bv)) return notFinite("bv", bv);
    base.value = bv;
  }
  if (bs !== undefined) {
    if (!isFiniteNumber(bs)) return notFinite("bs", bs);
    base.sum = bs;
  }
  if (bver !== undefined && !(typeof bver === "number" && bver > 0 && bver <= version)) {
    return refusal("malformed", `a SenML version \`bver\` of 1 to ${version}`, bver);
  }
  return undefined;
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function notFinite(label: string, came: unknown): Refusal {
  return refusal("malformed", `the base field \`${label}\` to be a finite number`, String(came));
}
