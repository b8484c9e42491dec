import { setImmediate as turn } from "node:timers/promises";
import type { IntakeBatch } from "@messnetz/model";
import { expect, it } from "vitest";
import { describeBus } from "./contract.ts";
import { createDirectBus } from "./direct.ts";
import type { LiveEvent } from "./live-queue.ts";

describeBus("the direct bus", { open: (commit) => Promise.resolve(createDirectBus({ commit })) });

function batch(results: readonly number[]): IntakeBatch {
  const observations = results.map((result) => ({
    datastream: "a/x",
    phenomenonTime: result,
    ordinal: 0,
    resultTime: result,
    result,
    quality: "good" as const,
    checks: [],
    revision: 1,
  }));
  const message = { topic: "t", payload: new Uint8Array(), receivedAt: 0, source: "s" };
  return {
    messages: [{ message, device: "x:1", day: "2026-03-01", observations, refusals: [], repeated: false }],
    receipts: [],
    sessions: [],
  };
}

const result = {
  outcomes: { stored: 1, partial: 0, skipped: 0, duplicate: 0, quarantined: 0, refused: 0 },
  observations: 0,
};

it("drops the oldest when listeners are slower than the road, says how many, and never holds a publish", async () => {
  const events: LiveEvent[] = [];
  const bus = createDirectBus(
    { commit: () => Promise.resolve(result) },
    { maxQueued: 4, onEvent: (event) => events.push(event) },
  );
  const heard: unknown[] = [];
  bus.listen((observations) => heard.push(...observations.map((one) => one.result)), new AbortController().signal);
  // Promises resolve before immediates: no listener is called in between.
  for (let n = 0; n < 5; n++) await bus.publish(batch([n, n]));
  expect(heard).toEqual([]);
  for (let turns = 0; turns < 10; turns++) await turn();
  expect(heard).toEqual([3, 3, 4, 4]);
  expect(events).toEqual([1, 2, 3].map(() => ({ kind: "live_dropped", observations: 2 })));
  await bus.close();
});

it("reports the listener that it drops", async () => {
  const events: LiveEvent[] = [];
  const bus = createDirectBus({ commit: () => Promise.resolve(result) }, { onEvent: (event) => events.push(event) });
  const cause = new Error("broken view");
  bus.listen(() => {
    throw cause;
  }, new AbortController().signal);
  await bus.publish(batch([1]));
  await turn();
  expect(events).toEqual([{ kind: "listener_failed", cause }]);
  await bus.close();
});
