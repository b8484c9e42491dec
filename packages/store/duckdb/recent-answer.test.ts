import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createRecentAnswer } from "./recent-answer.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

it("asks once for all who ask at once or soon after, however long the answer takes", async () => {
  const asked: PromiseWithResolvers<number>[] = [];
  const answer = createRecentAnswer(() => {
    const next = Promise.withResolvers<number>();
    asked.push(next);
    return next.promise;
  }, 1000);
  const early = Array.from({ length: 300 }, answer);
  vi.advanceTimersByTime(60_000);
  const late = Array.from({ length: 300 }, answer);
  expect(asked).toHaveLength(1);
  asked[0]!.resolve(1);
  expect(new Set(await Promise.all([...early, ...late]))).toEqual(new Set([1]));
  vi.advanceTimersByTime(999);
  expect(await answer()).toBe(1);
  vi.advanceTimersByTime(1);
  const next = answer();
  asked[1]!.resolve(2);
  expect(await next).toBe(2);
  expect(asked).toHaveLength(2);
});

it("takes a failure for an answer, and asks again later", async () => {
  let asked = 0;
  const answer = createRecentAnswer(() => Promise.reject(new Error(`failure ${++asked}`)), 1000);
  await expect(answer()).rejects.toThrow("failure 1");
  await expect(answer()).rejects.toThrow("failure 1");
  vi.advanceTimersByTime(1000);
  await expect(answer()).rejects.toThrow("failure 2");
});
