import { setImmediate as turn } from "node:timers/promises";
import type { StreamMessage } from "./ports.ts";

export interface BatchLimits {
  readonly maxObservations: number;
  readonly maxBytes: number;
}

/** What came while the former batch was on its way: in the order of the stream, each sequence once. */
export interface Batch<T> {
  readonly messages: readonly StreamMessage[];
  /** What was read of each message. */
  readonly contents: readonly T[];
  readonly observations: number;
  readonly bytes: number;
  /** When the newest of the messages was stored, by the server's clock. */
  readonly newestAt: number;
}

export interface GathererOptions<T> {
  /** What is there, or what comes; empty when the signal aborts. Rejects when nothing more will come. */
  next(signal: AbortSignal): Promise<readonly StreamMessage[]>;
  read(message: StreamMessage): T;
  /** How many observations the content counts as towards the limit. */
  weigh(content: T): number;
  readonly limits: BatchLimits;
}

export interface Gatherer<T> {
  /** Reads until the signal aborts; rejects when the source does. */
  run(signal: AbortSignal): Promise<void>;
  /** All that was gathered, at least one message; undefined when the signal aborts first. */
  take(signal: AbortSignal): Promise<Batch<T> | undefined>;
  /** Messages that wait here. */
  held(): readonly StreamMessage[];
}

/**
 * Natural batches: while one is being written, the next one is read and decoded. One message goes in whatever its size; beyond the limits
 * reading stops, and what is left waits with the server.
 */
export function createGatherer<T>({ next, read, weigh, limits }: GathererOptions<T>): Gatherer<T> {
  let waiting: readonly StreamMessage[] = [];
  let messages: StreamMessage[] = [];
  let contents: T[] = [];
  let observations = 0;
  let bytes = 0;
  let newestAt = 0;
  let newestSeq = 0;
  let changed = Promise.withResolvers<void>();

  function tellChange(): void {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  }

  /** Resolves at the next change, or when the signal aborts. */
  async function change(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise } = changed;
    signal.addEventListener("abort", tellChange, { once: true });
    await promise;
    signal.removeEventListener("abort", tellChange);
  }

  function isFull(): boolean {
    return messages.length > 0 && (observations >= limits.maxObservations || bytes >= limits.maxBytes);
  }

  function add(message: StreamMessage): void {
    // Delivered again while it is held: it will be acknowledged once.
    if (message.seq <= newestSeq) return;
    const content = read(message);
    newestSeq = message.seq;
    messages.push(message);
    contents.push(content);
    observations += weigh(content);
    bytes += message.payload.length;
    newestAt = Math.max(newestAt, message.publishedAt);
    tellChange();
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        waiting = await next(signal);
        for (let at = 0; at < waiting.length && !signal.aborted; at++) {
          while (isFull() && !signal.aborted) await change(signal);
          if (signal.aborted) return;
          add(waiting[at]!);
          // Decoding is work: sockets, timers and the batch in flight get their turns between two messages.
          await turn();
        }
        waiting = [];
      }
    },
    async take(signal) {
      while (messages.length === 0 && !signal.aborted) await change(signal);
      if (signal.aborted) return undefined;
      const batch = { messages, contents, observations, bytes, newestAt };
      messages = [];
      contents = [];
      observations = 0;
      bytes = 0;
      newestAt = 0;
      tellChange();
      return batch;
    },
    held: () => [...messages, ...waiting.filter(({ seq }) => seq > newestSeq)],
  };
}
