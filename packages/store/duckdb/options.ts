import { join } from "node:path";
import type { EmbeddedStoreOptions } from "../port.ts";

export interface DuckDbStoreOptions extends EmbeddedStoreOptions {
  /** Data directory; made when it is not there. Holds `messnetz.duckdb`, its WAL, what DuckDB spills, and `months` with closed months. */
  readonly directory: string;
  /** What DuckDB may take of the memory, in MiB. Default 512: a quarter of the smallest box. */
  readonly memoryLimitMb?: number;
  /** Of one query, beside those that ask at the same time. Default 1: more cost a commit a third more and a read gains nothing. */
  readonly threads?: number;
  /** A commit that finds the WAL at this size, in MiB, stays until it is folded into the database file. */
  readonly checkpointMb?: number;
  /**
   * Small commits begin at least this far apart, in ms, so that those who come meanwhile share the next. A commit costs 1 to 3 ms of
   * CPU however little is in it. The first after a pause waits for nothing. Default 10.
   */
  readonly commitEveryMs?: number;
  /** Rows of differences (ledger) and of events (sessions, receipts) from which on they are added up in the background. Default 250,000. */
  readonly foldAtRows?: number;
  /** Identities of the newest observations that are kept in memory to tell repeats without a look at the table. */
  readonly recentIdentities?: number;
  /** Months are closed by themselves this long after their end, in ms. Default: three days. */
  readonly monthGraceMs?: number;
  /** A closed month takes up what came late by itself when its files are this old, in ms. Default: a week. */
  readonly monthRenewalMs?: number;
  /** Rows of one file of a closed month, at most (about). Default: half a million; more need more memory to sort and to write. */
  readonly rowsPerFile?: number;
}

const dayMs = 86_400_000;

export const defaults = {
  memoryLimitMb: 512,
  threads: 1,
  checkpointMb: 32,
  commitEveryMs: 10,
  foldAtRows: 250_000,
  recentIdentities: 1_000_000,
  monthGraceMs: 3 * dayMs,
  monthRenewalMs: 7 * dayMs,
  rowsPerFile: 500_000,
};

export const databaseFile = "messnetz.duckdb";

export function monthsFolder(directory: string): string {
  return join(directory, "months");
}
