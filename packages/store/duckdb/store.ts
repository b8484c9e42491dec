import type { EpochMs, Observation } from "@messnetz/model";
import type { EmbeddedStore, ObservationStore } from "../port.ts";
import { aggregateObservations } from "./aggregate.ts";
import { openDatabase } from "./database.ts";
import { keepDatabase } from "./database-keeper.ts";
import { readLedger } from "./ledger-read.ts";
import { keepMonths } from "./month-keeper.ts";
import { type DuckDbStoreOptions, defaults } from "./options.ts";
import { createPace } from "./pace.ts";
import { getEntry, listEntries } from "./quarantine-read.ts";
import { countObservations, readObservations } from "./read.ts";
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

  const months = keepMonths({ keeper, clock, options });
  const observations: ObservationStore = {
    write: (list) => keeper.write("writing observations", (sane) => sane.write(list)),
    // What is durable, also while a new database is being opened.
    read: (query, how) => readObservations(keeper.current, { query, ...how }),
    aggregate: (query, windowMs, columns) => aggregateObservations(keeper.current, query, { windowMs, columns }),
    latest: async (query) => {
      const newest: Observation[] = [];
      for (const { latest } of keeper.current().streams.select(query)) if (latest !== undefined) newest.push(latest);
      return query.limit === undefined ? newest : newest.slice(0, query.limit);
    },
    count: async (query) => countObservations(keeper.current, query),
    remove: months.remove,
  };

  return {
    observations,
    quarantine: {
      list: async (query) => listEntries(keeper.current(), query, clock() - options.quarantine.maxAgeMs),
      get: async (id) => getEntry(keeper.current(), id, clock() - options.quarantine.maxAgeMs),
      remove: (query) => keeper.write("removing from the quarantine", (sane) => sane.removeQuarantined(query)),
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
    months: { list: months.list, close: months.close },
    check: async () => {
      keeper.requireOpen();
      await check();
    },
    async close() {
      const stopped = months.stop();
      await keeper.close();
      await stopped;
    },
  };
}
