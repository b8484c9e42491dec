import { setImmediate as turn } from "node:timers/promises";
import type { DecodedBusMessage } from "@messnetz/bus";
import type { Observation, ReceivedRow } from "@messnetz/model";
import { createBackOff } from "@messnetz/runtime";
import { anObservation, eventually } from "@messnetz/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPersistence } from "./persist.ts";
import { type Pump, startPump } from "./pump.ts";
import {
  createTrialKeeper,
  createTrialLedger,
  createTrialStore,
  createTrialStream,
  type Fault,
  TrialReplacedError,
  TrialTakenError,
} from "./trial-partition.fixture.ts";
import { createWriteObservations } from "./write-observations.ts";

const quick = () => createBackOff({ firstMs: 1, maxMs: 2, random: () => 0 });
const refusedDatastream = "refused/level";

interface TrialOptions {
  readonly fault?: Fault;
  readonly maxObservations?: number;
  readonly chunk?: number;
  /** How many turns of the event loop the store takes for a call. */
  readonly turns?: number;
  /** The quarantine takes nothing. */
  readonly isFull?: boolean;
}

function openTrial(options: TrialOptions = {}) {
  const stream = createTrialStream(options.fault);
  const ledger = createTrialLedger(options.fault);
  const { store, stored } = createTrialStore(({ datastream }) => datastream === refusedDatastream, options.fault);
  const { keeper, kept } = createTrialKeeper(options.fault, options.isFull ? 0 : Number.POSITIVE_INFINITY);
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  const start = (): Pump =>
    startPump({
      partition: "water",
      claim: async () => ledger.claim(),
      subscribe: async (_partition, { fromSeq }) => stream.subscribe(fromSeq, options.chunk ?? 3),
      resumeAt: (error) => (error instanceof TrialReplacedError ? error.resumeAt : undefined),
      isTaken: (error) => error instanceof TrialTakenError,
      limits: { maxObservations: options.maxObservations ?? 4, maxBytes: 1_000_000 },
      workingEveryMs: 1000,
      backOff: quick(),
      takenBackOff: quick(),
      events: {
        claimed: tell("claimed"),
        taken: tell("taken"),
        replaced: tell("replaced"),
        failed: tell("failed"),
        settled: tell("settled"),
      },
      work: createWriteObservations({
        domain: "water",
        read: stream.read,
        store,
        keeper,
        maxKeptBytes: () => 1000,
        day: () => "2026-03-28",
        learn: () => {},
        async persist(call) {
          for (let n = 0; n < (options.turns ?? 0); n++) await turn();
          return call();
        },
        events: {
          poison: tell("poison"),
          badElements: tell("badElements"),
          refused: tell("refused"),
          quarantineFull: tell("quarantineFull"),
          written: tell("written"),
        },
      }),
    });
  return { stream, ledger, stored, kept, told, start };
}

function aRow(observations: number, differences: Partial<ReceivedRow> = {}): ReceivedRow {
  return { day: "2026-03-28", source: "gauges", device: "mac:1", observations, flags: 0, ...differences };
}

function contentOf(...groups: (readonly Observation[])[]): DecodedBusMessage {
  return { observations: groups.flat(), rows: groups.map((group) => aRow(group.length)), bad: [] };
}

const observationArbitrary = fc
  .record({
    datastream: fc.constantFrom("a/level", "b/level", refusedDatastream),
    phenomenonTime: fc.integer({ min: 0, max: 4 }),
    revision: fc.integer({ min: 1, max: 3 }),
    result: fc.integer({ min: 0, max: 1000 }),
  })
  .map((differences) => anObservation(differences));

