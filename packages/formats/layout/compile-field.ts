import { compileArithmetic } from "./arithmetic.ts";
import {
  type Compiled,
  type FrameReading,
  hexOf,
  type Making,
  problem,
  type Problem,
  type Step,
  tooShort,
} from "./frame-reading.ts";
import type { FieldItem, MadeItem, NumberOptions, TextItem } from "./item-schema.ts";
import { bcdOf, numberTypeOf } from "./number-type.ts";
import { compilePut } from "./put-value.ts";
import type { Scope } from "./scope.ts";

/** What becomes of a number once it is read: codes for none, arithmetic, its place. */
type Finish = (raw: number, reading: FrameReading, into: Making) => Problem | undefined;

/** A field with bytes of its own. `tail` is what the items behind it take, for a length of the rest. */
export function compileField(item: FieldItem, scope: Scope, tail: number | undefined): Compiled {
  const number = numberTypeOf(item.type, scope.endian);
  if (number === "endian") {
    scope.fault(`${item.type} needs le or be, or the layout an endian`);
    return nothing;
  }
  if (number !== undefined) {
    if (item.length !== undefined) scope.fault(`${item.type} has its length in its name`);
    const finish = compileFinish(item, scope, item.running);
    const { bytes } = number;
    return {
      min: bytes,
      max: bytes,
      step(reading, into) {
        const { at } = reading;
        if (reading.end - at < bytes) return tooShort(reading, item.name, bytes);
        reading.at = at + bytes;
        return finish(number.read(reading.view, at), reading, into);
      },
    };
  }
  return compileSpan(item, scope, tail);
}

const nothing: Compiled = { min: 0, max: 0, step: () => undefined };

/** bcd, hex, ascii, decimal: as many bytes as the length says. */
function compileSpan(item: FieldItem, scope: Scope, tail: number | undefined): Compiled {
  const { length, name, type } = item;
  if (length === undefined) {
    scope.fault(`${type} needs a length`);
    return nothing;
  }
  const isText = type === "hex" || type === "ascii";
  if (isText && (item.scale ?? item.offset ?? item.calc ?? item.absent ?? item.running) !== undefined) {
    scope.fault(`${type} is text: nothing can be computed with it`);
  }
  const lengthOf = compileLength(length, scope, tail);
  const read = isText ? compileCharacters(item, scope) : compileDigits(item, scope);
  const step: Step = (reading, into) => {
    const bytes = lengthOf(reading);
    if (typeof bytes !== "number") return bytes;
    if (reading.end - reading.at < bytes) return tooShort(reading, name, bytes);
    const from = reading.at;
    reading.at = from + bytes;
    return read({ from, to: reading.at }, reading, into);
  };
  return typeof length === "number" ? { step, min: length, max: length } : { step, min: 0, max: Infinity };
}

/** Bytes that a length says, at the place where it is needed. */
export function compileLength(
  length: number | string,
  scope: Scope,
  tail: number | undefined,
): (reading: FrameReading) => number | Problem {
  if (typeof length === "number") return () => length;
  if (length === "rest") {
    if (tail === undefined) scope.fault("what stands behind a rest must have a fixed length");
    const reserved = tail ?? 0;
    return (reading) => Math.max(0, reading.end - reading.at - reserved);
  }
  const slot = scope.refer(length);
  return (reading) => {
    const value = slot === undefined ? undefined : reading.values[slot.index];
    return typeof value === "number" && Number.isInteger(value) && value >= 0
      ? value
      : problem(`a whole number in ${length}`, String(value));
  };
}

type ReadSpan = (
  span: { readonly from: number; readonly to: number },
  reading: FrameReading,
  into: Making,
) => Problem | undefined;

/** Printable characters of ASCII (ISO 646): a text with others is none. Zeros and blanks at its end fill it up. */
const printable = /^[\x20-\x7e]*$/u;

