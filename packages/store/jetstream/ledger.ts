import type { LedgerRow } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import { compareLedgerRows, type Tally, TallySheet, toLedgerRow } from "../ledger-tally.ts";
import { compareText } from "../order.ts";
import type { Ledger, LedgerQuery, StoreEvent } from "../port.ts";
import { followStream } from "./follow-stream.ts";
import { createHotDeltas, type HotDelta } from "./hot-deltas.ts";
import { createLedgerDays } from "./ledger-days.ts";
import { type LedgerPosition, readLedgerRecord } from "./ledger-record.ts";
import { claimPartition, type PartitionLedger } from "./partition-ledger.ts";
import { declareLedger, deltaStream, deltaSubjects } from "./streams.ts";

/** The writing side: one partition, one writer. */
export interface LedgerBook {
  /** Takes the partition over: who had it before gets PartitionTakenError. A partition is one token of a subject. */
  claim(partition: string): Promise<PartitionLedger>;
}

export interface JetStreamLedgerOptions {
  readonly link: NatsLink;
  readonly replicas: number;
  /** So many messages and rows of a partition, and twice the rows of its days, stay deltas before they are folded. Default 50,000. */
  readonly foldAt?: number;
  readonly onEvent?: (event: StoreEvent) => void;
  /** There was no room: the counts of the oldest day are gone, so that newer ones could be kept. */
  readonly onDayDropped?: (day: string) => void;
}

export interface JetStreamLedger extends Ledger, LedgerBook {
  /** How far each partition has come that was ever claimed. */
  positions(): Promise<ReadonlyMap<string, LedgerPosition>>;
  close(): Promise<void>;
}

const defaultFoldAt = 50_000;
/** A day of a region may be some megabytes. */
const daysAtOnce = 8;

/**
 * The ledger as deltas and days. A writer appends what each batch adds; what was added lately is in the memory of every reader, and is now and
 * then folded into one message for each day and partition, which says up to which delta it counts: whatever is killed in between, each delta
 * counts once. Resolves when the deltas have been read.
 */
export async function openJetStreamLedger(options: JetStreamLedgerOptions): Promise<JetStreamLedger> {
  const { link, foldAt = defaultFoldAt, onEvent = () => {}, onDayDropped = () => {} } = options;
  await declareLedger(options);
  const hot = createHotDeltas();
  const days = createLedgerDays(link, onDayDropped);
  const follower = followStream({
    link,
    stream: deltaStream,
    take(message) {
      try {
        const partition = message.subject.slice(deltaSubjects.length + 1);
        hot.take(message.seq, partition, readLedgerRecord(message.string()));
      } catch (cause) {
        const text = `expected a delta in message ${message.seq} of ${deltaStream}, came something else: it does not count`;
        onEvent({ kind: "upkeep_failed", cause: new Error(text, { cause }) });
      }
    },
    startOver: hot.clear,
  });
  await follower.caughtUp().catch(async (error: unknown) => {
    await follower.close();
    throw error;
  });

  const working = new Set<Promise<void>>();
  const track = (work: Promise<void>): void => {
    working.add(work);
    void work.finally(() => working.delete(work));
  };

  type Deltas = ReadonlyMap<string, readonly HotDelta[]>;

  /** Each day of the range that anything is known of, with the partitions that know it. */
  async function daysOf(query: LedgerQuery, deltas: Deltas): Promise<Map<string, Set<string>>> {
    const known: (readonly [day: string, partition: string])[] = [];
    for (const [day, partitions] of await days.list()) for (const one of partitions) known.push([day, one]);
    for (const [partition, list] of deltas)
      for (const delta of list) for (const day of delta.days) known.push([day, partition]);
    const found = new Map<string, Set<string>>();
    for (const [day, partition] of known) if (isInRange(query, day)) addTo(found, day, partition);
    return found;
  }

  async function countsOf(day: string, partition: string, deltas: Deltas): Promise<Tally[]> {
    const { foldedTo, tallies } = await days.read(day, partition);
    const later = (deltas.get(partition) ?? []).filter(({ seq }) => seq > foldedTo);
    return [...tallies, ...later.flatMap((delta) => delta.of(day))];
  }

  async function rowsOf(day: string, partitions: Iterable<string>, deltas: Deltas): Promise<LedgerRow[]> {
    const sheet = new TallySheet();
    const all = await Promise.all([...partitions].map((partition) => countsOf(day, partition, deltas)));
    for (const tallies of all) for (const tally of tallies) sheet.add(tally);
    return [...sheet.tallies()].map(toLedgerRow);
  }

  return {
    claim: (partition) =>
      claimPartition(partition, { link, hot, days, foldAt, caughtUp: follower.caughtUp, track, onEvent }),
    async positions() {
      await follower.caughtUp();
      return hot.positions();
    },
    async rows(query) {
      await follower.caughtUp();
      // Before the days: what is folded meanwhile is in both, and the day says up to which delta it counts.
      const deltas: Deltas = new Map(hot.partitions().map((partition) => [partition, hot.of(partition)]));
      const wanted = await daysOf(query, deltas);
      const ascending = [...wanted].sort(([a], [b]) => compareText(a, b));
      const rows: LedgerRow[] = [];
      for (let from = 0; from < ascending.length; from += daysAtOnce) {
        const some = ascending.slice(from, from + daysAtOnce);
        const found = await Promise.all(some.map(([day, partitions]) => rowsOf(day, partitions, deltas)));
        for (const ofDay of found)
          for (const row of ofDay.sort(compareLedgerRows)) if (isAskedFor(query, row)) rows.push(row);
      }
      return rows;
    },
    async close() {
      await Promise.all(working);
      await follower.close();
    },
  };
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function isInRange({ fromDay, toDay }: LedgerQuery, day: string): boolean {
  return (fromDay === undefined || day >= fromDay) && (toDay === undefined || day <= toDay);
}

function isAskedFor({ sources, devices }: LedgerQuery, { source, device }: LedgerRow): boolean {
  return (sources === undefined || sources.includes(source)) && (devices === undefined || devices.includes(device));
}
