import { randomUUID } from "node:crypto";
import type { StoredMsg } from "@nats-io/jetstream";
import { type NatsLink, publishDurably, StreamFullError } from "@messnetz/nats";
import { type Tally, TallySheet } from "../ledger-tally.ts";
import { compareText } from "../order.ts";
import { askServer } from "./ask-server.ts";
import type { HotDelta } from "./hot-deltas.ts";
import { packTallies, readDayRecord, toDayRecord } from "./ledger-record.ts";
import { payloadRoom } from "./payload-room.ts";
import { daySubjects, dayStream } from "./streams.ts";

/** What one partition counted for one day, up to a sequence of LEDGER_DELTAS. */
export interface DayCounts {
  readonly foldedTo: number;
  readonly tallies: readonly Tally[];
}

interface StoredDay extends DayCounts {
  /** Of the whole's last part; 0 where there is none. */
  readonly seq: number;
  /** Of the last message of the subject, which may be a beginning without an end. */
  readonly lastSeq: number;
}

export interface LedgerDays {
  /** Days that have counts, with their partitions. */
  list(): Promise<ReadonlyMap<string, readonly string[]>>;
  read(day: string, partition: string): Promise<DayCounts>;
  /**
   * Adds what the day does not hold yet, of all deltas of the partition that are not folded yet. Rejects when somebody else does the same at this
   * moment: what is written depends on the streams alone, so it does not matter who does it. Where there is no room the oldest days make some.
   * Returns how many rows it wrote.
   */
  fold(day: string, partition: string, deltas: readonly HotDelta[]): Promise<number>;
}

const maxReadings = 5;

export function createLedgerDays(link: NatsLink, onDropped: (day: string) => void): LedgerDays {
  const subjectOf = (day: string, partition: string): string => `${daySubjects}.${day}.${partition}`;

  async function get(query: { seq: number } | { last_by_subj: string }): Promise<StoredMsg | null> {
    return askServer(link, "a day of the ledger", () => link.manager.streams.getMessage(dayStream, query));
  }

  /** Undefined where a part is gone: a newer whole has taken its place meanwhile. */
  async function readWhole(last: StoredMsg, lastSeq: number): Promise<StoredDay | undefined> {
    const { foldedTo, parts, tallies } = readDayRecord(last.string());
    const sheets: (readonly Tally[])[] = [];
    for (const seq of parts) {
      const message = await get({ seq });
      if (message === null) return undefined;
      sheets.push(readDayRecord(message.string()).tallies);
    }
    return { foldedTo, tallies: [...sheets, tallies].flat(), seq: last.seq, lastSeq };
  }

  async function tryToRead(subject: string): Promise<StoredDay | undefined> {
    const last = await get({ last_by_subj: subject });
    if (last === null) return { foldedTo: 0, tallies: [], seq: 0, lastSeq: 0 };
    const { part, previous } = readDayRecord(last.string());
    if (part.number === part.of) return readWhole(last, last.seq);
    // A beginning without an end: it is being written, or its writer was killed.
    if (previous === 0) return { foldedTo: 0, tallies: [], seq: 0, lastSeq: last.seq };
    const before = await get({ seq: previous });
    return before === null ? undefined : readWhole(before, last.seq);
  }

  async function read(day: string, partition: string): Promise<StoredDay> {
    for (let reading = 0; reading < maxReadings; reading++) {
      const whole = await tryToRead(subjectOf(day, partition));
      if (whole !== undefined) return whole;
    }
    throw new Error(
      `expected the counts of ${day} (${partition}), but they were replaced while they were read, again and again`,
    );
  }

  async function write(subject: string, before: StoredDay, { foldedTo, tallies }: DayCounts): Promise<void> {
    const id = randomUUID();
    const packed = packTallies(tallies, payloadRoom(link));
    const parts: number[] = [];
    let { lastSeq } = before;
    for (const [index, some] of packed.entries()) {
      const part = { id, number: index + 1, of: packed.length };
      const payload = toDayRecord({ foldedTo, part, parts, previous: before.seq, tallies: some });
      const expect = { lastSubjectSequence: lastSeq };
      ({ seq: lastSeq } = await publishDurably(link, { subject, payload, messageId: `${id}-${index}`, expect }));
      parts.push(lastSeq);
    }
    if (before.lastSeq === 0) return;
    await link.manager.streams.purge(dayStream, { filter: subject, seq: parts[0]! });
  }

  async function list(): Promise<ReadonlyMap<string, readonly string[]>> {
    const days = new Map<string, string[]>();
    const { state } = await askServer(link, "the days of the ledger", () =>
      link.manager.streams.info(dayStream, { subjects_filter: `${daySubjects}.>` }),
    );
    for (const subject of Object.keys(state.subjects ?? {})) {
      const [day, partition] = subject.slice(daySubjects.length + 1).split(".") as [string, string];
      const partitions = days.get(day);
      if (partitions === undefined) days.set(day, [partition]);
      else partitions.push(partition);
    }
    return days;
  }

  async function foldOnce(day: string, partition: string, deltas: readonly HotDelta[]): Promise<number> {
    const before = await read(day, partition);
    const missing = deltas.filter(({ seq }) => seq > before.foldedTo);
    if (!missing.some(({ days }) => days.has(day))) return 0;
    const sheet = new TallySheet();
    for (const tally of before.tallies) sheet.add(tally);
    for (const delta of missing) for (const tally of delta.of(day)) sheet.add(tally);
    const foldedTo = missing.at(-1)!.seq;
    const tallies = [...sheet.tallies()];
    await write(subjectOf(day, partition), before, { foldedTo, tallies });
    return tallies.length;
  }

  /** The day that made room, which may be the one that is to be written; undefined where there is no other. */
  async function dropOldest(day: string): Promise<string | undefined> {
    const known = new Set([day, ...(await list()).keys()]);
    if (known.size === 1) return undefined;
    const oldest = [...known].sort(compareText)[0]!;
    await link.manager.streams.purge(dayStream, { filter: `${daySubjects}.${oldest}.>` });
    onDropped(oldest);
    return oldest;
  }

  return {
    list,
    read,
    async fold(day, partition, deltas) {
      for (;;) {
        try {
          return await foldOnce(day, partition, deltas);
        } catch (error) {
          if (!(error instanceof StreamFullError && error.isOwnLimit)) throw error;
          // Without it nothing could be counted any more, and so nothing be written.
          const dropped = await dropOldest(day);
          if (dropped === undefined) throw error;
          if (dropped === day) return 0;
        }
      }
    },
  };
}
