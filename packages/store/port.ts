import type {
  AggregateChunk,
  AggregateColumn,
  EpochMs,
  IntakeBatch,
  IntakeResult,
  Interval,
  LedgerRow,
  Observation,
  ObservationChunk,
  QuarantineEntry,
  SeenDelivery,
} from "@messnetz/model";
import type { MonthArchive } from "./month-archive.ts";

/** Which observations. What is absent does not restrict; an empty list matches nothing. */
export interface ObservationQuery {
  readonly datastreams?: readonly string[];
  readonly things?: readonly string[];
  readonly properties?: readonly string[];
  /** Half-open, by phenomenon time. */
  readonly interval?: Interval;
  /** Keyset: only what comes after this identity in the order (datastream, phenomenonTime, ordinal). */
  readonly after?: ObservationKey;
  readonly limit?: number;
}

/** How it is read, beside what. */
export interface ReadOptions {
  /** Once it aborts, what is being fetched is cancelled where the store can, and reading fails with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** The reader has done with a chunk when it asks for the next: the store may fill it again. */
  readonly passing?: boolean;
}

export interface ObservationKey {
  readonly datastream: string;
  readonly phenomenonTime: EpochMs;
  readonly ordinal: number;
}

export type RemovalQuery = Omit<ObservationQuery, "after" | "limit">;

export interface RemovalReceipt {
  readonly observations: number;
  readonly datastreams: number;
  /** Those of `observations` that lay in closed months; absent where a store has none. */
  readonly closed?: number;
  /** Closed months that got their next revision by it, as `2026-03`; absent where a store has none. */
  readonly months?: readonly string[];
  readonly removedAt: EpochMs;
}

export interface WriteResult {
  /** How many were not there before. */
  readonly added: number;
  /** How many replaced an earlier decoding. */
  readonly corrected: number;
}

/** Durable before it resolves; idempotent; rejects when nothing may be taken for stored. */
export interface ObservationStore {
  write(observations: readonly Observation[]): Promise<WriteResult>;
  /** Ascending by (datastream, phenomenonTime, ordinal). Stops fetching when the reader stops. */
  read(query: ObservationQuery, options?: ReadOptions): AsyncIterable<ObservationChunk>;
  /**
   * What the observations that the query selects did in each fixed UTC window, ascending by (datastream, from). `windowMs`: 900_000 or
   * 3_600_000. An amount whose interval ends with the query's interval is not selected: who wants it reads one window further.
   * `columns`: those that the reader looks at; a store may leave NaN in all others. Absent: all.
   */
  aggregate(
    query: ObservationQuery,
    windowMs: number,
    columns?: ReadonlySet<AggregateColumn>,
  ): AsyncIterable<AggregateChunk>;
  /** The newest observation of every datastream that the query names, by datastream; never a scan. `interval` and `after` are not looked at. */
  latest(query: ObservationQuery): Promise<readonly Observation[]>;
  count(query: ObservationQuery): Promise<number>;
  /**
   * Durable when it resolves. All that the query names: an erasure is never a page. One that was cut short (killed, or rejected) has
   * removed some of it: it is to be repeated.
   */
  remove(query: RemovalQuery): Promise<RemovalReceipt>;
}

export interface QuarantineQuery {
  readonly sources?: readonly string[];
  readonly interval?: Interval;
  /** Newest first; only what is older than this entry. */
  readonly before?: { readonly receivedAt: EpochMs; readonly id: string };
  readonly limit: number;
}

/** Which entries are to go: an entry must meet each of what is given, and nothing given means none. */
export interface QuarantineRemoval {
  readonly sources?: readonly string[];
  readonly devices?: readonly string[];
  /** Half-open, by the time of receipt. */
  readonly interval?: Interval;
}

export interface QuarantineStore {
  list(query: QuarantineQuery): Promise<readonly QuarantineEntry[]>;
  /** Raw bytes and all; says how many entries. Durable when it resolves. */
  remove(query: QuarantineRemoval): Promise<number>;
  get(id: string): Promise<(QuarantineEntry & { readonly payload: Uint8Array }) | undefined>;
}

export interface LedgerQuery {
  readonly sources?: readonly string[];
  readonly devices?: readonly string[];
  /** First and last day, `YYYY-MM-DD`, both included. */
  readonly fromDay?: string;
  readonly toDay?: string;
}

export interface Ledger {
  /** By (day, source, device). */
  rows(query: LedgerQuery): Promise<readonly LedgerRow[]>;
}

