import type { DecodedBusMessage } from "@messnetz/bus";
import type { IntakeMessage, Observation } from "@messnetz/model";
import { fates as fate, type RefusedPart, type RefusedObservation, tallyRefusals, tallyRows } from "@messnetz/store";
import type { Batch } from "./gatherer.ts";
import { inParts } from "./in-parts.ts";
import type { Persist } from "./persist.ts";
import { type PlacedBatch, type PlacedRow, placeRows, rowOf, withKept } from "./placed-rows.ts";
import type { Keeper, PartitionBook, PreparingStore, StreamMessage } from "./ports.ts";
import type { PartitionWork } from "./pump.ts";
import { fromBadElement, fromPoison, fromRefused } from "./quarantine-message.ts";

export type WriteStep = "after-append" | "after-write" | "after-correct" | "before-ack";

export interface WriteEvents {
  poison(domain: string, message: { readonly subject: string; readonly seq: number }, reason: string): void;
  badElements(domain: string, message: { readonly subject: string; readonly seq: number }, count: number): void;
  refused(domain: string, count: number, reason: string): void;
  quarantineFull(domain: string, count: number): void;
  written(domain: string, counts: { readonly observations: number; readonly added: number; tookMs: number }): void;
}

export interface WriteObservationsOptions {
  readonly domain: string;
  read(message: StreamMessage): DecodedBusMessage;
  readonly store: PreparingStore;
  readonly keeper: Keeper;
  /** What an entry of the quarantine may hold of a payload; a larger one is kept in parts. */
  maxKeptBytes(): number;
  /** Day in the town's time zone, `YYYY-MM-DD`. */
  day(instant: number): string;
  /** Called before the store is asked: the things of these observations belong to the domain. */
  learn(observations: readonly Observation[], domain: string): void;
  /** Waits while the store is away. */
  readonly persist: Persist;
  readonly events: WriteEvents;
  /** Called behind each step: a trial ends the process there. */
  readonly onStep?: (step: WriteStep) => void;
}

interface Written {
  readonly book: PartitionBook;
  readonly batch: Batch<DecodedBusMessage>;
  readonly observations: readonly Observation[];
  readonly rows: readonly PlacedRow[];
  readonly fates: Uint8Array;
}

/**
 * From the bus to the store. The order of the steps is the promise: what nobody can read goes to the quarantine; the store says what is new; the
 * ledger counts it; it is written; what the store refuses goes to the quarantine too, and is counted otherwise. Killed between any two of them, the batch
 * comes again and ends the same: the ledger knows up to which message it has counted, and writing twice is writing once.
 */
