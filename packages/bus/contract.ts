import type { IntakeBatch, IntakeMessage, IntakeResult, Observation } from "@messnetz/model";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Bus } from "./port.ts";

/** The durable side of a bus under test: keeps batches, and fails or waits as it is told. */
export interface Recorder {
  readonly batches: IntakeBatch[];
  /** Thrown by the next commits until it is undefined again. */
  failure: Error | undefined;
  /** Awaited before a batch counts as durable. */
  gate: Promise<void>;
}

export interface BusHarness {
  /** A bus whose durable side is `commit`. */
  open(commit: (batch: IntakeBatch) => Promise<IntakeResult>): Promise<Bus>;
}

const nothing: IntakeResult = {
  outcomes: { stored: 0, partial: 0, skipped: 0, duplicate: 0, quarantined: 0, refused: 0 },
  observations: 0,
};

function observation(result: number): Observation {
  const phenomenonTime = 1_772_323_200_000 + result;
  return {
    datastream: "gauge-1/water_level",
    phenomenonTime,
    ordinal: 0,
    resultTime: phenomenonTime,
    result,
    quality: "good",
    checks: [],
    revision: 1,
  };
}

function batchOf(results: readonly number[], change: Partial<IntakeMessage> = {}): IntakeBatch {
  const message: IntakeMessage = {
    message: { topic: "t", payload: new Uint8Array(), receivedAt: 0, source: "s" },
    device: "x:1",
    day: "2026-03-01",
    observations: results.map(observation),
    refusals: [],
    repeated: false,
    ...change,
  };
  return { messages: [message], receipts: [], sessions: [] };
}

/** What every bus does. */
export function describeBus(name: string, harness: BusHarness): void {
  describe(`${name} as a bus`, () => {
    let recorder: Recorder;
    let bus: Bus;

    beforeEach(async () => {
      recorder = { batches: [], failure: undefined, gate: Promise.resolve() };
      bus = await harness.open(async (batch) => {
        await recorder.gate;
        if (recorder.failure !== undefined) throw recorder.failure;
        recorder.batches.push(batch);
        return { ...nothing, observations: batch.messages.flatMap((message) => message.observations).length };
      });
    });
    afterEach(() => bus.close());

    function hear(): { results: unknown[]; end: AbortController } {
      const results: unknown[] = [];
      const end = new AbortController();
      bus.listen((observations) => results.push(...observations.map(({ result }) => result)), end.signal);
      return { results, end };
    }

    it("resolves a publish when the batch is durable, with what came of it", async () => {
      const open = Promise.withResolvers<void>();
      recorder.gate = open.promise;
      let resolved = false;
      const publishing = bus.publish(batchOf([1, 2])).then((result) => {
        resolved = true;
        return result;
      });
      await turn();
      expect(resolved).toBe(false);
      open.resolve();
      expect(await publishing).toMatchObject({ observations: 2 });
      expect(recorder.batches).toHaveLength(1);
    });

    it("rejects a publish that did not become durable, takes it again later, and tells listeners only then", async () => {
      const { results } = hear();
      recorder.failure = new Error("disk full");
      await expect(bus.publish(batchOf([1]))).rejects.toThrow("disk full");
      await turn();
      expect(results).toEqual([]);
      recorder.failure = undefined;
      await bus.publish(batchOf([1]));
      await vi.waitFor(() => expect(results).toEqual([1]));
    });

    it("tells every listener what is durable, in order, without known repeats, until it stops listening", async () => {
      const first = hear();
      const second = hear();
      await bus.publish(batchOf([1, 2]));
      await bus.publish(batchOf([2], { repeated: true }));
      await bus.publish(batchOf([3]));
      await vi.waitFor(() =>
        expect([first.results, second.results]).toEqual([
          [1, 2, 3],
          [1, 2, 3],
        ]),
      );
      first.end.abort();
      await bus.publish(batchOf([4]));
      await vi.waitFor(() => expect(second.results).toEqual([1, 2, 3, 4]));
      expect(first.results).toEqual([1, 2, 3]);
    });

    it("goes on without a listener that throws", async () => {
      let calls = 0;
      bus.listen(() => {
        calls += 1;
        throw new Error("broken view");
      }, new AbortController().signal);
      const { results } = hear();
      await bus.publish(batchOf([1]));
      await bus.publish(batchOf([2]));
      await vi.waitFor(() => expect(results).toEqual([1, 2]));
      expect(calls).toBe(1);
    });
  });
}
