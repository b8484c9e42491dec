const encoder = new TextEncoder();

/** About the size of one piece of output: half a millisecond of work, so that whoever runs beside an export hardly waits. */
export const pieceBytes = 1 << 16;

/** A growing buffer. Writers call `reserve` once for what they are about to put, then put byte by byte. */
export class ByteSink {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = pieceBytes + (1 << 12)) {
    this.bytes = new Uint8Array(capacity);
  }

  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  raw(source: Uint8Array): void {
    this.reserve(source.length);
    const { bytes } = this;
    let at = this.length;
    // A loop beats `set` below some hundred bytes.
    if (source.length < 256) for (let i = 0; i < source.length; i++) bytes[at++] = source[i]!;
    else bytes.set(source, at);
    this.length += source.length;
  }

  /** UTF-8. */
  text(value: string): void {
    this.raw(encoder.encode(value));
  }

  /** Only code units below 128. */
  ascii(value: string): void {
    this.reserve(value.length);
    for (let i = 0; i < value.length; i++) this.bytes[this.length++] = value.charCodeAt(i);
  }

  /** What was written; nothing more is put. */
  whole(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** What was written, and a fresh buffer of the same size. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.bytes = new Uint8Array(this.bytes.length);
    this.length = 0;
    return taken;
  }
}

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
