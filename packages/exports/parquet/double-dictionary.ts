import { maxBatchRows } from "../table-batch.ts";

/** Above this many different results in a row group a dictionary no longer pays. */
const maxEntries = 1 << 14;
const slots = 1 << 16;

interface IndexedDoubles {
  readonly dictionary: Float64Array;
  readonly indices: Uint32Array;
}

/**
 * Finds the different doubles, bit by bit (so -0 is not 0), in order of appearance, and for each value which of them it is. Undefined where
 * there are too many of them. Open addressing over the bits: no object per value. What it gives holds until it is asked again.
 */
export type DoubleIndexer = (values: Float64Array) => IndexedDoubles | undefined;

export function createDoubleIndexer(): DoubleIndexer {
  const dictionary = new Float64Array(maxEntries);
  const dictionaryBits = new Uint32Array(dictionary.buffer);
  /** Index into the dictionary plus one; 0 is free. */
  const table = new Uint32Array(slots);
  const all = new Uint32Array(maxBatchRows);
  return (values) => {
    const count = values.length;
    const bits = new Uint32Array(values.buffer, values.byteOffset, count * 2);
    const indices = all.subarray(0, count);
    table.fill(0);
    let entries = 0;
    for (let row = 0; row < count; row++) {
      const low = bits[row * 2]!;
      const high = bits[row * 2 + 1]!;
      let slot = (Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> 16) & (slots - 1);
      let entry = table[slot]!;
      while (entry !== 0 && (dictionaryBits[entry * 2 - 2] !== low || dictionaryBits[entry * 2 - 1] !== high)) {
        slot = (slot + 1) & (slots - 1);
        entry = table[slot]!;
      }
      if (entry === 0) {
        if (entries === maxEntries) return undefined;
        dictionary[entries++] = values[row]!;
        entry = entries;
        table[slot] = entry;
      }
      indices[row] = entry - 1;
    }
    return { dictionary: dictionary.subarray(0, entries), indices };
  };
}
