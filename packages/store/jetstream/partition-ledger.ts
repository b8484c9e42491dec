import { randomUUID } from "node:crypto";
import type { NatsLink } from "@messnetz/nats";
import type { Tally } from "../ledger-tally.ts";
import type { StoreEvent } from "../port.ts";
import { createTurns } from "../turns.ts";
import type { HotDeltas } from "./hot-deltas.ts";
import type { LedgerDays } from "./ledger-days.ts";
import { ledgerBegin, type LedgerPosition, packTallies, readLedgerRecord, toLedgerRecord } from "./ledger-record.ts";
import { claimSubject, type OwnedSubject } from "./owned-subject.ts";
import { payloadRoom } from "./payload-room.ts";
import { deltaStream, deltaSubjects } from "./streams.ts";

/** Another writer has claimed the partition. What this one would count could be counted twice: it has to stop. */
export class PartitionTakenError extends Error {
  override readonly name = "PartitionTakenError";
}

export interface LedgerSpan {
  /** Sequences of the stream that is counted, both included. */
  readonly from: number;
  readonly to: number;
  readonly tallies: readonly Tally[];
}

/**
 * The writing side of the ledger for one partition. All of them resolve when durable. What rejects may be repeated, as it is or cut otherwise: what
 * was counted is not counted again. After PartitionTakenError nothing is possible any more.
 */
export interface PartitionLedger {
  readonly partition: string;
  /** 0 before the first. */
  readonly position: LedgerPosition;
  /**
   * Counts `from` to `to`, and says that all up to `writtenTo` is in the store. Of what was counted before it counts nothing and only makes sure
   * that the partition is still ours. Throws RangeError where only a part was counted before. `newestAt` is when the newest of the messages was stored,
   * by the server's clock; it becomes the position's where it is later.
   */
  append(span: LedgerSpan & { readonly writtenTo: number; readonly newestAt?: number }): Promise<void>;
  /** The same for corrections, whose counts are partly negative. */
  correct(span: LedgerSpan): Promise<void>;
  /** Only says that all up to `writtenTo` is in the store. */
  advance(writtenTo: number): Promise<void>;
  /** The stream that is counted was made anew or put back from a copy: only what is up to `to` is counted, corrected and in the store. */
  rewind(to: number): Promise<void>;
}

export interface LedgerParts {
  readonly link: NatsLink;
  readonly hot: HotDeltas;
  readonly days: LedgerDays;
  /** So many messages and rows of a partition, and twice the rows of its days, stay deltas before they are folded. */
  readonly foldAt: number;
  readonly caughtUp: () => Promise<void>;
  /** Is told of what goes on in the background; it never rejects. */
  readonly track: (work: Promise<void>) => void;
  readonly onEvent: (event: StoreEvent) => void;
}

export async function claimPartition(partition: string, parts: LedgerParts): Promise<PartitionLedger> {
  const { link, hot, days, caughtUp } = parts;
  const subject = `${deltaSubjects}.${partition}`;
  let position = ledgerBegin;
  const owned = await claimSubject({
    link,
    stream: deltaStream,
    subject,
    announce(last) {
      if (last !== undefined) position = readLedgerRecord(last.string()).position;
      return toLedgerRecord({ position });
    },
    taken: () =>
      new PartitionTakenError(
        `expected to be the only writer of the partition ${partition}, another one has claimed it`,
      ),
  });
  const inTurn = createTurns();
  const folding = createFolding();

  async function settle(): Promise<void> {
    if (!owned.isSettled) position = readLedgerRecord((await owned.settle()).string()).position;
  }

  /** The position moves with the last part: what is cut off before it is as if it had not been written. */
  async function write(next: LedgerPosition, tallies: readonly Tally[]): Promise<void> {
    const id = randomUUID();
    const packed = packTallies(tallies, payloadRoom(link));
    for (const [index, some] of packed.entries()) {
      const number = index + 1;
      const isLast = number === packed.length;
      const part = packed.length === 1 ? {} : { part: { id, number, of: packed.length } };
      const content = tallies.length === 0 ? {} : { tallies: some, ...part };
      await owned.append(toLedgerRecord({ position: isLast ? next : position, ...content }), `${id}-${index}`);
    }
    position = next;
  }

  function add(
    { from, to, tallies }: LedgerSpan,
    done: "countedTo" | "correctedTo",
    { writtenTo = 0, newestAt = 0 } = {},
  ): Promise<void> {
    return inTurn(async () => {
      await settle();
      const isDone = to <= position[done];
      if (!isDone && from <= position[done])
        throw new RangeError(
          `expected ${from} to ${to} to begin behind ${position[done]}, which is counted: cut it there`,
        );
      const newest = Math.max(newestAt, position.newestAt ?? 0);
      const next = {
        ...position,
        writtenTo: Math.max(writtenTo, position.writtenTo),
        ...(newest > 0 && { newestAt: newest }),
      };
      await write(isDone ? next : { ...next, [done]: to }, isDone ? [] : tallies);
      folding.begin();
    });
  }

  function createFolding(): { begin(): void } {
    let isRunning = false;
    let foldAt = parts.foldAt;

    /** Returns how many rows it wrote. */
    async function fold(owner: OwnedSubject): Promise<number> {
      await caughtUp();
      const deltas = hot.of(partition);
      const foldedTo = deltas.at(-1)?.seq;
      if (foldedTo === undefined) return 0;
      const touched = new Set(deltas.flatMap((delta) => [...delta.days]));
      let rows = 0;
      for (const day of touched) rows += await days.fold(day, partition, deltas);
      await inTurn(async () => {
        await settle();
        await owner.append(toLedgerRecord({ position, foldedTo }), randomUUID());
      });
      // Of the subject one message always stays: without one the expected sequence would not hold.
      await link.manager.streams.purge(deltaStream, { filter: subject, seq: foldedTo + 1 });
      return rows;
    }

    return {
      begin() {
        if (isRunning || hot.sizeOf(partition) < foldAt) return;
        isRunning = true;
        const before = hot.sizeOf(partition);
        const done = (rows: number): void => void (foldAt = parts.foldAt + 2 * rows);
        const failed = (cause: unknown): void => {
          foldAt = before + parts.foldAt;
          parts.onEvent({ kind: "upkeep_failed", cause });
        };
        const ended = (): void => void (isRunning = false);
        parts.track(fold(owned).then(done, failed).finally(ended));
      },
    };
  }

  return {
    partition,
    get position() {
      return position;
    },
    append: (span) => add(span, "countedTo", span),
    correct: (span) => add(span, "correctedTo"),
    advance: (writtenTo) =>
      inTurn(async () => {
        await settle();
        await write({ ...position, writtenTo: Math.max(writtenTo, position.writtenTo) }, []);
      }),
    rewind: (to) =>
      inTurn(async () => {
        await settle();
        const { countedTo, writtenTo, correctedTo, ...rest } = position;
        const back = (seq: number): number => Math.min(seq, to);
        await write(
          { ...rest, countedTo: back(countedTo), writtenTo: back(writtenTo), correctedTo: back(correctedTo) },
          [],
        );
      }),
  };
}
