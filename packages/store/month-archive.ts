import type { EpochMs } from "@messnetz/model";

/** A file of a closed month: Parquet, sorted by (datastream, phenomenon time, ordinal). */
export interface MonthFile {
  /** Absolute. */
  readonly path: string;
  readonly firstDatastream: string;
  readonly lastDatastream: string;
  readonly rows: number;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

export interface ClosedMonth {
  /** Of UTC, as `2026-03`. */
  readonly month: string;
  /** Counts from 1; the bytes of a revision never change. */
  readonly revision: number;
  readonly rows: number;
  readonly datastreams: number;
  readonly closedAt: EpochMs;
  /** Whether something came for it since, which is not in its files but in every answer. */
  readonly hasLate: boolean;
  /** None where all was removed. */
  readonly files: readonly MonthFile[];
}

/** Months that are over, as files that any tool opens. Reading, counting and removing do not have to know of them. */
export interface MonthArchive {
  list(): readonly ClosedMonth[];
  /**
   * Closes each month that is over and has something that is not in its files, the oldest first; says which. `due`: only those whose
   * grace has passed, and those again whose files are old enough. Goes on where it was killed or failed when it is called again.
   */
  close(which?: "due"): Promise<readonly ClosedMonth[]>;
}
