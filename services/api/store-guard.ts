import type {
  AggregateChunk,
  AggregateColumn,
  LedgerRow,
  ObservationChunk,
  Observation,
  QuarantineEntry,
} from "@messnetz/model";
import {
  type AuditLog,
  type ErasurePreview,
  type ErasureReceipt,
  type Eraser,
  type Ledger,
  type LedgerQuery,
  type MonthArchive,
  type ObservationStore,
  type QuarantineQuery,
  type QuarantineStore,
  type ReadOptions,
  StoreUnavailableError,
} from "@messnetz/store";
import { type PlannedQuery, queryOf } from "./plan.ts";
import { type PlannedRemoval, removalOf } from "./plan-removal.ts";
import { admits, type PlannedSources, sourcesOf } from "./plan-sources.ts";
import { Problem } from "./problem.ts";

/** What of a store the API asks. */
export interface ReadableStore {
  readonly observations: Pick<ObservationStore, "read" | "latest" | "aggregate">;
  readonly quarantine: Pick<QuarantineStore, "list" | "get">;
  readonly ledger: Ledger;
  readonly audit: AuditLog;
  readonly eraser: Eraser;
  /** Absent where observations are in InfluxDB: nothing of it is ever closed. */
  readonly months?: MonthArchive;
}

/** Of the quarantine, newest first: what the principal may see of the entries that were read. */
export interface QuarantinePage {
  readonly entries: readonly QuarantineEntry[];
  /** The last one read, seen or not; absent where nothing was there. */
  readonly last?: Pick<QuarantineEntry, "receivedAt" | "id">;
  /** Nothing follows. */
  readonly isEnd: boolean;
}

/** What the resources ask: only planned questions are answered, and the audit log is written through the recorder alone. */
export interface GuardedStore {
  readonly observations: {
    read(query: PlannedQuery, options?: ReadOptions): AsyncIterable<ObservationChunk>;
    latest(query: PlannedQuery): Promise<readonly Observation[]>;
    /** `windowMs`: 900_000 or 3_600_000. */
    aggregate(
      query: PlannedQuery,
      windowMs: number,
      columns?: ReadonlySet<AggregateColumn>,
    ): AsyncIterable<AggregateChunk>;
  };
  readonly quarantine: {
    list(sources: PlannedSources, query: Omit<QuarantineQuery, "sources">): Promise<QuarantinePage>;
    get(sources: PlannedSources, id: string): ReturnType<QuarantineStore["get"]>;
  };
  readonly ledger: {
    rows(sources: PlannedSources, query: Omit<LedgerQuery, "sources">): Promise<readonly LedgerRow[]>;
  };
  readonly audit: Pick<AuditLog, "list" | "verify">;
  readonly eraser: {
    preview(removal: PlannedRemoval): Promise<ErasurePreview>;
    /** As long as it takes: months may have to be written anew. */
    erase(removal: PlannedRemoval): Promise<ErasureReceipt>;
  };
  readonly months: MonthArchive | undefined;
}

const retryAfterSeconds = 5;

/** The store, with every failure and every answer that takes longer than the limit turned into the problem `unavailable`. */
export function guardStore(store: ReadableStore, timeoutMs: number): GuardedStore {
  const ask = <T>(answer: Promise<T>): Promise<T> => withinLimit(answer, timeoutMs);
  return {
    observations: {
      read: (plan, options) => readGuarded(store.observations.read(queryOf(plan), options), timeoutMs, options?.signal),
      latest: async (plan) => ask(store.observations.latest(queryOf(plan))),
      aggregate: (plan, windowMs, columns) =>
        readGuarded(store.observations.aggregate(queryOf(plan), windowMs, columns), timeoutMs),
    },
    quarantine: {
      async list(plan, query) {
        const read = await ask(store.quarantine.list({ ...query, ...sourcesOf(plan) }));
        const last = read.at(-1);
        const entries = read.filter((entry) => admits(plan, entry));
        return { entries, ...(last && { last }), isEnd: read.length < query.limit };
      },
      async get(plan, id) {
        const entry = await ask(store.quarantine.get(id));
        return entry !== undefined && admits(plan, entry) ? entry : undefined;
      },
    },
    ledger: {
      async rows(plan, query) {
        const rows = await ask(store.ledger.rows({ ...query, ...sourcesOf(plan) }));
        return rows.filter((row) => admits(plan, row));
      },
    },
    audit: { list: async (query) => ask(store.audit.list(query)), verify: async () => ask(store.audit.verify()) },
    eraser: {
      preview: async (plan) => ask(store.eraser.preview(removalOf(plan))),
      erase: async (plan) => orUnavailable(store.eraser.erase(removalOf(plan)), somethingMayBeGone),
    },
    months: store.months && {
      list: () => store.months!.list(),
      close: async (which) => orUnavailable(store.months!.close(which), closingGoesOn),
    },
  };
}

async function* readGuarded<T>(answer: AsyncIterable<T>, timeoutMs: number, signal?: AbortSignal): AsyncGenerator<T> {
  const chunks = answer[Symbol.asyncIterator]();
  let isRunning = true;
  try {
    for (;;) {
      const next = await withinLimit(chunks.next(), timeoutMs, signal);
      if (next.done === true) {
        isRunning = false;
        return;
      }
      yield next.value;
    }
  } finally {
    // A read that hangs would keep `return` waiting too: it is told, not waited for.
    if (isRunning) void Promise.resolve(chunks.return?.()).catch(() => undefined);
  }
}

const nothingLost = "expected the store to answer; it failed or took too long. Nothing is lost: ask again";
const somethingMayBeGone =
  "expected the store to erase all of it; it failed, and some of it may be gone: ask again for the rest";
const closingGoesOn = "expected the store to close its months; it failed. Nothing is lost: ask again";

/** Whoever gives the signal up waits no longer, also for a store that cannot be stopped. */
async function withinLimit<T>(answer: Promise<T>, timeoutMs: number, signal?: AbortSignal): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const giveUp = (): void => reject(signal?.reason);
  if (signal?.aborted === true) giveUp();
  signal?.addEventListener("abort", giveUp);
  try {
    return await orUnavailable(Promise.race([answer, late]), nothingLost);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

async function orUnavailable<T>(answer: Promise<T>, why: string): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    // What a store says of itself is for who may erase; elsewhere the same text stands for all that can go wrong.
    const text =
      why === somethingMayBeGone && cause instanceof StoreUnavailableError ? `${why}: ${cause.message}` : why;
    throw new Problem("unavailable", text, { cause, retryAfterSeconds: retryAfter(cause) });
  }
}

/** Seconds: what the store asks for, if it does. */
function retryAfter(cause: unknown): number {
  if (!(cause instanceof StoreUnavailableError) || cause.retryAfterMs === undefined) return retryAfterSeconds;
  return Math.max(1, Math.ceil(cause.retryAfterMs / 1000));
}
