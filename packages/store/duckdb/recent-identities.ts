import type { EpochMs } from "@messnetz/model";
import { IdentityMap } from "./identity-map.ts";
import { isAfter, type StreamIndex } from "./stream-index.ts";

/** The identities written last and their revisions, in two generations: the older one is dropped as a whole. */
export class RecentIdentities {
  readonly #streams: StreamIndex;
  readonly #perGeneration: number;
  #young = new IdentityMap();
  #old = new IdentityMap();

  constructor(streams: StreamIndex, limit: number) {
    this.#streams = streams;
    this.#perGeneration = Math.ceil(limit / 2);
  }

  revisionOf(stream: number, time: EpochMs, ordinal: number): number | undefined {
    return this.#young.get(stream, time, ordinal) ?? this.#old.get(stream, time, ordinal);
  }

  remember(stream: number, time: EpochMs, ordinal: number, revision: number): void {
    this.#young.set(stream, time, ordinal, revision);
  }

  /** Between commits only: what is dropped must be in the table. */
  age(): void {
    if (this.#young.size < this.#perGeneration) return;
    this.#old.forEach((id, time, ordinal) => {
      const stream = this.#streams.at(id);
      if (!isAfter(time, ordinal, stream.knownAfterTime, stream.knownAfterOrdinal)) return;
      stream.knownAfterTime = time;
      stream.knownAfterOrdinal = ordinal;
    });
    this.#old = this.#young;
    this.#young = new IdentityMap();
  }

  clear(): void {
    this.#young = new IdentityMap();
    this.#old = new IdentityMap();
  }
}