export interface OpenSession {
  readonly client: string;
  readonly expiryMs: number;
  /** Undefined while connected (or when the process was killed). */
  readonly closedAt?: EpochMs;
  /** QoS 2 packet ids that were received and not released. */
  readonly openPacketIds: readonly number[];
}

export interface SessionSnapshot {
  readonly sessions: readonly OpenSession[];
  readonly receipts: readonly { client: string; packetId: number; payloadHash: string; receivedAt: EpochMs }[];
  /** In order of arrival: the newest, of the last two days. */
  readonly deliveries: readonly SeenDelivery[];
}

export interface SessionStore {
  load(): Promise<SessionSnapshot>;
}

/** What somebody did, as it is written down. */
export interface AuditFact {
  /** Id of who did it: a user, a token, or the process itself. */
  readonly principal: string;
  /** What was done, in a word of a closed set: `export`, `remove`, `token.create`, … */
  readonly action: string;
  /** To what: an id, a path, a query. */
  readonly subject: string;
  /** `done`, `refused` or `failed`, and perhaps why. */
  readonly outcome: string;
  /** How many rows it concerned, where that can be counted. */
  readonly rows?: number;
}

/** A fact in its place of the chain: nobody can change, drop or insert one without breaking what follows. */
export interface AuditEntry extends AuditFact {
  /** Ascending without gaps. */
  readonly seq: number;
  /** When it was written down; never before the entry before it. */
  readonly at: EpochMs;
  /** Hash of the entry before; empty for the first. */
  readonly previous: string;
  /** SHA-256 over `previous` and everything above, in hex. */
  readonly hash: string;
}

export interface AuditQuery {
  readonly principals?: readonly string[];
  readonly actions?: readonly string[];
  readonly interval?: Interval;
  /** Newest first; only what is older than the entry of this number. */
  readonly before?: number;
  readonly limit: number;
}

export interface AuditVerdict {
  readonly entries: number;
  /** The first entry that does not follow from the one before it; absent where the chain is whole. */
  readonly brokenAt?: number;
}

export interface AuditLog {
  /**
   * Durable when it resolves, in this order; rejects when not all of them are, with an AuditLogFullError where it has no room. The same
   * objects may be given again then.
   */
  append(facts: readonly AuditFact[]): Promise<void>;
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Reads everything and computes the chain anew. */
  verify(): Promise<AuditVerdict>;
  close(): Promise<void>;
}

/** Takes what was received: observations, quarantine, ledger, receipts and sessions become durable together, or not at all. */
export interface IntakeStore {
  commit(batch: IntakeBatch): Promise<IntakeResult>;
}

/** Per credential. Beyond them a message is counted as `refused` and not kept. */
export interface QuarantineLimits {
  /** Of what is kept and not too old: `keptBytes` of each entry. */
  readonly maxBytes: number;
  /** Older entries are gone from the listing, and from the disk soon after. */
  readonly maxAgeMs: number;
}

/** What a store may say about itself between calls. */
export type StoreEvent =
  /** The database was closed and opened again after a failed commit; `cause` is why that failed. */
  | { readonly kind: "reopened"; readonly cause: unknown }
  /**
   * A step of closing a month, or of removing from a closed one: `frozen`, what comes from now on waits for the next revision; `written`, its
   * files are complete; `entered`, they stand for the rows; `cleared`, nothing of what they replace is left.
   */
  | {
      readonly kind: "month";
      readonly month: string;
      readonly revision: number;
      readonly step: "frozen" | "written" | "entered" | "cleared";
    }
  /** Folding or pruning in the background failed; it is tried again later, nothing is lost. */
  | { readonly kind: "upkeep_failed"; readonly cause: unknown };

export interface EmbeddedStoreOptions {
  readonly quarantine: QuarantineLimits;
  /** Now; the ages of quarantine entries, receipts and sessions count from it. Default: the system's clock. */
  readonly clock?: () => EpochMs;
  readonly onEvent?: (event: StoreEvent) => void;
}

/** All of it in one place: what the embedded constellation runs on. */
export interface EmbeddedStore {
  readonly observations: ObservationStore;
  readonly quarantine: QuarantineStore;
  readonly ledger: Ledger;
  readonly sessions: SessionStore;
  readonly intake: IntakeStore;
  readonly months: MonthArchive;
  /** Resolves when a small write has become durable; rejects with what is wrong. */
  check(): Promise<void>;
  close(): Promise<void>;
}
