import type { BackOff } from "@messnetz/runtime";
import { describe, expect, it } from "vitest";
import { createPersistence } from "./persist.ts";

function recordingBackOff(waits: number[]): BackOff {
  return {
    wait(_signal, atLeastMs = 0) {
      waits.push(atLeastMs);
      return Promise.resolve();
    },
    reset: () => void waits.push(-1),
  };
}

describe("a call of the store", () => {
  it("is repeated until it succeeds, and tells that the store was away and is back", async () => {
    const waits: number[] = [];
    const told: string[] = [];
    const persistence = createPersistence({
      onFailed: (error) => told.push(`failed: ${(error as Error).message}`),
      onRecovered: () => told.push("recovered"),
      backOff: recordingBackOff(waits),
    });
    let calls = 0;
    const result = await persistence.persist(
      async () => {
        if (++calls < 3) throw Object.assign(new Error("503"), { retryAfterMs: calls * 1000 });
        return "done";
      },
      { signal: new AbortController().signal },
    );
    expect(result).toBe("done");
    expect(waits).toEqual([1000, 2000, -1]);
    expect(told).toEqual(["failed: 503", "failed: 503", "recovered"]);
    expect(persistence.trouble()).toBeUndefined();
  });

  it("ends with the signal while the store is away, and says what is wrong meanwhile", async () => {
    const ending = new AbortController();
    const persistence = createPersistence({ onFailed: () => ending.abort(new Error("closing")), onRecovered() {} });
    await expect(
      persistence.persist(() => Promise.reject(new Error("no route")), { signal: ending.signal }),
    ).rejects.toThrow("closing");
    expect(persistence.trouble()).toBe("no route");
  });

  it("is not repeated where it may not be any more", async () => {
    const persistence = createPersistence({ onFailed() {}, onRecovered() {}, backOff: recordingBackOff([]) });
    let calls = 0;
    const fail = () => Promise.reject(new Error(`call ${++calls}`));
    const beforeRepeat = () => Promise.reject(new Error("another has the partition"));
    await expect(persistence.persist(fail, { signal: new AbortController().signal, beforeRepeat })).rejects.toThrow(
      "another has the partition",
    );
    expect(calls).toBe(1);
  });
});
