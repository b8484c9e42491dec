import type { Tally } from "../ledger-tally.ts";
import { createAssembly } from "./assembly.ts";
import {
  ledgerBegin,
  type LedgerPosition,
  type LedgerRecord,
  type PackedTallies,
  unpackTallies,
} from "./ledger-record.ts";

/** What was added to the counts at once. It stays packed until somebody asks: most is folded before. */
export interface HotDelta {
  /** Of LEDGER_DELTAS, of the last part. */
  readonly seq: number;
  readonly days: ReadonlySet<string>;
  readonly rows: number;
  of(day: string): readonly Tally[];
}

interface Partition {
  deltas: HotDelta[];
  position: LedgerPosition;
  /** Messages and rows since the last fold. */
  size: number;
  readonly assembly: ReturnType<typeof createAssembly<PackedTallies>>;
}

/** The deltas of the ledger that its days do not hold yet, in memory. */
export interface HotDeltas {
  take(seq: number, partition: string, record: LedgerRecord): void;
  /** Ascending; a copy. */
  of(partition: string): readonly HotDelta[];
  partitions(): readonly string[];
  /** After the last message of each partition. */
  positions(): ReadonlyMap<string, LedgerPosition>;
  /** Messages and rows that a fold would free. */
  sizeOf(partition: string): number;
  clear(): void;
}

export function createHotDeltas(): HotDeltas {
  const partitions = new Map<string, Partition>();

  function partitionOf(name: string): Partition {
    let partition = partitions.get(name);
    if (partition === undefined) {
      partition = { deltas: [], position: ledgerBegin, size: 0, assembly: createAssembly() };
      partitions.set(name, partition);
    }
    return partition;
  }

  return {
    take(seq, name, { position, tallies, part, foldedTo }) {
      const partition = partitionOf(name);
      partition.position = position;
      partition.size += 1 + (tallies?.rows.length ?? 0);
      if (part === undefined) partition.assembly.drop();
      if (tallies !== undefined) {
        const whole = part === undefined ? [tallies] : partition.assembly.take(part, tallies);
        if (whole !== undefined) partition.deltas.push(toHotDelta(seq, whole));
      }
      if (foldedTo === undefined) return;
      partition.deltas = partition.deltas.filter((delta) => delta.seq > foldedTo);
      partition.size = partition.deltas.reduce((sum, { rows }) => sum + 1 + rows, 0);
    },
    of: (name) => partitions.get(name)?.deltas.slice() ?? [],
    partitions: () => [...partitions.keys()],
    positions: () => new Map([...partitions].map(([name, { position }]) => [name, position])),
    sizeOf: (name) => partitions.get(name)?.size ?? 0,
    clear: () => partitions.clear(),
  };
}

function toHotDelta(seq: number, parts: readonly PackedTallies[]): HotDelta {
  return {
    seq,
    days: new Set(parts.flatMap(({ days }) => days)),
    rows: parts.reduce((sum, { rows }) => sum + rows.length, 0),
    of: (day) => parts.flatMap((part) => unpackTallies(part, day)),
  };
}
