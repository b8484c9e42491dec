import type { Observation } from "@messnetz/model";
import { type InfluxStore, type ObservationStore, StoreUnavailableError } from "@messnetz/store";

/** The observations as the API asks for them, from before the store is open. */
export interface LateObservations extends Pick<ObservationStore, "read" | "latest" | "aggregate"> {
  /** What another process has written, or is about to. */
  observe(observations: readonly Observation[]): void;
  /** From now on the store answers, and knows all that was observed before. */
  opened(store: InfluxStore): void;
  check(): Promise<void>;
}

/**
 * A server that is away when the process starts must not keep it from starting: until the store is open every question rejects with a
 * `StoreUnavailableError`, and what the bus tells meanwhile is kept, the newest of each datastream.
 */
export function createLateObservations(): LateObservations {
  let store: InfluxStore | undefined;
  const early = new Map<string, Observation>();

  function opened(): InfluxStore {
    if (store !== undefined) return store;
    throw new StoreUnavailableError(
      "expected InfluxDB to have answered since the start of this process; it has not yet",
    );
  }

  return {
    async *read(query) {
      yield* opened().read(query);
    },
    latest: async (query) => opened().latest(query),
    async *aggregate(query, windowMs) {
      yield* opened().aggregate(query, windowMs);
    },
    observe(observations) {
      if (store !== undefined) return store.observe(observations);
      for (const observation of observations) {
        const known = early.get(observation.datastream);
        if (known === undefined || isNewer(observation, known)) early.set(observation.datastream, observation);
      }
    },
    opened(opening) {
      store = opening;
      store.observe([...early.values()]);
      early.clear();
    },
    check: async () => opened().check(),
  };
}

/** Of two results for one identity the later decoding stands. */
function isNewer(one: Observation, other: Observation): boolean {
  if (one.phenomenonTime !== other.phenomenonTime) return one.phenomenonTime > other.phenomenonTime;
  return one.ordinal === other.ordinal ? one.revision > other.revision : one.ordinal > other.ordinal;
}
