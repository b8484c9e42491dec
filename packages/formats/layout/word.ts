import { compileFinish } from "./compile-field.ts";
import { type Compiled, tooShort } from "./frame-reading.ts";
import type { WordItem } from "./item-schema.ts";
import { numberTypeOf } from "./number-type.ts";
import type { Scope } from "./scope.ts";

/** A word whose bits are several fields. Bits that no field has are of no meaning. */
export function compileWord(item: WordItem, scope: Scope): Compiled {
  const type = numberTypeOf(item.word, scope.endian);
  if (type === undefined || type === "endian") {
    scope.fault(`${item.word} needs le or be, or the layout an endian`);
    return { min: 0, max: 0, step: () => undefined };
  }
  const width = type.bytes * 8;
  const taken = new Map<number, string>();
  const parts = Object.entries(item.bits).map(([name, given]) => {
    const here = scope.below("bits", name);
    const options = typeof given === "object" ? given : { bits: given };
    const { low, high } = rangeOf(options.bits);
    if (low > high) here.fault(`${low}-${high}: the lower bit stands first`);
    if (high >= width) here.fault(`bit ${high} is not in a ${item.word}`);
    for (let bit = low; bit <= high; bit++) {
      const other = taken.get(bit);
      if (other !== undefined) here.fault(`bit ${bit} overlaps ${other}`);
      taken.set(bit, name);
    }
    const { bits: _, signed, ...rest } = options as typeof options & { signed?: boolean | undefined };
    return {
      name,
      bits: { low, high },
      divisor: 2 ** low,
      modulus: 2 ** (high - low + 1),
      signed: signed === true,
      finish: compileFinish({ name, ...rest }, here),
    };
  });
  return {
    min: type.bytes,
    max: type.bytes,
    step(reading, into) {
      if (reading.end - reading.at < type.bytes) return tooShort(reading, item.word, type.bytes);
      const word = type.read(reading.view, reading.at);
      reading.at += type.bytes;
      for (const { name, bits: range, divisor, modulus, signed, finish } of parts) {
        const bits = Math.floor(word / divisor) % modulus;
        reading.watch?.beginBits(name, range);
        const wrong = finish(signed && bits >= modulus / 2 ? bits - modulus : bits, reading, into);
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    },
  };
}

function rangeOf(bits: number | string): { readonly low: number; readonly high: number } {
  const [low, high] = typeof bits === "number" ? [bits, bits] : bits.split("-").map(Number);
  return { low: low ?? 0, high: high ?? 0 };
}
