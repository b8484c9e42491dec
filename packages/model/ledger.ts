import type { Outcome } from "./intake.ts";

/** Counts per source, device and day. `received` is the sum of the outcomes; `observations` are those newly stored. */
export interface LedgerRow extends Readonly<Record<Outcome, number>> {
  readonly source: string;
  readonly device: string;
  readonly day: string;
  readonly received: number;
  readonly observations: number;
}
