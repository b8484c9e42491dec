import { hexOf } from "./frame-reading.ts";
import type { Endian } from "./item-schema.ts";

/** A number of fixed length in a frame. */
export interface NumberType {
  readonly bytes: number;
  read(view: DataView, at: number): number;
}

const pattern = /^(?<kind>[uif])(?<bits>\d+)(?<order>le|be)?$/u;

/** Undefined where the text is no number type, `endian` where nothing says in which order its bytes stand. */
export function numberTypeOf(text: string, given: Endian | undefined): NumberType | "endian" | undefined {
  const { kind, bits, order } = pattern.exec(text)?.groups ?? {};
  if (kind === undefined || bits === undefined) return undefined;
  const bytes = Number(bits) / 8;
  const endian = order === "le" ? "little" : order === "be" ? "big" : given;
  if (bytes > 1 && endian === undefined) return "endian";
  if (endian === "big-words-swapped" && bytes % 2 === 0 && bytes > 2) return wordsSwapped(kind, bytes);
  const little = endian === "little";
  return kind === "f" ? floatType(bytes, little) : integerType(bytes, { little, signed: kind === "i" });
}

function floatType(bytes: number, little: boolean): NumberType {
  if (bytes === 2) return { bytes, read: (view, at) => half(view.getUint16(at, little)) };
  if (bytes === 4) return { bytes, read: (view, at) => shortest(view.getFloat32(at, little)) };
  return { bytes, read: (view, at) => view.getFloat64(at, little) };
}

function integerType(bytes: number, { little, signed }: { little: boolean; signed: boolean }): NumberType {
  if (bytes === 1) return { bytes, read: signed ? (view, at) => view.getInt8(at) : (view, at) => view.getUint8(at) };
  if (bytes === 2) {
    return { bytes, read: signed ? (view, at) => view.getInt16(at, little) : (view, at) => view.getUint16(at, little) };
  }
  if (bytes === 4) {
    return { bytes, read: signed ? (view, at) => view.getInt32(at, little) : (view, at) => view.getUint32(at, little) };
  }
  if (bytes === 8) {
    return {
      bytes,
      read: (view, at) => Number(signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little)),
    };
  }
  return {
    bytes,
    read(view, at) {
      const first = view.getUint8(little ? at + bytes - 1 : at);
      let value = signed && first >= 0x80 ? first - 0x100 : first;
      for (let n = 1; n < bytes; n++) value = value * 256 + view.getUint8(little ? at + bytes - 1 - n : at + n);
      return value;
    },
  };
}

/** Words of 16 bits in big endian, the lowest word first. */
function wordsSwapped(kind: string, bytes: number): NumberType {
  const inner = kind === "f" ? floatType(bytes, false) : integerType(bytes, { little: false, signed: kind === "i" });
  const ordered = new DataView(new ArrayBuffer(bytes));
  return {
    bytes,
    read(view, at) {
      for (let n = 0; n < bytes; n += 2) ordered.setUint16(bytes - 2 - n, view.getUint16(at + n));
      return inner.read(ordered, 0);
    },
  };
}

/** IEEE 754 §3.4: binary16. */
function half(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Digits that tell any binary32 apart. */
const floatDigits = 9;

/** The double with the fewest digits that is this binary32: 21.7, not 21.700000762939453. */
function shortest(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 6; digits < floatDigits; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

/** Binary coded decimals, two digits a byte; a digit above 9 is none. EN 13757-3 has F in the first for a minus. */
export function bcdOf(bytes: Uint8Array, { from, to, little }: { from: number; to: number; little: boolean }): number {
  let digits = "";
  for (let at = from; at < to; at++) {
    const hex = hexOf(bytes, at, at + 1);
    digits = little ? hex + digits : digits + hex;
  }
  const text = digits.startsWith("f") ? `-0${digits.slice(1)}` : digits;
  return /^-?\d+$/u.test(text) ? Number(text) : Number.NaN;
}
