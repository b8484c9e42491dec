/** Wire types of Protocol Buffers; groups (3 and 4) are no longer written by anybody and break the message. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const wordSize = 0x1_0000_0000;
const signWord = 0x8000_0000;
const maxVarintBytes = 10;
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Walks the fields of one Protocol Buffers message (https://protobuf.dev/programming-guides/encoding). Copies nothing, checks every
 * length, never throws: after the last `next`, `isBroken` says whether the bytes were a message at all. What a value means is asked by the
 * getter of the type that the schema gives; one of another wire type answers undefined.
 */
export class ProtobufReader {
  /** Of the field that `next` came to. */
  field = 0;
  wireType = 0;
  isBroken = false;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Where the value begins; of a varint the value itself in two words. */
  #begin = 0;
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Goes to the next field; false at the end and where the bytes are broken. */
  next(): boolean {
    if (this.isBroken || this.#at >= this.#bytes.length) return false;
    if (!this.#readVarint() || this.#high !== 0) return this.#break();
    this.field = this.#low >>> 3;
    this.wireType = this.#low & 7;
    if (this.field === 0) return this.#break();
    this.#begin = this.#at;
    if (this.wireType === wire.varint) return this.#readVarint() || this.#break();
    if (this.wireType === wire.fixed64) return this.#skip(8);
    if (this.wireType === wire.fixed32) return this.#skip(4);
    if (this.wireType !== wire.bytes || !this.#readVarint() || this.#high !== 0) return this.#break();
    this.#begin = this.#at;
    return this.#skip(this.#low);
  }

  /** `uint32`, `uint64`, `bool`, an enum; above 2^53 not exact. */
  unsigned(): number | undefined {
    return this.wireType === wire.varint ? this.#high * wordSize + this.#low : undefined;
  }

  /** `int32`, `int64`. */
  signed(): number | undefined {
    if (this.wireType !== wire.varint) return undefined;
    return (this.#high >= signWord ? this.#high - wordSize : this.#high) * wordSize + this.#low;
  }

  float(): number | undefined {
    return this.wireType === wire.fixed32 ? this.#view.getFloat32(this.#begin, true) : undefined;
  }

  double(): number | undefined {
    return this.wireType === wire.fixed64 ? this.#view.getFloat64(this.#begin, true) : undefined;
  }

  /** `bytes`, a message within the message: a view, no copy. */
  bytes(): Uint8Array | undefined {
    return this.wireType === wire.bytes ? this.#bytes.subarray(this.#begin, this.#at) : undefined;
  }

  /** `string`; undefined where it is no UTF-8. */
  text(): string | undefined {
    const bytes = this.bytes();
    if (bytes === undefined) return undefined;
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined; // `fatal` throws a TypeError for what is no UTF-8
    }
  }

  #readVarint(): boolean {
    let low = 0;
    let high = 0;
    for (let count = 0; count < maxVarintBytes; count++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return false;
      const bits = byte & 0x7f;
      if (count < 4) low += bits * 2 ** (7 * count);
      else if (count === 4) {
        low += (bits & 0x0f) * 2 ** 28;
        high = bits >> 4;
      } else if (count < 9) high += bits * 2 ** (7 * count - 32);
      else high = (high + (bits & 1) * signWord) % wordSize;
      if (byte < 0x80) {
        this.#low = low;
        this.#high = high;
        return true;
      }
    }
    return false;
  }

  #skip(length: number): boolean {
    if (length > this.#bytes.length - this.#at) return this.#break();
    this.#at += length;
    return true;
  }

  #break(): false {
    this.isBroken = true;
    return false;
  }
}
