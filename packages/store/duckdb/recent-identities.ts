import type { EpochMs } from "@messnetz/model";
import { IdentityLog, type Instant } from "./identity-log.ts";
import { isAfterKnown, type StreamIndex } from "./stream-index.ts";

/** The identities written last and their revisions, in two generations: the older one is dropped as a whole. */
export class RecentIdentities {
  readonly #streams: StreamIndex;
  readonly #perGeneration: number;
  #young = new IdentityLog();
  #old = new IdentityLog();

  constructor(streams: StreamIndex, limit: number) {
    this.#streams = streams;
    this.#perGeneration = Math.ceil(limit / 2);
  }

  revisionOf(stream: number, time: EpochMs, ordinal: number): number | undefined {
    return this.#young.get(stream, time, ordinal) ?? this.#old.get(stream, time, ordinal);
  }

  remember(stream: number, known: Instant & { readonly revision: number }): void {
    this.#young.add(stream, known, known.revision);
  }

  /** Between commits only: what is dropped must be in the table. */
  age(): void {
    if (this.#young.length >= this.#perGeneration) this.#dropOld();
  }

  /** Between commits only: the tables are asked about everything but the newest from now on. */
  dropAll(): void {
    this.#dropOld();
    this.#dropOld();
  }

  #dropOld(): void {
    const dropped = this.#old;
    dropped.forEach((id, time, ordinal) => {
      const stream = this.#streams.at(id);
      if (!isAfterKnown(stream, time, ordinal)) return;
      stream.knownAfterTime = time;
      stream.knownAfterOrdinal = ordinal;
    });
    dropped.clear();
    this.#old = this.#young;
    this.#young = dropped;
  }
}
