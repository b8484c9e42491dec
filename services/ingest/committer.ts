import { setTimeout as delay } from "node:timers/promises";
import type { Publisher } from "@messnetz/bus";
import type { IntakeResult } from "@messnetz/model";
import type { Batch } from "./batch.ts";
import type { IngestEvents } from "./events.ts";

export interface Committer {
  /** The newest batch that is not in flight: it may still be filled. */
  open(): Batch | undefined;
  /** The newest batch, perhaps in flight. */
  last(): Batch | undefined;
  /** Behind the others; its commit begins as soon as none is in flight. */
  add(batch: Batch): void;
  isFailing(): boolean;
  isUnavailable(): boolean;
  state(): { readonly failingForMs?: number; readonly inFlightForMs?: number };
  settled(withinMs: number): Promise<boolean>;
  close(withinMs: number): Promise<void>;
}

export interface CommitterOptions {
  readonly publisher: Publisher;
  readonly beforePublish: () => Promise<void>;
  readonly closeAfterMs: number;
  readonly events: IngestEvents;
  readonly onDurable: (batch: Batch, result: IntakeResult) => void;
  /** `isFailing` has changed. */
  readonly onFailing: () => void;
  readonly onUnavailable: () => void;
}

const firstBackOffMs = 100;
/** A try costs little, and devices wait: nobody needs to wake us when the store is back. */
const maxBackOffMs = 1500;
const watchEveryMs = 250;

/** Commits batches one after the other, in order. A batch that was refused is kept and tried again until it is taken. */
export function createCommitter(options: CommitterOptions): Committer {
  const { events } = options;
  const queue: Batch[] = [];
  const ending = new AbortController();
  let isRunning = false;
  let inFlight: Batch | undefined;
  let inFlightSince = 0;
  let failingSince: number | undefined;
  let isUnavailable = false;
  let idle: (() => void)[] = [];

  // A store that hangs calls back to nobody: somebody has to look.
  const watch = setInterval(look, Math.min(watchEveryMs, Math.max(10, options.closeAfterMs / 4)));
  watch.unref();

  function look(): void {
    if (inFlight === undefined || isUnavailable) return;
    const now = performance.now();
    const since = failingSince ?? inFlightSince;
    if (now - inFlightSince > options.closeAfterMs / 2 && failingSince === undefined)
      events.commitHangs(now - inFlightSince);
    if (now - since <= options.closeAfterMs) return;
    isUnavailable = true;
    failingSince ??= inFlightSince;
    options.onFailing();
    options.onUnavailable();
  }

  function wake(): void {
    if (isRunning) return;
    isRunning = true;
    // After the sockets that are readable now have been read: what they bring goes into the same batch.
    setImmediate(() => void run());
  }

  async function run(): Promise<void> {
    for (let batch = queue[0]; batch !== undefined && !ending.signal.aborted; batch = queue[0]) {
      inFlight = batch;
      inFlightSince = performance.now();
      const result = await commit(batch);
      inFlight = undefined;
      if (result === undefined) break;
      queue.shift();
      recover();
      try {
        options.onDurable(batch, result);
      } catch (error) {
        events.faulted("commit", error);
      }
    }
    isRunning = false;
    if (queue.length > 0 && !ending.signal.aborted) return wake();
    const waiting = idle;
    idle = [];
    for (const resolve of waiting) resolve();
  }

  /** Undefined where the end came first. */
  async function commit(batch: Batch): Promise<IntakeResult | undefined> {
    for (let backOffMs = firstBackOffMs; ; backOffMs = Math.min(backOffMs * 2, maxBackOffMs)) {
      try {
        await options.beforePublish();
        return await options.publisher.publish({
          messages: batch.messages,
          receipts: batch.receipts,
          sessions: batch.sessions,
          deliveries: batch.deliveries,
        });
      } catch (error) {
        events.commitFailed(error);
        failingSince ??= inFlightSince;
        options.onFailing();
      }
      try {
        await delay(backOffMs, undefined, { signal: ending.signal });
      } catch {
        // The delay rejects for one reason: the end.
        return undefined;
      }
    }
  }

  function recover(): void {
    if (failingSince === undefined) return;
    events.recovered(performance.now() - failingSince);
    failingSince = undefined;
    isUnavailable = false;
    options.onFailing();
  }

  async function settled(withinMs: number): Promise<boolean> {
    if (!isRunning) return queue.length === 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    idle.push(resolve);
    const bound = setTimeout(resolve, withinMs);
    await promise;
    clearTimeout(bound);
    return !isRunning && queue.length === 0;
  }

  return {
    open() {
      const last = queue.at(-1);
      return last === inFlight ? undefined : last;
    },
    last: () => queue.at(-1),
    add(batch) {
      queue.push(batch);
      wake();
    },
    isFailing: () => failingSince !== undefined,
    isUnavailable: () => isUnavailable,
    state() {
      const now = performance.now();
      return {
        ...(failingSince !== undefined && { failingForMs: now - failingSince }),
        ...(inFlight !== undefined && { inFlightForMs: now - inFlightSince }),
      };
    },
    settled,
    async close(withinMs) {
      await settled(withinMs);
      ending.abort();
      clearInterval(watch);
    },
  };
}
