import { setImmediate as turn } from "node:timers/promises";
import type { IntakeResult } from "@messnetz/model";
import { expect, it } from "vitest";
import { batchOf } from "./batches.fixture.ts";
import { describeBus } from "./contract.ts";
import { createDirectBus } from "./direct.ts";
import type { LiveEvent } from "./live-queue.ts";

describeBus("the direct bus", {
  open() {
    const durable: unknown[] = [];
    let failure: Error | undefined;
    let gate: Promise<void> = Promise.resolve();
    const bus = createDirectBus({
      async commit({ messages }) {
        await gate;
        if (failure !== undefined) throw failure;
        const results = messages.flatMap(({ observations }) => observations.map(({ result }) => result));
        durable.push(...results);
        return { ...nothing, observations: results.length };
      },
    });
    return Promise.resolve({
      bus,
      hold() {
        const { promise, resolve } = Promise.withResolvers<void>();
        gate = promise;
        return Promise.resolve(() => Promise.resolve(resolve()));
      },
      refuse() {
        failure = new Error("disk full");
        return Promise.resolve({ message: /disk full/, relent: () => Promise.resolve(void (failure = undefined)) });
      },
      durable: () => Promise.resolve(durable),
      [Symbol.asyncDispose]: () => bus.close(),
    });
  },
});

const nothing: IntakeResult = {
  outcomes: { stored: 1, partial: 0, skipped: 0, duplicate: 0, quarantined: 0, refused: 0 },
  observations: 0,
  ends: ["stored"],
};

it("drops the oldest when listeners are slower than the road, says how many, and never holds a publish", async () => {
  const events: LiveEvent[] = [];
  const bus = createDirectBus(
    { commit: () => Promise.resolve(nothing) },
    { maxQueued: 4, onEvent: (event) => events.push(event) },
  );
  const heard: unknown[] = [];
  bus.listen((observations) => heard.push(...observations.map((one) => one.result)), new AbortController().signal);
  // Promises resolve before immediates: no listener is called in between.
  for (let n = 0; n < 5; n++) await bus.publish(batchOf([n, n]));
  expect(heard).toEqual([]);
  for (let turns = 0; turns < 10; turns++) await turn();
  expect(heard).toEqual([3, 3, 4, 4]);
  expect(events).toEqual([1, 2, 3].map(() => ({ kind: "live_dropped", observations: 2 })));
  await bus.close();
});

it("reports the listener that it drops", async () => {
  const events: LiveEvent[] = [];
  const bus = createDirectBus({ commit: () => Promise.resolve(nothing) }, { onEvent: (event) => events.push(event) });
  const cause = new Error("broken view");
  bus.listen(() => {
    throw cause;
  }, new AbortController().signal);
  await bus.publish(batchOf([1]));
  await turn();
  expect(events).toEqual([{ kind: "listener_failed", cause }]);
  await bus.close();
});
