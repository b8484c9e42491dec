import { type ReceivedRow, rowFlags } from "@messnetz/model";
import { type Counts, emptyCounts, type Tally, TallySheet } from "./ledger-tally.ts";
import { type MessageParts, outcomeOf } from "./outcome.ts";

/** What the store found of an observation: it was there, it is new, it replaces an earlier decoding. */
export const fates = { repeated: 0, added: 1, corrected: 2 } as const;

/** An observation, by its place among all of the rows, that the store would not take in the end, and whether its bytes were kept. */
export interface RefusedPart {
  readonly index: number;
  readonly quarantine: "kept" | "full";
}

interface Parts {
  observations: number;
  changed: number;
  added: number;
}

/** How the messages of the rows end, counted. `fatesOf` has one of `fates` for each observation of the rows. */
export function tallyRows(rows: Iterable<ReceivedRow>, fatesOf: Uint8Array): Tally[] {
  const sheet = new TallySheet();
  let from = 0;
  for (const row of rows) {
    const to = from + row.observations;
    const parts = partsOf(fatesOf, from, to);
    sheet.add(toTally(row, countsOf(row, parts, quarantineOf(row.flags))));
    from = to;
  }
  return [...sheet.tallies()];
}

/** What `tallyRows` counted too much or too little, now that the store has refused some observations: to be added, partly negative. */
export function tallyRefusals(
  rows: Iterable<ReceivedRow>,
  fatesOf: Uint8Array,
  refused: readonly RefusedPart[],
): Tally[] {
  const byIndex = new Map(refused.map((part) => [part.index, part.quarantine]));
  const sheet = new TallySheet();
  let from = 0;
  for (const row of rows) {
    const to = from + row.observations;
    const before = partsOf(fatesOf, from, to);
    const after = { ...before };
    let quarantine = quarantineOf(row.flags);
    let isTouched = false;
    for (let index = from; index < to; index++) {
      const where = byIndex.get(index);
      if (where === undefined) continue;
      isTouched = true;
      if (quarantine !== "full") quarantine = where;
      after.observations -= 1;
      if (fatesOf[index] !== fates.repeated) after.changed -= 1;
      if (fatesOf[index] === fates.added) after.added -= 1;
    }
    if (isTouched) {
      sheet.add(toTally(row, countsOf(row, after, quarantine)));
      sheet.add(toTally(row, negated(countsOf(row, before, quarantineOf(row.flags)))));
    }
    from = to;
  }
  return [...sheet.tallies()];
}

function partsOf(fatesOf: Uint8Array, from: number, to: number): Parts {
  if (to > fatesOf.length)
    throw new RangeError(`expected a fate for each of ${to} observations, came ${fatesOf.length}`);
  const parts: Parts = { observations: to - from, changed: 0, added: 0 };
  for (let index = from; index < to; index++) {
    if (fatesOf[index] !== fates.repeated) parts.changed += 1;
    if (fatesOf[index] === fates.added) parts.added += 1;
  }
  return parts;
}

function quarantineOf(flags: number): MessageParts["quarantine"] {
  if ((flags & rowFlags.full) !== 0) return "full";
  if ((flags & rowFlags.kept) !== 0) return "kept";
  return (flags & rowFlags.known) === 0 ? undefined : "known";
}

function countsOf(row: ReceivedRow, parts: Parts, quarantine: MessageParts["quarantine"]): Counts {
  if ((row.flags & rowFlags.continued) !== 0) return { ...emptyCounts(), observations: parts.added };
  const repeated = (row.flags & rowFlags.repeated) !== 0;
  const outcome = outcomeOf({ observations: parts.observations, repeated }, { changed: parts.changed, quarantine });
  return { ...emptyCounts(), [outcome]: 1, observations: parts.added };
}

function negated(counts: Counts): Counts {
  const negative = { ...counts };
  for (const key of Object.keys(counts) as (keyof Counts)[]) negative[key] = -counts[key];
  return negative;
}

function toTally({ source, device, day }: ReceivedRow, counts: Counts): Tally {
  return { source, device, day, counts };
}
