import { followNewest } from "@messnetz/bus";
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
  /** What was written may have been taken out of the stream before it came here: the store knows it. */
  readonly onGap: () => void;
}

export interface PartitionsFollowing {
  /** What has come until now is observed before it returns. */
  catchUp(): void;
  /** Resolves when the signal has aborted. */
  readonly ended: Promise<void>;
}

/** As the subjects of the bus name them: the domains, and what belongs to none. */
const partitions = [...domains, "other"] as const;

/**
 * Hands over what is newest of all that is on its way to the store or will be: from where each writer is. What the store has too comes again, which
 * a projection does not mind.
 */
export function followPartitions(following: PartitionFollowing): PartitionsFollowing {
  const { link, ledger, observe, signal, onInterrupted, onGap } = following;
  const followings = partitions.map((partition) =>
    followNewest({
      link,
      partition,
      from: async () => ((await ledger.positions()).get(partition)?.writtenTo ?? 0) + 1,
      handle: observe,
      signal,
      onInterrupted,
      onGap,
    }),
  );
  return {
    catchUp() {
      for (const one of followings) one.catchUp();
    },
    ended: Promise.all(followings.map(async ({ ended }) => ended)).then(() => undefined),
  };
}
