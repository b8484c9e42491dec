import type { ByteSink } from "./byte-sink.ts";

/** Digits that a double holds exactly: two decimals of at most 15 digits are never the same double (IEEE 754 binary64). */
const maxExact = 1e15;
const zero = 48;
const longestText = 26;

/**
 * The shortest decimal that is the same double, as `String(value)` writes it, with `separator` in place of the point.
 * Results with up to six decimals, nearly all of them, take a road without a string: `n / 10^k === value` with n below 1e15 proves
 * the digits of n to be the shortest ones.
 */
export function putDecimal(sink: ByteSink, value: number, separator: number): void {
  sink.reserve(longestText);
  const magnitude = Math.abs(value);
  if (magnitude < maxExact) {
    if (Number.isInteger(value)) {
      if (value < 0) sink.bytes[sink.length++] = 45;
      putDigits(sink, magnitude);
      return;
    }
    for (const [scale, decimals] of scales) {
      const scaled = Math.round(magnitude * scale);
      if (scaled >= maxExact) break;
      if (scaled / scale !== magnitude) continue;
      if (value < 0) sink.bytes[sink.length++] = 45;
      const whole = Math.floor(scaled / scale);
      putDigits(sink, whole);
      sink.bytes[sink.length++] = separator;
      putFraction(sink, scaled - whole * scale, decimals);
      return;
    }
  }
  const text = String(value);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    sink.bytes[sink.length++] = code === 46 ? separator : code;
  }
}

const scales = [
  [1e3, 3],
  [1e6, 6],
] as const;

/** A whole number from 0 below 1e15; the sink has room for it. */
export function putDigits(sink: ByteSink, whole: number): void {
  let count = 1;
  for (let bound = 10; bound <= whole; bound *= 10) count++;
  let rest = whole;
  for (let at = sink.length + count - 1; at >= sink.length; at--) {
    const next = Math.floor(rest / 10);
    sink.bytes[at] = zero + (rest - next * 10);
    rest = next;
  }
  sink.length += count;
}

/** `fraction` / 10^`decimals`, not 0, without zeros at its end; the sink has room for it. */
export function putFraction(sink: ByteSink, fraction: number, decimals: number): void {
  let rest = fraction;
  let count = decimals;
  while (rest % 10 === 0) {
    rest /= 10;
    count--;
  }
  for (let at = sink.length + count - 1; at >= sink.length; at--) {
    const next = Math.floor(rest / 10);
    sink.bytes[at] = zero + (rest - next * 10);
    rest = next;
  }
  sink.length += count;
}
