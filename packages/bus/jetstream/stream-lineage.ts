import type { NatsLink } from "@messnetz/nats";
import type { PartitionSource } from "./partition.ts";
import { firstSeqSince } from "./stream-view.ts";

/**
 * The stream is not the one that was read before: it was deleted and made anew, or put back from a copy. Its sequences begin lower than those that are
 * done with, so reading on behind them would leave out what is new.
 */
export class StreamReplacedError extends Error {
  override readonly name = "StreamReplacedError";
  /** Of the stream as it is now: the first message of the partition that was stored after the newest that is done with. */
  readonly resumeAt: number;

  constructor(message: string, resumeAt: number) {
    super(message);
    this.resumeAt = resumeAt;
  }
}

/** What is done with of a partition. */
interface Done {
  /** Sequence of the last message. */
  readonly to: number;
  /** When the newest of all its messages was stored, by the server's clock; 0 where that is not known. */
  readonly newestAt: number;
}

interface Lineage {
  /** Rejects with StreamReplacedError where the stream does not go on from what is done with. */
  check(done: Done): Promise<void>;
}

export function createLineage(link: NatsLink, source: PartitionSource): Lineage {
  const { stream, subject } = source;
  let createdAt: string | undefined;

  /** The first of the partition that was stored after the instant; undefined where there is none. */
  async function firstAfter(instant: number): Promise<number | undefined> {
    const seq = await firstSeqSince(link, source, instant + 1);
    const message = await link.manager.direct.getMessage(stream, { seq, next_by_subj: subject });
    // Between servers whose clocks differ the search may land on one that is older.
    return message !== null && message.time.getTime() > instant ? message.seq : undefined;
  }

  return {
    async check({ to, newestAt }) {
      const { created, state } = await link.manager.streams.info(stream);
      const isOther = createdAt !== undefined && createdAt !== created;
      createdAt ??= created;
      const resumeAt =
        newestAt === 0 ? Math.max(1, state.first_seq) : ((await firstAfter(newestAt)) ?? state.last_seq + 1);
      const isGrownOver = newestAt !== 0 && resumeAt <= to;
      if (!isOther && !isGrownOver && state.last_seq >= to) return;
      throw new StreamReplacedError(
        `expected the stream ${stream} to go on behind ${to} (${subject}), came one of ${created} that is at ${state.last_seq}: ` +
          `it was made anew or put back from a copy. What is not done with begins at ${resumeAt}`,
        resumeAt,
      );
    },
  };
}
