import { type BackOff, createBackOff } from "@messnetz/runtime";
import { type Batch, type BatchLimits, createGatherer } from "./gatherer.ts";
import type { PartitionBook, Source, StreamMessage } from "./ports.ts";

/** What is done with the messages of a partition. */
export interface PartitionWork<T> {
  /** Reads one message, without side effects: it may never be settled. */
  read(message: StreamMessage): T;
  weigh(content: T): number;
  /** Resolves when the batch is durable and counted. `writtenTo`: what is durable already. Rejects when the claim has to be made anew. */
  settle(batch: Batch<T>, context: { book: PartitionBook; writtenTo: number; signal: AbortSignal }): Promise<void>;
}

export interface PumpEvents {
  claimed(partition: string, position: PartitionBook["position"]): void;
  taken(partition: string, error: unknown): void;
  replaced(partition: string, resumeAt: number, error: unknown): void;
  failed(partition: string, error: unknown): void;
  settled(partition: string, batch: Batch<unknown>, tookMs: number): void;
}

export interface SubscribeFrom {
  readonly fromSeq: number;
  /** When the newest message before it was stored; absent where it is not known. */
  readonly newestAt?: number;
  /** Somebody may have taken the subscription away, or the connection was lost. */
  readonly onRenewed: () => void;
}

export interface PumpOptions<T> {
  readonly partition: string;
  readonly work: PartitionWork<T>;
  claim(partition: string): Promise<PartitionBook>;
  subscribe(partition: string, where: SubscribeFrom): Promise<Source>;
  /** Whether the error says that another process has claimed the partition. */
  isTaken(error: unknown): boolean;
  /** Where the stream goes on that was made anew or put back from a copy; undefined where the error says something else. */
  resumeAt(error: unknown): number | undefined;
  readonly limits: BatchLimits;
  /** How often the server hears that the messages held are being worked on. */
  readonly workingEveryMs: number;
  readonly events: PumpEvents;
  readonly backOff?: BackOff;
  /** While another process has the partition. */
  readonly takenBackOff?: BackOff;
}

export interface Pump {
  readonly partition: string;
  /** What is wrong, undefined where nothing is. */
  trouble(): string | undefined;
  /** Up to here everything is in the store; 0 before the first claim. */
  writtenTo(): number;
  /** Undefined while the partition is not ours. */
  source(): Source | undefined;
  /** Ends reading, finishes the batch in hand, gives up on it after the time. Nothing is acknowledged afterwards. */
  close(withinMs: number): Promise<void>;
}

/**
 * Carries one partition from the stream to where it belongs, for ever: claims the partition, reads from behind what is written, settles batch
 * after batch, and acknowledges what is settled. Whatever fails, it starts over at the claim: what is delivered again is written again, which
 * changes nothing, and counted once.
 */
export function startPump<T>(options: PumpOptions<T>): Pump {
  const { partition, work, events, limits } = options;
  const backOff = options.backOff ?? createBackOff({ firstMs: 200, maxMs: 15_000 });
  const takenBackOff = options.takenBackOff ?? createBackOff({ firstMs: 5000, maxMs: 30_000 });
  const ending = new AbortController();
  const deadline = new AbortController();
  let writtenTo = 0;
  let trouble: string | undefined = "has not claimed its partition yet";
  let current: Source | undefined;

  async function settleBatches(book: PartitionBook, source: Source, session: AbortController): Promise<void> {
    const signal = AbortSignal.any([ending.signal, session.signal]);
    const gatherer = createGatherer({
      next: source.next,
      read: work.read,
      weigh: work.weigh,
      limits,
    });
    const giveUp = AbortSignal.any([deadline.signal, session.signal]);
    let inHand: readonly StreamMessage[] = [];
    const keepAlive = setInterval(() => {
      for (const message of [...inHand, ...gatherer.held()]) message.working();
    }, options.workingEveryMs);
    const reading = gatherer.run(signal).catch((error: unknown) => session.abort(error));
    try {
      for (let batch = await gatherer.take(signal); batch !== undefined; batch = await gatherer.take(signal)) {
        inHand = batch.messages;
        const began = performance.now();
        await work.settle(batch, { book, writtenTo, signal: giveUp });
        if (deadline.signal.aborted) return;
        for (const message of batch.messages) message.ack();
        writtenTo = batch.messages.at(-1)!.seq;
        inHand = [];
        trouble = undefined;
        backOff.reset();
        events.settled(partition, batch, performance.now() - began);
      }
      if (session.signal.aborted) throw session.signal.reason;
      // Nothing depends on it: the next writer then begins behind what is written.
      if (writtenTo > book.position.writtenTo) await book.advance(writtenTo);
    } finally {
      clearInterval(keepAlive);
      session.abort();
      await reading;
    }
  }

  async function settleFrom(book: PartitionBook): Promise<void> {
    const session = new AbortController();
    const { newestAt } = book.position;
    const source = await options.subscribe(partition, {
      fromSeq: writtenTo + 1,
      ...(newestAt !== undefined && { newestAt }),
      // Two writers that have nothing to write would otherwise take the subscription from each other for ever.
      onRenewed: () => void book.advance(writtenTo).catch((error: unknown) => session.abort(error)),
    });
    events.claimed(partition, book.position);
    trouble = undefined;
    current = source;
    try {
      await settleBatches(book, source, session);
    } finally {
      current = undefined;
      await source.close();
    }
  }

  async function hold(): Promise<void> {
    const book = await options.claim(partition);
    writtenTo = book.position.writtenTo;
    if (ending.signal.aborted) return;
    try {
      await settleFrom(book);
    } catch (error) {
      const resumeAt = options.resumeAt(error);
      if (resumeAt === undefined) throw error;
      await book.rewind(resumeAt - 1);
      writtenTo = book.position.writtenTo;
      events.replaced(partition, resumeAt, error);
      await backOff.wait(ending.signal);
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        await hold();
      } catch (error) {
        if (deadline.signal.aborted) return;
        trouble = error instanceof Error ? error.message : String(error);
        const isTaken = options.isTaken(error);
        if (isTaken) events.taken(partition, error);
        else events.failed(partition, error);
        await (isTaken ? takenBackOff : backOff).wait(ending.signal);
      }
    }
  }

  const running = run();
  return {
    partition,
    trouble: () => trouble,
    writtenTo: () => writtenTo,
    source: () => current,
    async close(withinMs) {
      ending.abort();
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const bound = setTimeout(() => {
        deadline.abort();
        resolve();
      }, withinMs);
      await Promise.race([running, late]);
      clearTimeout(bound);
    },
  };
}
