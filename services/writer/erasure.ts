import { createBackOff } from "@messnetz/runtime";
import {
  erase,
  type ErasureReceipt,
  type ErasureRequest,
  type InfluxStore,
  type QuarantineStore,
} from "@messnetz/store";

export interface ErasureParts {
  readonly partitions: readonly string[];
  /** The newest message of a partition on the bus. */
  lastPublished(partition: string): Promise<number>;
  /** Whether all of a partition up to the message is written, be it by another process. */
  isWritten(partition: string, seq: number): Promise<boolean>;
  /** Takes what is written off the bus. */
  purgeTo(partition: string, seq: number): Promise<void>;
  readonly store: Pick<InfluxStore, "remove" | "learn">;
  readonly quarantine: Pick<QuarantineStore, "remove">;
  /** How long what is on the bus may take to be written. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Erases what is stored and what is on its way: what the bus had when it was asked for is written first, and leaves the bus, from where a store
 * put back from a copy or a process that starts would have it again. Rejects, with nothing erased, where that takes too long.
 */
export async function eraseAll(parts: ErasureParts, request: ErasureRequest): Promise<ErasureReceipt> {
  await clearBus(parts);
  // Datastreams that other writers have begun since are not known here.
  await parts.store.learn();
  return erase({ observations: parts.store, quarantine: parts.quarantine }, request);
}

async function clearBus({
  partitions,
  lastPublished,
  isWritten,
  purgeTo,
  patienceMs,
  signal,
}: ErasureParts): Promise<void> {
  const backOff = createBackOff({ firstMs: 20, maxMs: 500 });
  const until = performance.now() + patienceMs;
  for (const partition of partitions) {
    const seq = await lastPublished(partition);
    while (seq > 0 && !(await isWritten(partition, seq))) {
      if (performance.now() > until)
        throw new Error(
          `expected the partition ${partition} to be written within ${patienceMs} ms: what waits on the bus would come back. Nothing was done`,
        );
      await backOff.wait(signal);
      signal.throwIfAborted();
    }
    if (seq > 0) await purgeTo(partition, seq);
    backOff.reset();
  }
}
