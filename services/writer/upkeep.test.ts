import { eventually } from "@messnetz/testing";
import { expect, it } from "vitest";
import { startUpkeep } from "./upkeep.ts";

function openTrial(state: { bytes: number; firstSince: number; written: Record<string, number> }) {
  const purged: string[] = [];
  const asked: number[] = [];
  const upkeep = startUpkeep({
    pumps: Object.keys(state.written).map((partition) => ({
      partition,
      writtenTo: () => state.written[partition]!,
      source: () => ({
        fill: () => Promise.resolve({ bytes: state.bytes, maxBytes: 100 }),
        firstSeqSince(instant: number) {
          asked.push(instant);
          return Promise.resolve(state.firstSince);
        },
        async purge(upToSeq: number) {
          if (partition === "broken") throw new Error("no answer");
          purged.push(`${partition} ${upToSeq}`);
        },
      }),
    })),
    keepMs: 1000,
    maxFillPercent: 50,
    everyMs: 2,
    now: () => 10_000,
    events: {
      purged: (_partition, _seq, reason) => purged.push(reason),
      upkeepFailed: (error) => purged.push((error as Error).message),
    },
  });
  return { purged, asked, upkeep };
}

it("takes out of the stream what is older than it is to be kept, never what is not written", async () => {
  const { purged, asked, upkeep } = openTrial({ bytes: 10, firstSince: 8, written: { water: 20, energy: 5 } });
  await eventually("both to be purged", () => purged.length >= 4);
  await upkeep.close();
  expect(purged).toEqual(["water 7", "age", "energy 5", "age"]);
  expect(asked[0]).toBe(9000);
});

it("takes out all that is written when the stream fills up, never what is not written", async () => {
  const { purged, upkeep } = openTrial({ bytes: 51, firstSince: 1, written: { water: 20, energy: 0 } });
  await eventually("one to be purged", () => purged.length >= 2);
  await upkeep.close();
  expect(purged).toEqual(["water 20", "fill"]);
});

it("goes on after a purge that failed", async () => {
  const { purged, upkeep } = openTrial({ bytes: 51, firstSince: 1, written: { broken: 20 } });
  await eventually("it to be tried again", () => purged.length >= 2);
  await upkeep.close();
  expect(purged.slice(0, 2)).toEqual(["no answer", "no answer"]);
});

it("begins again where the numbers of a stream begin again", async () => {
  const written = { water: 20 };
  const state = { bytes: 51, firstSince: 1, written };
  const { purged, upkeep } = openTrial(state);
  await eventually("it to be purged", () => purged.length >= 2);
  written.water = 3;
  await eventually("the new one to be purged", () => purged.length >= 4);
  await upkeep.close();
  expect(purged).toEqual(["water 20", "fill", "water 3", "fill"]);
});
