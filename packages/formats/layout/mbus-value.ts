import { isoOf } from "./calendar-date.ts";
import { hexOf } from "./frame-reading.ts";
import { bcdOf, numberTypeOf } from "./number-type.ts";

/** Bytes by the lower half of the DIF: EN 13757-3:2018 table 4. Variable length and special functions have none here. */
export const dataBytes: readonly (number | undefined)[] = [
  0,
  1,
  2,
  3,
  4,
  4,
  6,
  8,
  0,
  1,
  2,
  3,
  4,
  undefined,
  6,
  undefined,
];

export const realField = 5;
export const variableField = 13;

/** Where the bytes of a value stand. */
export interface Span {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly from: number;
  readonly to: number;
}

/** The number; NaN where the meter says that it has none: the lowest integer, digits above 9. */
export function numberOf(field: number, { bytes, view, from, to }: Span): number {
  if (field >= 9) return bcdOf(bytes, { from, to, little: true });
  const type = numberTypeOf(field === realField ? "f32le" : `i${(to - from) * 8}le`, undefined);
  if (type === undefined || type === "endian") return Number.NaN;
  const value = type.read(view, from);
  return field !== realField && value === -(2 ** ((to - from) * 8 - 1)) ? Number.NaN : value;
}

/**
 * Date and time: types G (2 bytes), F (4) and I (6) of annex A. `YYYY-MM-DDTHH:mm:ss` as the meter's clock has it, without a zone; undefined
 * where it is invalid or not set.
 */
export function dateOf({ bytes, from, to }: Span): string | undefined {
  const part = (at: number) => bytes[from + at]!;
  const day = (low: number, high: number) => [yearOf(low, high), high & 0x0f, low & 0x1f];
  if (to - from === 2) return isoOf(day(part(0), part(1)));
  if (to - from === 4) {
    if ((part(0) & 0x80) !== 0) return undefined;
    return isoOf([...day(part(2), part(3)), part(1) & 0x1f, part(0) & 0x3f]);
  }
  if (to - from !== 6 || (part(1) & 0x80) !== 0) return undefined;
  return isoOf([...day(part(3), part(4)), part(2) & 0x1f, part(1) & 0x3f, part(0) & 0x3f]);
}

/** Seven bits; above 80 they are of the last century, above 99 they are none. */
function yearOf(low: number, high: number): number {
  const year = (low >> 5) | ((high & 0xf0) >> 1);
  return year > 99 ? Number.NaN : year <= 80 ? 2000 + year : 1900 + year;
}

/** Of variable length: what its first byte says. Undefined where that is reserved. */
export function variableBytes(lvar: number): number | undefined {
  if (lvar < 0xc0) return lvar;
  if (lvar <= 0xc9) return lvar - 0xc0;
  if (lvar >= 0xd0 && lvar <= 0xd9) return lvar - 0xd0;
  return lvar >= 0xe0 && lvar <= 0xef ? lvar - 0xe0 : undefined;
}

/** Text is sent with its last character first; digits as BCD; all else as it is. */
export function variableOf(lvar: number, { bytes, from, to }: Span): string | number {
  if (lvar < 0xc0) {
    const text = String.fromCharCode(...bytes.subarray(from, to).toReversed());
    return /^[\x20-\x7e]*$/u.test(text) ? text.trim() : hexOf(bytes, from, to);
  }
  if (lvar >= 0xe0) return hexOf(bytes, from, to);
  const value = bcdOf(bytes, { from, to, little: true });
  return lvar >= 0xd0 ? 0 - value : value;
}
