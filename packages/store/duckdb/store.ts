import type { EpochMs } from "@messnetz/model";
import { StoreUnavailableError } from "../errors.ts";
import { foldWindows } from "../fold.ts";
import type { EmbeddedStore, ObservationQuery, ObservationStore } from "../port.ts";
import { type Database, openDatabase, type StagedCommit } from "./database.ts";
import type { Engine } from "./engine.ts";
import { readLedger } from "./ledger-read.ts";
import { type DuckDbStoreOptions, defaults } from "./options.ts";
import { createPace } from "./pace.ts";
import { project } from "./projection.ts";
import { getEntry, listEntries } from "./quarantine-read.ts";
import { readObservations } from "./read.ts";
import { boundsOf, streamCondition } from "./read-plan.ts";
import { createTurns } from "./turns.ts";

/** Time between two looks at what can wait: folding differences, pruning the quarantine. */
const tidyEveryMs = 60_000;

/** Messages from which on a commit's fixed cost does not matter. */
const largeBatch = 500;

/**
 * The embedded store: one DuckDB file. Commits run one at a time; a commit that fails leaves the database to be opened anew by
 * the next call that writes, so that it recovers by itself once the disk has room again.
 */
export async function openDuckDbStore(options: DuckDbStoreOptions): Promise<EmbeddedStore> {
  const clock = options.clock ?? Date.now;
  const inTurn = createTurns();
  const pace = createPace(options.commitEveryMs ?? defaults.commitEveryMs);
  let database: Database | undefined = await openDatabase(options);
  let failure: { readonly cause: unknown; readonly commit: StagedCommit | undefined } | undefined;
  /** A commit that failed and turned out to be durable after all. */
  let outlived: StagedCommit | undefined;
  let closed = false;
  let tidyDue: EpochMs = clock();

  function current(): Database {
    if (closed) throw new StoreUnavailableError("expected an open store, but it was closed");
    if (database === undefined) throw new StoreUnavailableError("the database could not be opened again yet", failure);
    return database;
  }

  async function sound(): Promise<Database> {
    if (failure === undefined || closed) return current();
    const { cause, commit } = failure;
    const unsound = database;
    database = undefined;
    await unsound?.close();
    database = await openDatabase(options);
    failure = undefined;
    outlived = commit !== undefined && database.ledgerRows() > commit.ledgerRows ? commit : undefined;
    options.onEvent?.({ kind: "reopened", cause });
    return database;
  }

  function writing<T>(what: string, task: (database: Database) => Promise<T>): Promise<T> {
    return inTurn(async () => {
      const sane = await sound();
      try {
        return await task(sane);
      } catch (cause) {
        failure = { cause, commit: sane.underWay };
        throw new StoreUnavailableError(`${what} failed; nothing of it counts as stored`, { cause });
      }
    });
  }

  function tidyWhenDue(): void {
    if (clock() < tidyDue) return;
    tidyDue = clock() + tidyEveryMs;
    writing("tidying", (sane) => sane.tidy(clock())).catch((cause: unknown) => {
      options.onEvent?.({ kind: "upkeep_failed", cause });
    });
  }

  /** What is durable, also while a new database is being opened. */
  const engine = (): Promise<Engine> => Promise.resolve(current().engine);

  const observations: ObservationStore = {
    write: (list) => writing("writing observations", (sane) => sane.write(list)),
    read: (query) => readObservations(engine, () => current().streams, query),
    aggregate: (query, windowMs) => foldWindows(observations.read(query), windowMs),
    latest: async (query) => {
      const selected = current().streams.select(query);
      return selected.flatMap(({ latest }) => latest ?? []).slice(0, query.limit);
    },
    count: async (query) => countObservations(observations, query),
    remove: (query) =>
      writing("removing observations", async (sane) => {
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
      list: async (query) => listEntries(current(), query, clock() - options.quarantine.maxAgeMs),
      get: async (id) => getEntry(current(), id, clock() - options.quarantine.maxAgeMs),
    },
    ledger: { rows: async (query) => readLedger(current(), query) },
    sessions: { load: () => writing("reading sessions", (sane) => sane.sessions.load(clock())) },
    intake: {
      async commit(batch) {
        const result = await writing("the commit", async (sane) => {
          if (batch.messages.length < largeBatch) await pace();
          const before = outlived;
          outlived = undefined;
          return before?.messages === batch.messages ? before.result : sane.commit(batch, clock());
        });
        tidyWhenDue();
        return result;
      },
    },
    check: () => writing("the check", (sane) => sane.beat(clock())),
    close: () =>
      inTurn(async () => {
        if (closed) return;
        closed = true;
        await database?.close();
      }),
  };
}

async function countObservations(observations: ObservationStore, query: ObservationQuery): Promise<number> {
  let count = 0;
  for await (const chunk of observations.read(query)) count += chunk.length;
  return count;
}
