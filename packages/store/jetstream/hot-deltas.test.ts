import { expect, it } from "vitest";
import { emptyCounts } from "../ledger-tally.ts";
import { createHotDeltas } from "./hot-deltas.ts";
import { ledgerBegin as position, packTallies } from "./ledger-record.ts";

const [tallies] = packTallies([{ source: "a", device: "x:1", day: "2026-03-01", counts: emptyCounts() }], 1000);

it("lets go of what the days hold", () => {
  const hot = createHotDeltas();
  for (const seq of [1, 2, 3, 5]) hot.take(seq, "water", { position, tallies });
  hot.take(4, "waste", { position, tallies });
  expect(hot.sizeOf("water")).toBe(8);
  hot.take(6, "water", { position, foldedTo: 3 });
  expect(hot.of("water").map(({ seq }) => seq)).toEqual([5]);
  expect(hot.sizeOf("water")).toBe(2);
  expect(hot.of("waste")).toHaveLength(1);
});

it("gives a list that stays as it is", () => {
  const hot = createHotDeltas();
  hot.take(1, "water", { position, tallies });
  const before = hot.of("water");
  hot.take(2, "water", { position, tallies });
  hot.take(3, "water", { position, foldedTo: 2 });
  expect(before.map(({ seq }) => seq)).toEqual([1]);
});