function compileCharacters(item: FieldItem, scope: Scope): ReadSpan {
  const { put } = compilePut(item.name, scope);
  if (item.type === "hex") return ({ from, to }, reading, into) => put(hexOf(reading.bytes, from, to), reading, into);
  return ({ from, to }, reading, into) => {
    const text = asciiOf(reading.bytes, from, to);
    if (!printable.test(text)) return problem(`printable ASCII in ${item.name}`, hexOf(reading.bytes, from, to));
    return put(text, reading, into);
  };
}

function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to)).replace(/[\0 ]+$/u, "");
}

const decimal = /^[+-]?\d+(?:\.\d+)?$/u;

function compileDigits(item: FieldItem, scope: Scope): ReadSpan {
  const finish = compileFinish(item, scope, item.running);
  if (item.type === "decimal") {
    return ({ from, to }, reading, into) => {
      const text = asciiOf(reading.bytes, from, to).trim();
      if (!decimal.test(text)) return problem(`decimal digits in ${item.name}`, hexOf(reading.bytes, from, to));
      return finish(Number(text), reading, into);
    };
  }
  const little = item.type === "bcdle" || (item.type === "bcd" && scope.endian === "little");
  if (item.type === "bcd" && scope.endian === undefined) scope.fault("bcd needs le or be, or the layout an endian");
  return ({ from, to }, reading, into) => {
    const value = bcdOf(reading.bytes, { from, to, little });
    if (Number.isNaN(value)) return problem(`decimal digits in ${item.name}`, hexOf(reading.bytes, from, to));
    return finish(value, reading, into);
  };
}

/** A value that is made of an earlier one. */
export function compileMade(item: MadeItem, scope: Scope): Compiled {
  const source = scope.refer(item.of);
  const finish = compileFinish(item, scope);
  return {
    min: 0,
    max: 0,
    step(reading, into) {
      const value = source === undefined ? undefined : reading.values[source.index];
      reading.watch?.makes([item.of]);
      return typeof value === "number" ? finish(value, reading, into) : undefined;
    },
  };
}

/** A word that the layout gives itself. */
export function compileText({ name, text }: TextItem, scope: Scope): Compiled {
  const { put } = compilePut(name, scope);
  return { min: 0, max: 0, step: (reading, into) => put(text, reading, into) };
}

export function compileFinish(item: NumberOptions & { readonly name: string }, scope: Scope, running?: string): Finish {
  const arithmetic = compileArithmetic(item, scope);
  const sum = running === undefined ? undefined : compileSum(running, scope);
  const { put, slot } = compilePut(item.name, scope);
  const { absent } = item;
  return (raw, reading, into) => {
    reading.watch?.readAs(raw);
    // A binary number that is none is how a device says that it has no value.
    const isNone = absent?.includes(raw) === true || !Number.isFinite(raw);
    let value = isNone || arithmetic === undefined ? raw : arithmetic(raw, reading);
    if (!isNone && !Number.isFinite(value)) {
      return problem(`a number for ${item.name}`, `${raw}, of which its steps make none`);
    }
    if (sum !== undefined) value = sum(isNone ? Number.NaN : value, reading);
    if (isNone || Number.isNaN(value)) {
      reading.values[slot.index] = undefined;
      reading.watch?.tell(reading.at, { kind: "none", name: item.name });
      return undefined;
    }
    // A zero has no sign: JSON has none for it either.
    return put(value + 0, reading, into);
  };
}

/** The sum so far; after an entry without a value nobody knows it any more. */
function compileSum(start: string, scope: Scope): (value: number, reading: FrameReading) => number {
  const begin = scope.refer(start);
  const sum = scope.reserve();
  return (value, reading) => {
    const before = reading.values[reading.index === 0 && begin !== undefined ? begin.index : sum.index];
    const after = typeof before === "number" ? before + value : Number.NaN;
    reading.values[sum.index] = after;
    return after;
  };
}
