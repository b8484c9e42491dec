import type { IntakeBatch } from "@messnetz/model";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batchOf } from "./batches.fixture.ts";
import type { Bus } from "./port.ts";

/** A bus whose durable side is in the test's hand. */
export interface BusUnderTest extends AsyncDisposable {
  readonly bus: Bus;
  /** From now on the durable side answers nothing; the returned function lets it go on. */
  hold(): Promise<() => Promise<void>>;
  /** From now on the durable side refuses; the returned function lets it take batches again. What a publish rejects with matches `message`. */
  refuse(): Promise<{ readonly message: RegExp; readonly relent: () => Promise<void> }>;
  /** Results of the observations that are durable, in order, each as often as it is there. */
  durable(): Promise<readonly unknown[]>;
}

export interface BusHarness {
  open(): Promise<BusUnderTest>;
}

/** What every bus does. */
export function describeBus(name: string, harness: BusHarness): void {
  describe(`${name} as a bus`, () => {
    let subject: BusUnderTest;
    let bus: Bus;

    beforeEach(async () => {
      subject = await harness.open();
      bus = subject.bus;
    });
    afterEach(() => subject[Symbol.asyncDispose]());

    function hear(): { results: unknown[]; end: AbortController } {
      const results: unknown[] = [];
      const end = new AbortController();
      bus.listen((observations) => results.push(...observations.map(({ result }) => result)), end.signal);
      return { results, end };
    }

    it("resolves a publish when the batch is durable, with what came of it", async () => {
      const letGo = await subject.hold();
      let resolved = false;
      const publishing = bus.publish(batchOf([1, 2])).then((result) => {
        resolved = true;
        return result;
      });
      for (let turns = 0; turns < 100; turns++) await turn();
      expect(resolved).toBe(false);
      await letGo();
      expect(await publishing).toMatchObject({ observations: 2 });
      expect(await subject.durable()).toEqual([1, 2]);
    });

    it("rejects a publish that did not become durable, takes it again later, and tells listeners only then", async () => {
      const { results } = hear();
      await bus.publish(batchOf([0]));
      await expect.poll(() => results).toEqual([0]);
      const { message, relent } = await subject.refuse();
      const batch: IntakeBatch = batchOf([1]);
      await expect(bus.publish(batch)).rejects.toThrow(message);
      for (let turns = 0; turns < 100; turns++) await turn();
      expect(results).toEqual([0]);
      await relent();
      await bus.publish(batch);
      await expect.poll(() => results).toEqual([0, 1]);
      expect((await subject.durable()).filter((result) => result === 1)).toEqual([1]);
    });

    it("tells every listener what is durable, in order, without known repeats, until it stops listening", async () => {
      const first = hear();
      const second = hear();
      await bus.publish(batchOf([1, 2]));
      await bus.publish(batchOf([2], { repeated: true }));
      await bus.publish(batchOf([3]));
      await expect
        .poll(() => [first.results, second.results])
        .toEqual([
          [1, 2, 3],
          [1, 2, 3],
        ]);
      first.end.abort();
      await bus.publish(batchOf([4]));
      await expect.poll(() => second.results).toEqual([1, 2, 3, 4]);
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
      await expect.poll(() => results).toEqual([1, 2]);
      expect(calls).toBe(1);
    });

    it("tells who listens nothing from before", async () => {
      await bus.publish(batchOf([1]));
      const early = hear();
      await bus.publish(batchOf([2]));
      await expect.poll(() => early.results).toEqual([2]);
      early.end.abort();
      await bus.publish(batchOf([3]));
      const late = hear();
      await bus.publish(batchOf([4]));
      await expect.poll(() => late.results).toEqual([4]);
    });
  });
}
