/** What became of bytes that stand one behind the other. */
export type BytesBecame =
  /** A value, before the profile's `fields` explain it; `object` and `key` say where it stands in what was decoded, if it does. */
  | {
      readonly kind: "value";
      readonly name: string;
      readonly value: number | string;
      readonly object?: object;
      readonly key?: string;
    }
  /** A code for no value. */
  | { readonly kind: "none"; readonly name: string }
  /** Which entry comes, and how long it says to be. */
  | { readonly kind: "key"; readonly key: string; readonly length?: number }
  /** Which groups come. */
  | { readonly kind: "flags"; readonly flags: number }
  | { readonly kind: "constant" }
  | { readonly kind: "skipped" };

/** Bits of a word, both included; 0 is the lowest. */
export interface BitRange {
  readonly low: number;
  readonly high: number;
}

/** Bytes of a frame, told to whoever shows how it was read. */
export interface BytesSeen {
  /** Where the item that read them stands in the profile: `layout`, `frames`, 0, `fields`, 3. */
  readonly item: readonly (string | number)[];
  /** The first byte, from 0. */
  readonly from: number;
  /** The byte behind the last; equal to `from` for what is made of earlier values. */
  readonly to: number;
  readonly bits?: BitRange;
  /** The number as it stands there, before any arithmetic. */
  readonly raw?: number;
  readonly became: BytesBecame;
}

/** What the items of a layout tell while they read. */
export interface FrameWatch {
  /** An item begins, whose bytes come next. */
  begin(item: readonly (string | number)[], at: number): void;
  beginBits(name: string, bits: BitRange): void;
  /** The number in the bytes of the item that began last. */
  readAs(raw: number): void;
  /** What became of the bytes of that item, up to `to`. */
  tell(to: number, became: BytesBecame): void;
}

export function createFrameWatch(watch: (seen: BytesSeen) => void): FrameWatch {
  let item: readonly (string | number)[] = [];
  let from = 0;
  let part: { readonly name: string; readonly bits: BitRange } | undefined;
  let raw: number | undefined;
  return {
    begin(next, at) {
      item = next;
      from = at;
      part = undefined;
      raw = undefined;
    },
    beginBits(name, bits) {
      part = { name, bits };
      raw = undefined;
    },
    readAs(number) {
      raw = number;
    },
    tell(to, became) {
      watch({
        item: part === undefined ? item : [...item, "bits", part.name],
        from,
        to,
        ...(part !== undefined && { bits: part.bits }),
        ...(raw !== undefined && { raw }),
        became,
      });
    },
  };
}