const contentArbitrary: fc.Arbitrary<DecodedBusMessage> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ poison: "not JSON" }) },
  {
    weight: 8,
    arbitrary: fc
      .array(
        fc.record({
          observations: fc.array(observationArbitrary, { maxLength: 3 }),
          isSpoilt: fc.boolean(),
          device: fc.constantFrom("mac:1", "mac:2"),
          flags: fc.constantFrom(0, 1, 2, 8),
        }),
        { maxLength: 4 },
      )
      .map((groups) => {
        let index = 0;
        const bad: { index: number; reason: string; json: string }[] = [];
        const rows = groups.map(({ observations, isSpoilt, device, flags }) => {
          // The bad element is the last of its row.
          const count = observations.length + (isSpoilt ? 1 : 0);
          index += count;
          if (isSpoilt) bad.push({ index: index - 1, reason: "no datastream", json: JSON.stringify({ index }) });
          return aRow(count, { device, flags });
        });
        return { observations: groups.flatMap(({ observations }) => observations), rows, bad };
      }),
  },
);

/** What it comes to when nothing fails and every message is a batch of its own. */
async function settleOneByOne(contents: readonly DecodedBusMessage[]) {
  const trial = openTrial({ maxObservations: 1, chunk: 1 });
  for (const content of contents) trial.stream.publish(content);
  const pump = trial.start();
  await eventually("all to be settled", () => trial.stream.acknowledged.size === contents.length);
  await pump.close(1000);
  return trial;
}