export function createWriteObservations(options: WriteObservationsOptions): PartitionWork<DecodedBusMessage> {
  const { domain, store, keeper, events } = options;
  const step = options.onStep ?? (() => {});

  async function keep(messages: readonly IntakeMessage[]): Promise<("kept" | "full")[]> {
    if (messages.length === 0) return [];
    const parts = messages.map((message) => inParts(message, options.maxKeptBytes()));
    const ends = await keeper.keep(parts.flat(), () => domain);
    let next = 0;
    const whole = parts.map(({ length }) => {
      const own = ends.slice(next, next + length);
      next += length;
      // Known: kept by the process that was killed before it could count it.
      return own.includes("full") ? "full" : "kept";
    });
    const full = whole.filter((end) => end === "full").length;
    if (full > 0) events.quarantineFull(domain, full);
    return whole;
  }

  /** The rows, those marked whose elements had to go to the quarantine. */
  async function keepUnreadable({ rows, poison }: PlacedBatch): Promise<readonly PlacedRow[]> {
    for (const { message, reason } of poison) events.poison(domain, message, reason);
    const spoilt = rows.filter(({ bad }) => bad.length > 0);
    for (const { message, bad } of spoilt) events.badElements(domain, message, bad.length);
    const elements = spoilt.flatMap((placed) => placed.bad.map((element) => ({ placed, element })));
    const ends = await keep([
      ...poison.map(({ message, reason }) => fromPoison(message, reason, options.day(message.publishedAt))),
      ...elements.map(({ placed, element }) => fromBadElement(placed, element)),
    ]);
    const full = new Set(elements.flatMap(({ placed }, at) => (ends[poison.length + at] === "full" ? placed : [])));
    return rows.map((placed) => {
      if (placed.bad.length === 0) return placed;
      return withKept(placed, full.has(placed) ? "full" : "kept");
    });
  }

  /** Also where everything was counted before: no batch is written by a process that has lost its partition. */
  async function count({ book, batch, rows, fates }: Written, writtenTo: number): Promise<void> {
    const { countedTo } = book.position;
    const uncounted = rowsBehind(rows, countedTo);
    const tallies = tallyRows(rowsOf(uncounted), fatesFrom(uncounted, fates));
    await book.append({ ...spanBehind(batch, countedTo), writtenTo, newestAt: batch.newestAt, tallies });
  }

  async function correct(written: Written, refused: readonly RefusedObservation[]): Promise<void> {
    const { book, batch, observations, rows, fates } = written;
    events.refused(domain, refused.length, refused[0]!.reason);
    const ends = await keep(
      refused.map(({ index, reason }) => fromRefused(rowOf(rows, index), observations[index]!, reason)),
    );
    const { correctedTo } = book.position;
    const span = spanBehind(batch, correctedTo);
    if (span.from > span.to) return;
    const uncorrected = rowsBehind(rows, correctedTo);
    const offset = uncorrected[0]?.from ?? 0;
    const parts: RefusedPart[] = refused.map(({ index }, at) => ({ index: index - offset, quarantine: ends[at]! }));
    await book.correct({
      ...span,
      tallies: tallyRefusals(
        rowsOf(uncorrected),
        fatesFrom(uncorrected, fates),
        parts.filter(({ index }) => index >= 0),
      ),
    });
  }

  return {
    read: options.read,
    weigh: (content) => (content.poison === undefined ? content.observations.length : 0),
    async settle(batch, { book, writtenTo, signal }) {
      const placed = placeRows(batch.messages, batch.contents);
      const { observations } = placed;
      const rows = await keepUnreadable(placed);
      options.learn(observations, domain);
      const prepared = await options.persist(() => store.prepare(observations), { signal });
      const { fates } = prepared;
      const written: Written = { book, batch, observations, rows, fates };
      await count(written, writtenTo);
      step("after-append");
      const began = performance.now();
      const { refused } = await options.persist(prepared.write, {
        signal,
        // The store may have been away for long: another process may have the partition by now, and be further than we are.
        beforeRepeat: () => book.advance(writtenTo),
      });
      const tookMs = performance.now() - began;
      step("after-write");
      if (refused.length > 0) {
        await correct(written, refused);
        step("after-correct");
      }
      events.written(domain, { observations: observations.length, added: countAdded(fates), tookMs });
      step("before-ack");
    },
  };
}

function rowsBehind(rows: readonly PlacedRow[], seq: number): readonly PlacedRow[] {
  return rows.filter(({ message }) => message.seq > seq);
}

function* rowsOf(placed: readonly PlacedRow[]): Generator<PlacedRow["row"]> {
  for (const { row } of placed) yield row;
}

/** Those of the rows, which are the last of the batch. */
function fatesFrom(rows: readonly PlacedRow[], fates: Uint8Array): Uint8Array {
  return fates.subarray(rows[0]?.from ?? fates.length);
}

function countAdded(fates: Uint8Array): number {
  let added = 0;
  for (const one of fates) if (one === fate.added) added++;
  return added;
}

/** What of the batch lies behind the sequence; empty (`from` above `to`) where nothing does. */
function spanBehind({ messages }: Batch<unknown>, seq: number): { from: number; to: number } {
  return { from: Math.max(messages[0]!.seq, seq + 1), to: messages.at(-1)!.seq };
}
