import type { Tally } from "../ledger-tally.ts";
import { createAssembly } from "./assembly.ts";
import { ledgerBegin, type LedgerEntry, type LedgerPosition } from "./ledger-record.ts";

/** What was added to the counts at once, by day. */
export interface HotDelta {
  /** Of LEDGER_DELTAS, of the last part. */
  readonly seq: number;
  readonly days: ReadonlyMap<string, readonly Tally[]>;
}

interface Partition {
  deltas: HotDelta[];
  position: LedgerPosition;
  /** Messages and rows since the last fold. */
  size: number;
  readonly assembly: ReturnType<typeof createAssembly<readonly Tally[]>>;
}

/** The deltas of the ledger that its days do not hold yet, in memory. */
export interface HotDeltas {
  take(seq: number, partition: string, entry: LedgerEntry): void;
  /** Ascending; a copy. */
  of(partition: string): readonly HotDelta[];
  partitions(): readonly string[];
  /** After the last message of each partition. */
  positions(): ReadonlyMap<string, LedgerPosition>;
  /** Messages and rows that a fold would free. */
  sizeOf(partition: string): number;
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
      partition.size += 1 + tallies.length;
      if (part === undefined) partition.assembly.drop();
      const whole = part === undefined ? tallies : partition.assembly.take(part, tallies)?.flat();
      if (whole !== undefined && whole.length > 0) partition.deltas.push(toHotDelta(seq, whole));
      if (foldedTo === undefined) return;
      partition.deltas = partition.deltas.filter((delta) => delta.seq > foldedTo);
      partition.size = partition.deltas.reduce((sum, { days }) => sum + 1 + rowsOf(days), 0);
    },
    of: (name) => partitions.get(name)?.deltas.slice() ?? [],
    partitions: () => [...partitions.keys()],
    positions: () => new Map([...partitions].map(([name, { position }]) => [name, position])),
    sizeOf: (name) => partitions.get(name)?.size ?? 0,
  };
}

function toHotDelta(seq: number, tallies: readonly Tally[]): HotDelta {
  return { seq, days: Map.groupBy(tallies, ({ day }) => day) };
}

function rowsOf(days: HotDelta["days"]): number {
  let rows = 0;
  for (const tallies of days.values()) rows += tallies.length;
  return rows;
}
