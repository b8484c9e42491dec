import type { ObservationChunk } from "@messnetz/model";
import {
  type AuditLog,
  type Ledger,
  type ObservationQuery,
  type ObservationStore,
  type QuarantineStore,
  StoreUnavailableError,
} from "@messnetz/store";
import { Problem } from "./problem.ts";

/** What of a store the API asks. */
export interface ReadableStore {
  readonly observations: Pick<ObservationStore, "read" | "latest">;
  readonly quarantine: QuarantineStore;
  readonly ledger: Ledger;
  readonly audit: AuditLog;
}

/** What the resources ask: the audit log is written through the recorder alone. */
export interface GuardedStore extends Omit<ReadableStore, "audit"> {
  readonly audit: Pick<AuditLog, "list">;
}

const retryAfterSeconds = 5;

/** The store, with every failure and every answer that takes longer than the limit turned into the problem `unavailable`. */
export function guardStore(store: ReadableStore, timeoutMs: number): GuardedStore {
  const ask = <T>(answer: Promise<T>): Promise<T> => withinLimit(answer, timeoutMs);
  return {
    observations: {
      read: (query) => readGuarded(store.observations, query, timeoutMs),
      latest: async (query) => ask(store.observations.latest(query)),
    },
    quarantine: {
      list: async (query) => ask(store.quarantine.list(query)),
      get: async (id) => ask(store.quarantine.get(id)),
    },
    ledger: { rows: async (query) => ask(store.ledger.rows(query)) },
    audit: { list: async (query) => ask(store.audit.list(query)) },
  };
}

async function* readGuarded(
  observations: ReadableStore["observations"],
  query: ObservationQuery,
  timeoutMs: number,
): AsyncGenerator<ObservationChunk> {
  const chunks = observations.read(query)[Symbol.asyncIterator]();
  let isRunning = true;
  try {
    for (;;) {
      const next = await withinLimit(chunks.next(), timeoutMs);
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

async function withinLimit<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem(
      "unavailable",
      "expected the store to answer; it failed or took too long. Nothing is lost: ask again",
      {
        cause,
        retryAfterSeconds: retryAfter(cause),
      },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Seconds: what the store asks for, if it does. */
function retryAfter(cause: unknown): number {
  if (!(cause instanceof StoreUnavailableError) || cause.retryAfterMs === undefined) return retryAfterSeconds;
  return Math.max(1, Math.ceil(cause.retryAfterMs / 1000));
}
