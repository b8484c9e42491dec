import { followObservations } from "@messnetz/bus";
import { domains, type Observation } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";

/** Where each partition's writer is: all up to there is in the store. */
export interface WriterPositions {
  positions(): Promise<ReadonlyMap<string, { readonly writtenTo: number }>>;
}

export interface PartitionFollowing {
  readonly link: NatsLink;
  readonly ledger: WriterPositions;
  readonly observe: (observations: readonly Observation[]) => void;
  readonly signal: AbortSignal;
  readonly onInterrupted: (cause: unknown) => void;
}

/** As the subjects of the bus name them: the domains, and what belongs to none. */
const partitions = [...domains, "other"] as const;

/**
 * Hands over everything that is on its way to the store or will be: from where each writer is. What the store has too comes again, which a
 * projection does not mind. Resolves when the signal aborts.
 */
export async function followPartitions(following: PartitionFollowing): Promise<void> {
  const { link, ledger, observe, signal, onInterrupted } = following;
  const follow = async (partition: string): Promise<void> =>
    followObservations({
      link,
      partition,
      from: async () => ((await ledger.positions()).get(partition)?.writtenTo ?? 0) + 1,
      handle: ({ observations }) => observe(observations),
      signal,
      onInterrupted,
    });
  await Promise.all(partitions.map(follow));
}