describe("the pump", () => {
  it("writes, counts and quarantines the same, whatever the batches and wherever it is killed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(contentArbitrary, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        async (contents, failures, maxObservations) => {
          const expected = await settleOneByOne(contents);
          let next = 0;
          let calls = 0;
          const fault = (step: string): void => {
            const after = failures[next];
            if (after === undefined || ++calls < after) return;
            next++;
            calls = 0;
            throw new Error(`killed at ${step}`);
          };
          const trial = openTrial({ fault, maxObservations });
          for (const content of contents) trial.stream.publish(content);
          const pump = trial.start();
          await eventually("all to be settled", () => trial.stream.acknowledged.size === contents.length);
          await pump.close(1000);

          expect([...trial.stored]).toEqual(expect.arrayContaining([...expected.stored]));
          expect(trial.stored.size).toBe(expected.stored.size);
          expect(trial.ledger.counts()).toEqual(expected.ledger.counts());
          expect(new Set(trial.kept.keys())).toEqual(new Set(expected.kept.keys()));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("counts a message in part refused as partial, and one wholly refused as quarantined", async () => {
    const good = anObservation({ datastream: "a/level" });
    const refused = anObservation({ datastream: refusedDatastream });
    const trial = await settleOneByOne([
      contentOf([good, refused]),
      contentOf([{ ...refused, phenomenonTime: 1 }]),
      contentOf([good]),
    ]);
    expect(Object.values(trial.ledger.counts())).toEqual([
      { stored: 0, partial: 1, skipped: 0, duplicate: 1, quarantined: 1, refused: 0, observations: 1 },
    ]);
    expect([...trial.kept.values()].map(({ refusals }) => refusals[0]!.code)).toEqual([
      "store_refused",
      "store_refused",
    ]);
    expect([...trial.kept.values()].every(({ observations }) => observations.length > 0)).toBe(true);
  });

  it("counts as refused what the quarantine has no room for", async () => {
    const refused = anObservation({ datastream: refusedDatastream });
    const bad: DecodedBusMessage = {
      observations: [],
      rows: [aRow(1, { device: "mac:2" })],
      bad: [{ index: 0, reason: "no datastream", json: "{}" }],
    };
    const trial = openTrial({ isFull: true });
    trial.stream.publish(contentOf([refused, anObservation({ datastream: "a/level" })]));
    trial.stream.publish(bad);
    const pump = trial.start();
    await eventually("all to be settled", () => trial.stream.acknowledged.size === 2);
    await pump.close(1000);
    const sums = Object.values(trial.ledger.counts());
    expect(sums).toMatchObject([
      { refused: 1, stored: 0, partial: 0, observations: 1 },
      { refused: 1, stored: 0, quarantined: 0, observations: 0 },
    ]);
    expect(trial.told).toContain("quarantineFull");
  });

  it("of one identity the later revision stands, over several batches and repeats", async () => {
    const first = anObservation({ datastream: "a/level", revision: 2, result: 1 });
    const trial = await settleOneByOne([
      contentOf([first]),
      contentOf([{ ...first, revision: 1, result: 2 }]),
      contentOf([{ ...first, revision: 3, result: 3 }]),
      contentOf([{ ...first, revision: 3, result: 4 }]),
    ]);
    expect([...trial.stored.values()].map(({ result }) => result)).toEqual([3]);
  });

  it("gathers while the former batch is being written, and not more than the limits", async () => {
    const trial = openTrial({ maxObservations: 6, chunk: 100, turns: 20 });
    for (let n = 0; n < 20; n++) trial.stream.publish(contentOf([anObservation({ phenomenonTime: n })]));
    const pump = trial.start();
    await eventually("all to be settled", () => trial.stream.acknowledged.size === 20);
    await pump.close(1000);
    const batches = trial.told.filter((what) => what === "settled").length;
    expect(batches).toBeGreaterThanOrEqual(4);
    expect(batches).toBeLessThan(10);
  });

  it("while two have a partition each is told, nothing is lost and everything is counted once", async () => {
    const trial = openTrial({ maxObservations: 1, chunk: 1 });
    const pumps = [trial.start(), trial.start()];
    for (let n = 0; n < 50; n++) trial.stream.publish(contentOf([anObservation({ phenomenonTime: n })]));
    await eventually("all to be settled", () => trial.stream.acknowledged.size === 50);
    await Promise.all(pumps.map((pump) => pump.close(1000)));
    expect(trial.told).toContain("taken");
    expect(trial.stored.size).toBe(50);
    expect(Object.values(trial.ledger.counts())[0]).toMatchObject({ stored: 50, duplicate: 0, observations: 50 });
  });

  it("goes on where a stream begins that was made anew, and leaves nothing of it out", async () => {
    let isReplaced = false;
    const fault: Fault = (step) => {
      if (step !== "next" || !isReplaced) return;
      isReplaced = false;
      throw new TrialReplacedError(3);
    };
    const trial = openTrial({ fault, maxObservations: 1, chunk: 1 });
    for (let n = 0; n < 4; n++) trial.stream.publish(contentOf([anObservation({ phenomenonTime: n })]));
    const pump = trial.start();
    await eventually("all to be settled", () => trial.stream.acknowledged.size === 4);
    isReplaced = true;
    trial.stream.acknowledged.clear();
    trial.stream.publish(contentOf([anObservation({ phenomenonTime: 4 })]));
    // The fifth may have been settled before the stream was found replaced: then it is a second time.
    await eventually("it to go on at the third", () => {
      const { acknowledged } = trial.stream;
      return [3, 4, 5].every((seq) => acknowledged.has(seq)) && trial.ledger.position?.countedTo === 5;
    });
    expect(trial.told).toContain("replaced");
    expect(trial.stream.acknowledged.has(2)).toBe(false);
    await pump.close(1000);
  });

  it("finishes the batch in hand when it is closed, and gives up on one that does not end", async () => {
    const hangs = Promise.withResolvers<void>();
    const trial = openTrial({ maxObservations: 1 });
    trial.stream.publish(contentOf([anObservation()]));
    const pump = startPump({
      partition: "water",
      claim: async () => trial.ledger.claim(),
      subscribe: async (_partition, { fromSeq }) => trial.stream.subscribe(fromSeq, 1),
      resumeAt: () => undefined,
      isTaken: () => false,
      limits: { maxObservations: 1, maxBytes: 1 },
      workingEveryMs: 1000,
      backOff: quick(),
      events: { claimed() {}, taken() {}, replaced() {}, failed() {}, settled() {} },
      work: {
        read: () => 1,
        weigh: () => 1,
        async settle(_batch, { signal }) {
          hangs.resolve();
          const { persist } = createPersistence({ onFailed() {}, onRecovered() {}, backOff: quick() });
          await persist(() => Promise.reject(new Error("the store is away")), { signal });
        },
      },
    });
    await hangs.promise;
    await pump.close(20);
    expect(trial.stream.acknowledged.size).toBe(0);
  });
});
