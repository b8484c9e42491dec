import type { EpochMs } from "@messnetz/model";
import { foldWindows } from "../fold.ts";
import type { EmbeddedStore, ObservationQuery, ObservationStore } from "../port.ts";
import { openDatabase } from "./database.ts";
import { keepDatabase } from "./database-keeper.ts";
import type { Engine } from "./engine.ts";
import { readLedger } from "./ledger-read.ts";
import { type DuckDbStoreOptions, defaults } from "./options.ts";
import { createPace } from "./pace.ts";
import { project } from "./projection.ts";
import { getEntry, listEntries } from "./quarantine-read.ts";
import { readObservations } from "./read.ts";
import { boundsOf, streamCondition } from "./read-plan.ts";
import { createRecentAnswer } from "./recent-answer.ts";

/** Time between two looks at what can wait: folding differences, pruning the quarantine. */
const tidyEveryMs = 60_000;

/** Checks within this time share one: whoever may ask without a token must not cost commits their time. */
const checkEveryMs = 1000;

/** Messages from which on a commit's fixed cost does not matter. */
const largeBatch = 500;

/**
 * The embedded store: one DuckDB file. Commits run one at a time; a commit that fails leaves the database to be opened anew by
 * the next call that writes, so that it recovers by itself once the disk has room again.
 */
export async function openDuckDbStore(options: DuckDbStoreOptions): Promise<EmbeddedStore> {
  const clock = options.clock ?? Date.now;
  const pace = createPace(options.commitEveryMs ?? defaults.commitEveryMs);
  const keeper = await keepDatabase(() => openDatabase(options), options.onEvent);
  const check = createRecentAnswer(() => keeper.write("the check", (sane) => sane.beat(clock())), checkEveryMs);
  let tidyDue: EpochMs = clock();

  function tidyWhenDue(): void {
    if (clock() < tidyDue) return;
    tidyDue = clock() + tidyEveryMs;
    keeper
      .write("tidying", (sane) => sane.tidy(clock()))
      .catch((cause: unknown) => {
        options.onEvent?.({ kind: "upkeep_failed", cause });
      });
  }

  /** What is durable, also while a new database is being opened. */
  const engine = (): Promise<Engine> => Promise.resolve(keeper.current().engine);

  const observations: ObservationStore = {
    write: (list) => keeper.write("writing observations", (sane) => sane.write(list)),
    read: (query) => readObservations(engine, () => keeper.current().streams, query),
    aggregate: (query, windowMs) => foldWindows(observations.read(query), windowMs),
    latest: async (query) => {
      const selected = keeper.current().streams.select(query);
      return selected.flatMap(({ latest }) => latest ?? []).slice(0, query.limit);
    },
    count: async (query) => countObservations(observations, query),
    remove: (query) =>
      keeper.write("removing observations", async (sane) => {
        const removedAt = clock();
        const selected = sane.streams.select(query);
        if (selected.length === 0) return { observations: 0, datastreams: 0, removedAt };
        const before = selected.map((stream) => stream.count);
        const removed = await sane.remove(streamCondition(selected, boundsOf(query)));
        await project(sane.engine, sane.streams, selected);
        const datastreams = selected.filter((stream, at) => stream.count < before[at]!).length;
        return { observations: removed, datastreams, removedAt };
      }),
  };

  return {
    observations,
    quarantine: {
      list: async (query) => listEntries(keeper.current(), query, clock() - options.quarantine.maxAgeMs),
      get: async (id) => getEntry(keeper.current(), id, clock() - options.quarantine.maxAgeMs),
    },
    ledger: { rows: async (query) => readLedger(keeper.current(), query) },
    sessions: { load: () => keeper.write("reading sessions", (sane) => sane.sessions.load(clock())) },
    intake: {
      async commit(batch) {
        const result = await keeper.write("the commit", async (sane) => {
          if (batch.messages.length < largeBatch) await pace();
          return keeper.outlived(batch) ?? sane.commit(batch, clock());
        });
        tidyWhenDue();
        return result;
      },
    },
    check: async () => {
      keeper.requireOpen();
      await check();
    },
    close: keeper.close,
  };
}

async function countObservations(observations: ObservationStore, query: ObservationQuery): Promise<number> {
  let count = 0;
  for await (const chunk of observations.read(query)) count += chunk.length;
  return count;
}
