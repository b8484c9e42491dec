import { type IntakeMessage, type LedgerRow, type Outcome, outcomes } from "@messnetz/model";
import { compareText } from "./order.ts";

export type Counts = Record<Outcome | "observations", number>;

export interface Tally {
  readonly source: string;
  readonly device: string;
  readonly day: string;
  readonly counts: Counts;
}

export function emptyCounts(): Counts {
  return { stored: 0, partial: 0, skipped: 0, duplicate: 0, quarantined: 0, refused: 0, observations: 0 };
}

/** Counts per source, device and day. */
export class TallySheet {
  readonly #tallies = new Map<string, Map<string, Map<string, Tally>>>();

  count(message: IntakeMessage, outcome: Outcome, observations: number): void {
    const { counts } = this.#tally(message.message.source, message.device, message.day);
    counts[outcome] += 1;
    counts.observations += observations;
  }

  *tallies(): Generator<Tally> {
    for (const byDevice of this.#tallies.values()) for (const byDay of byDevice.values()) yield* byDay.values();
  }

  #tally(source: string, device: string, day: string): Tally {
    let byDevice = this.#tallies.get(source);
    if (byDevice === undefined) this.#tallies.set(source, (byDevice = new Map()));
    let byDay = byDevice.get(device);
    if (byDay === undefined) byDevice.set(device, (byDay = new Map()));
    let tally = byDay.get(day);
    if (tally === undefined) byDay.set(day, (tally = { source, device, day, counts: emptyCounts() }));
    return tally;
  }
}

export function toLedgerRow({ source, device, day, counts }: Tally): LedgerRow {
  const received = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
  return { source, device, day, ...counts, received };
}

export function compareLedgerRows(a: LedgerRow, b: LedgerRow): number {
  return compareText(a.day, b.day) || compareText(a.source, b.source) || compareText(a.device, b.device);
}
