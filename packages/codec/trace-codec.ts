import type { ByteSpan, ValueBytes } from "@messnetz/formats";

/** Bits of a byte, each changed by itself in short frames; in longer ones the whole byte and its lowest bit. */
const eachBit = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80];
const wholeByte = [0xff, 0x01];
const shortFrame = 24;

export interface TraceOptions {
  readonly bytes: Uint8Array;
  readonly decoded: object;
  /** What the codec makes of a changed frame; undefined where it makes nothing of it, `stopped` where it does not end. */
  again(bytes: Uint8Array): unknown;
  /** May one more be tried? */
  goesOn(): boolean;
}

/** `again` gives this for a codec that had to be stopped: it is not tried further. */
export const stopped = Symbol("stopped");

/** The bytes that each value of `decoded` hangs on: those with a bit whose change changes the value, or takes it away. */
export function traceCodec({ bytes, decoded, again, goesOn }: TraceOptions): {
  readonly values: readonly ValueBytes[];
  readonly tried: number;
} {
  const leaves = leavesOf(decoded);
  const found = new Map(leaves.map((leaf) => [leaf, new Map<number, Set<number>>()]));
  const changes = bytes.length <= shortFrame ? eachBit : wholeByte;
  let tried = 0;
  trying: for (; tried < bytes.length; tried++) {
    for (const change of changes) {
      if (!goesOn()) break trying;
      const changed = Uint8Array.from(bytes);
      changed[tried]! ^= change;
      const came = again(changed);
      if (came === stopped) break trying;
      for (const leaf of leaves) {
        if (at(came, leaf.path) === leaf.value) continue;
        const bits = found.get(leaf)!;
        bits.set(tried, (bits.get(tried) ?? new Set()).add(change));
      }
    }
  }
  const values = leaves.map((leaf) => {
    const spans = spansOf(found.get(leaf)!, changes === eachBit);
    return { object: leaf.object, key: leaf.key, spans };
  });
  return { values, tried };
}

interface Leaf {
  readonly path: readonly string[];
  readonly object: object;
  readonly key: string;
  readonly value: unknown;
}

function leavesOf(object: object, path: readonly string[] = []): readonly Leaf[] {
  return Object.entries(object).flatMap(([key, value]: [string, unknown]) => {
    const below = [...path, key];
    return typeof value === "object" && value !== null ? leavesOf(value, below) : [{ path: below, object, key, value }];
  });
}

function at(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[key];
  }
  return inner;
}

/** Whole bytes that are neighbours are one span; of a byte with single bits, from the lowest to the highest of them. */
function spansOf(changes: ReadonlyMap<number, ReadonlySet<number>>, isByBit: boolean): readonly ByteSpan[] {
  const spans: ByteSpan[] = [];
  for (const [byte, bits] of changes) {
    const last = spans.at(-1);
    const places = isByBit ? [...bits].map((bit) => Math.log2(bit)) : [0, 7];
    const range = { low: Math.min(...places), high: Math.max(...places) };
    const isWhole = range.low === 0 && range.high === 7;
    if (isWhole && last?.to === byte && last.bits === undefined) spans[spans.length - 1] = { ...last, to: byte + 1 };
    else spans.push({ from: byte, to: byte + 1, ...(!isWhole && { bits: range }) });
  }
  return spans;
}
