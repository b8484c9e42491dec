import type { EpochMs } from "@messnetz/model";

/** An observation's identity with its datastream as a number. */
export interface Identity {
  readonly stream: number;
  readonly time: EpochMs;
  readonly ordinal: number;
}

const emptySlot = -1;
const initialSlots = 1024;

function hash(stream: number, time: number, ordinal: number): number {
  // Multiply-xorshift; the odd constants are those of MurmurHash3's finaliser and of Fibonacci hashing.
  let mixed = Math.imul(stream, 0x9e3779b1) ^ Math.imul(time | 0, 0x85ebca6b) ^ Math.imul(ordinal + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

/** Identity → a number of 32 bits. Open addressing over typed arrays: 20 bytes a slot, nothing for the garbage collector. */
export class IdentityMap {
  #streams = new Int32Array(initialSlots).fill(emptySlot);
  #times = new Float64Array(initialSlots);
  #ordinals = new Uint32Array(initialSlots);
  #values = new Uint32Array(initialSlots);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(stream: number, time: EpochMs, ordinal: number): number | undefined {
    const slot = this.#find(stream, time, ordinal);
    return this.#streams[slot] === emptySlot ? undefined : this.#values[slot];
  }

  set(stream: number, time: EpochMs, ordinal: number, value: number): void {
    const slot = this.#find(stream, time, ordinal);
    this.#values[slot] = value;
    if (this.#streams[slot] !== emptySlot) return;
    this.#streams[slot] = stream;
    this.#times[slot] = time;
    this.#ordinals[slot] = ordinal;
    this.#size += 1;
    if (this.#size * 3 > this.#streams.length * 2) this.#grow();
  }

  forEach(visit: (stream: number, time: EpochMs, ordinal: number, value: number) => void): void {
    for (let slot = 0; slot < this.#streams.length; slot++) {
      const stream = this.#streams[slot]!;
      if (stream !== emptySlot) visit(stream, this.#times[slot]!, this.#ordinals[slot]!, this.#values[slot]!);
    }
  }

  #find(stream: number, time: number, ordinal: number): number {
    const mask = this.#streams.length - 1;
    let slot = hash(stream, time, ordinal) & mask;
    while (
      this.#streams[slot] !== emptySlot &&
      !(this.#times[slot] === time && this.#streams[slot] === stream && this.#ordinals[slot] === ordinal)
    ) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [streams, times, ordinals, values] = [this.#streams, this.#times, this.#ordinals, this.#values];
    const slots = streams.length * 2;
    this.#streams = new Int32Array(slots).fill(emptySlot);
    this.#times = new Float64Array(slots);
    this.#ordinals = new Uint32Array(slots);
    this.#values = new Uint32Array(slots);
    for (let old = 0; old < streams.length; old++) {
      if (streams[old] === emptySlot) continue;
      const slot = this.#find(streams[old]!, times[old]!, ordinals[old]!);
      this.#streams[slot] = streams[old]!;
      this.#times[slot] = times[old]!;
      this.#ordinals[slot] = ordinals[old]!;
      this.#values[slot] = values[old]!;
    }
  }
}
