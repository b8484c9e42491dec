import { setTimeout as delay } from "node:timers/promises";
import type { Observation } from "@messnetz/model";
import { type InfluxStore, type ObservationStore, type RemovalQuery, StoreUnavailableError } from "@messnetz/store";

/** The observations as the API asks for them, from before the store is open. */
export interface LateObservations extends Pick<ObservationStore, "read" | "latest" | "aggregate" | "count"> {
  /** What another process has written, or is about to. */
  observe(observations: readonly Observation[]): void;
  /** From now on the store answers, and knows all that was observed before. */
  opened(store: InfluxStore): void;
  /** What was newest may not have been observed: the store is asked for it, until it has answered to the last call. Never rejects. */
  missed(): void;
  /**
   * Another process has removed this: it is not told any more, once the store was asked what is there now; it is asked until it answers. Never
   * rejects.
   */
  removed(query: RemovalQuery): Promise<void>;
  /** Announcements of removals may have been missed. Never rejects. */
  missedRemovals(): Promise<void>;
  check(): Promise<void>;
}

export interface LateObservationsOptions {
  readonly signal: AbortSignal;
  /** Observes what is still waiting to be observed. */
  readonly catchUp: () => void;
  readonly onLearned: () => void;
  readonly onLearningFailed: (cause: unknown) => void;
}

const learnEveryMs = 2000;
/** What was received so long ago is in the store, or was removed from it. */
const surelyWrittenMs = 600_000;
/** No date before is one of a measurement. */
const beginOfTime = -8.64e15;
/** Of more than these at once all that is surely written is asked for. */
const maxForgetting = 100;

/**
 * A server that is away when the process starts must not keep it from starting: until the store is open every question rejects with a
 * `StoreUnavailableError`, and what the bus tells meanwhile is kept, the newest of each datastream.
 */
export function createLateObservations(options: LateObservationsOptions): LateObservations {
  const { signal } = options;
  let store: InfluxStore | undefined;
  let isMissing = false;
  let isAsking = false;
  const early = new Map<string, Observation>();
  /** What was removed and is not forgotten yet. */
  let forgetting: RemovalQuery[] = [];
  let underWay: Promise<void> | undefined;

  function opened(): InfluxStore {
    if (store !== undefined) return store;
    throw new StoreUnavailableError(
      "expected InfluxDB to have answered since the start of this process; it has not yet",
    );
  }

  /** With all that has come until now. */
  function current(): InfluxStore {
    const open = opened();
    options.catchUp();
    return open;
  }

  async function ask(of: InfluxStore): Promise<void> {
    isAsking = true;
    while (isMissing && !signal.aborted) {
      isMissing = false;
      try {
        await of.learn();
        options.onLearned();
      } catch (cause) {
        isMissing = true;
        if (!(cause instanceof StoreUnavailableError)) options.onLearningFailed(cause);
      }
      // A look at the end of each series is not for free, and several partitions may miss something at once.
      await delay(learnEveryMs, undefined, { signal }).catch(() => {}); // rejects for one reason: the end
    }
    isAsking = false;
  }

  function missed(): void {
    isMissing = true;
    if (store !== undefined && !isAsking) void ask(store);
  }

  async function forgetAll(of: InfluxStore): Promise<void> {
    for (let query = forgetting.shift(); query !== undefined; query = forgetting.shift()) {
      if (signal.aborted) return;
      try {
        // What waits to be observed may be among it.
        options.catchUp();
        await of.relearn(query);
      } catch (cause) {
        forgetting.unshift(query);
        if (!(cause instanceof StoreUnavailableError)) options.onLearningFailed(cause);
        await delay(learnEveryMs, undefined, { signal }).catch(() => {}); // rejects for one reason: the end
      }
    }
  }

  /** What is not open yet forgets when it opens: it may have learned before the removal. */
  async function forget(query: RemovalQuery): Promise<void> {
    forgetting.push(query);
    if (forgetting.length > maxForgetting) forgetting = [{ interval: { from: beginOfTime, to: surelyWritten() } }];
    if (store === undefined) return;
    while (forgetting.length > 0 && !signal.aborted) {
      underWay ??= forgetAll(store).finally(() => (underWay = undefined));
      await underWay;
    }
  }

  const surelyWritten = (): number => Date.now() - surelyWrittenMs;

  return {
    async *read(query) {
      yield* current().read(query);
    },
    latest: async (query) => current().latest(query),
    async *aggregate(query, windowMs, columns) {
      yield* current().aggregate(query, windowMs, columns);
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
      if (isMissing) void ask(store);
      const removed = forgetting;
      forgetting = [];
      for (const query of removed) void forget(query);
    },
    missed,
    count: async (query) => current().count(query),
    removed: forget,
    async missedRemovals() {
      const until = Date.now();
      await forget({ interval: { from: beginOfTime, to: surelyWritten() } });
      // What is younger may be on its way to the store, and is asked for when it must be there.
      await delay(surelyWrittenMs, undefined, { signal, ref: false }).catch(() => {}); // rejects for one reason: the end
      if (!signal.aborted) await forget({ interval: { from: beginOfTime, to: until } });
    },
    check: async () => opened().check(),
  };
}

/** Of two results for one identity the later decoding stands. */
function isNewer(one: Observation, other: Observation): boolean {
  if (one.phenomenonTime !== other.phenomenonTime) return one.phenomenonTime > other.phenomenonTime;
  return one.ordinal === other.ordinal ? one.revision > other.revision : one.ordinal > other.ordinal;
}
