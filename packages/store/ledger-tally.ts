import { type IntakeMessage, type LedgerRow, noOutcomes, type Outcome, outcomes } from "@messnetz/model";
import { compareText } from "./order.ts";

export type Counts = Record<Outcome | "observations", number>;

export interface Tally {
  readonly source: string;
  readonly device: string;
  readonly day: string;
  readonly counts: Counts;
}

export function emptyCounts(): Counts {
  return { ...noOutcomes(), observations: 0 };
}

/** Counts per source, device and day. */
export class TallySheet {
  /** Of one device there is hardly ever more than one in a batch. */
  readonly #byDevice = new Map<string, Tally[]>();

  count({ message: { source }, device, day }: IntakeMessage, outcome: Outcome, observations: number): void {
    const counts = this.#countsOf(source, device, day);
    counts[outcome] += 1;
    counts.observations += observations;
  }

  /** Counts of a correction may be negative. */
  add({ source, device, day, counts }: Tally): void {
    const sums = this.#countsOf(source, device, day);
    for (const outcome of outcomes) sums[outcome] += counts[outcome];
    sums.observations += counts.observations;
  }

  #countsOf(source: string, device: string, day: string): Counts {
    let ofDevice = this.#byDevice.get(device);
    if (ofDevice === undefined) this.#byDevice.set(device, (ofDevice = []));
    let tally = ofDevice.find((one) => one.day === day && one.source === source);
    if (tally === undefined) ofDevice.push((tally = { source, device, day, counts: emptyCounts() }));
    return tally.counts;
  }

  *tallies(): Generator<Tally> {
    for (const tallies of this.#byDevice.values()) yield* tallies;
  }
}

export function toLedgerRow({ source, device, day, counts }: Tally): LedgerRow {
  const received = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
  return { source, device, day, ...counts, received };
}

export function compareLedgerRows(a: LedgerRow, b: LedgerRow): number {
  return compareText(a.day, b.day) || compareText(a.source, b.source) || compareText(a.device, b.device);
}
