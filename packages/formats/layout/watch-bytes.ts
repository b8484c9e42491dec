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

/** Bytes of a frame, one behind the other. */
export interface ByteSpan {
  /** The first byte, from 0. */
  readonly from: number;
  /** The byte behind the last. */
  readonly to: number;
  /** Bits of the word that they are, both included; 0 is the lowest. Absent: all of them. */
  readonly bits?: { readonly low: number; readonly high: number };
}

/** Bytes of a frame, told to whoever shows how it was read; none (`from` is `to`) for what is made of earlier values. */
export interface BytesSeen extends ByteSpan {
  /** Where the item that read them stands in the profile: `layout`, `frames`, 0, `fields`, 3. */
  readonly item: readonly (string | number)[];
  /** The bytes of the earlier values. */
  readonly madeOf?: readonly ByteSpan[];
  /** The number as it stands there, before any arithmetic. */
  readonly raw?: number;
  readonly became: BytesBecame;
}

/** What the items of a layout tell while they read. */
export interface FrameWatch {
  /** An item begins, whose bytes come next. */
  begin(item: readonly (string | number)[], at: number): void;
  beginBits(name: string, bits: ByteSpan["bits"] & object): void;
  /** The number in the bytes of the item that began last. */
  readAs(raw: number): void;
  /** It has no bytes: its value is made of those of earlier names. */
  makes(of: readonly string[]): void;
  /** What became of the bytes of that item, up to `to`. */
  tell(to: number, became: BytesBecame): void;
}

export function createFrameWatch(watch: (seen: BytesSeen) => void): FrameWatch {
  let item: readonly (string | number)[] = [];
  let from = 0;
  let part: { readonly name: string; readonly bits: ByteSpan["bits"] & object } | undefined;
  let raw: number | undefined;
  let madeOf: readonly ByteSpan[] | undefined;
  const spans = new Map<string, readonly ByteSpan[]>();
  return {
    begin(next, at) {
      item = next;
      from = at;
      part = undefined;
      raw = undefined;
      madeOf = undefined;
    },
    beginBits(name, bits) {
      part = { name, bits };
      raw = undefined;
    },
    readAs(number) {
      raw = number;
    },
    makes(of) {
      madeOf = of.flatMap((name) => spans.get(name) ?? []);
    },
    tell(to, became) {
      const span: ByteSpan = { from, to, ...(part !== undefined && { bits: part.bits }) };
      if ("name" in became) spans.set(became.name, madeOf ?? [span]);
      watch({
        item: part === undefined ? item : [...item, "bits", part.name],
        ...span,
        ...(madeOf !== undefined && { madeOf }),
        ...(raw !== undefined && { raw }),
        became,
      });
    },
  };
}
