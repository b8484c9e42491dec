import { randomInt } from "node:crypto";
import type { EpochMs } from "@messnetz/model";

/** What tells the observations of one datastream apart. */
export interface Instant {
  readonly phenomenonTime: EpochMs;
  readonly ordinal: number;
}

/** An observation's identity with its datastream as a number. */
export interface Identity extends Instant {
  readonly stream: number;
}

const initialRows = 1024;
const slotsPerRow = 2;
const emptySlot = -1;

const twoTo32 = 4_294_967_296;

/** MurmurHash3's finaliser: every bit of the word reaches every bit of the result. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Of 32 bits. Senders choose times: which of them meet in a slot must not be known without the seed. */
export function createIdentityHash(seed: number): (stream: number, time: EpochMs, ordinal: number) => number {
  return (stream, time, ordinal) => {
    const ofTime = mix(mix(mix(seed ^ stream) ^ (time | 0)) ^ Math.floor(time / twoTo32));
    return mix(ofTime ^ ordinal) >>> 0;
  };
}

/**
 * Identities with a number of 32 bits each, the last one set counts. Adding is a few stores into typed arrays; the hash index
 * over them is brought up to date only when somebody asks, which data in good order never makes anybody do.
 */
export class IdentityLog {
  readonly #hash = createIdentityHash(randomInt(twoTo32));
  #streams = new Int32Array(initialRows);
  #times = new Float64Array(initialRows);
  #ordinals = new Uint32Array(initialRows);
  #values = new Uint32Array(initialRows);
  #length = 0;
  /** Open addressing: row of the log, or empty. */
  #slots = new Int32Array(0);
  #indexed = 0;

  /** Rows, those of repeated identities counted each. */
  get length(): number {
    return this.#length;
  }

  add(stream: number, { phenomenonTime, ordinal }: Instant, value: number): void {
    if (this.#length === this.#streams.length) this.#grow();
    const row = this.#length++;
    this.#streams[row] = stream;
    this.#times[row] = phenomenonTime;
    this.#ordinals[row] = ordinal;
    this.#values[row] = value;
  }

  get(stream: number, time: EpochMs, ordinal: number): number | undefined {
    if (this.#length === 0) return undefined;
    if (this.#indexed < this.#length) this.#index();
    const row = this.#slots[this.#find(stream, time, ordinal)]!;
    return row === emptySlot ? undefined : this.#values[row];
  }

  forEach(visit: (stream: number, time: EpochMs, ordinal: number) => void): void {
    for (let row = 0; row < this.#length; row++) visit(this.#streams[row]!, this.#times[row]!, this.#ordinals[row]!);
  }

  /** Forgets all, keeps the memory. */
  clear(): void {
    if (this.#indexed > 0) this.#slots.fill(emptySlot);
    this.#length = 0;
    this.#indexed = 0;
  }

  #find(stream: number, time: number, ordinal: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(stream, time, ordinal) & mask;
    for (let row = this.#slots[slot]!; row !== emptySlot; row = this.#slots[slot]!) {
      if (this.#times[row] === time && this.#streams[row] === stream && this.#ordinals[row] === ordinal) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #index(): void {
    const slots = this.#streams.length * slotsPerRow;
    if (this.#slots.length < slots) {
      this.#slots = new Int32Array(slots).fill(emptySlot);
      this.#indexed = 0;
    }
    for (; this.#indexed < this.#length; this.#indexed++) {
      const row = this.#indexed;
      this.#slots[this.#find(this.#streams[row]!, this.#times[row]!, this.#ordinals[row]!)] = row;
    }
  }

  #grow(): void {
    const rows = this.#streams.length * 2;
    const [streams, times, ordinals, values] = [this.#streams, this.#times, this.#ordinals, this.#values];
    this.#streams = new Int32Array(rows);
    this.#times = new Float64Array(rows);
    this.#ordinals = new Uint32Array(rows);
    this.#values = new Uint32Array(rows);
    this.#streams.set(streams);
    this.#times.set(times);
    this.#ordinals.set(ordinals);
    this.#values.set(values);
  }
}
