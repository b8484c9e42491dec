import type { EmbeddedStoreOptions } from "../port.ts";

export interface DuckDbStoreOptions extends EmbeddedStoreOptions {
  /** Data directory; made when it is not there. Holds `messnetz.duckdb`, its WAL, and what DuckDB spills. */
  readonly directory: string;
  /** What DuckDB may take of the memory, in MiB. Default 512: a quarter of the smallest box. */
  readonly memoryLimitMb?: number;
  readonly threads?: number;
  /** A commit that finds the WAL at this size, in MiB, stays until it is folded into the database file. */
  readonly checkpointMb?: number;
  /** Identities of the newest observations that are kept in memory to tell repeats without a look at the table. */
  readonly recentIdentities?: number;
}

export const defaults = { memoryLimitMb: 512, threads: 2, checkpointMb: 32, recentIdentities: 1_000_000 };

export const databaseFile = "messnetz.duckdb";
