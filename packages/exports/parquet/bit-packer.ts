import type { ByteSink } from "../byte-sink.ts";

/** Values of a fixed number of bits, lowest bit first, without gaps between them. Whoever packs a multiple of 8 values ends on a byte. */
export class BitPacker {
  readonly #sink: ByteSink;
  #pending = 0;
  #pendingBits = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** `value`: an integer from 0 below 2^`width`; `width` at most 53. */
  put(value: number, width: number): void {
    if (width > 24) {
      this.put(value % 0x1000000, 24);
      this.put(Math.floor(value / 0x1000000), width - 24);
      return;
    }
    const sink = this.#sink;
    // At most 7 bits are pending: with 24 more they fit 32.
    let pending = this.#pending | (value << this.#pendingBits);
    let bits = this.#pendingBits + width;
    sink.reserve(4);
    while (bits >= 8) {
      sink.bytes[sink.length++] = pending & 0xff;
      pending >>>= 8;
      bits -= 8;
    }
    this.#pending = pending;
    this.#pendingBits = bits;
  }
}

/** Bits that an integer from 0 to 2^53 needs. */
export function bitWidth(value: number): number {
  return value < 0x100000000 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 0x100000000));
}
