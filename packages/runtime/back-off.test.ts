import { expect, it } from "vitest";
import { backOffMs, createBackOff } from "./index.ts";

it("waits longer each time, up to its bound, and never the same for all", () => {
  const span = { firstMs: 500, maxMs: 30_000 };
  const waits = [0, 1, 2, 3, 10, Number.MAX_SAFE_INTEGER].map((failures) => [
    backOffMs(failures, span, () => 0),
    backOffMs(failures, span, () => 0.999),
  ]);
  expect(waits.map(([least]) => least)).toEqual([250, 500, 1000, 2000, 15_000, 15_000]);
  for (const [least, most] of waits) expect(most! / least!).toBeGreaterThan(1.9);
});

it("waits no shorter than was asked for, and not at all when it is ended", async () => {
  const backOff = createBackOff({ firstMs: 1, maxMs: 1 });
  const began = performance.now();
  await backOff.wait(new AbortController().signal, 40);
  expect(performance.now() - began).toBeGreaterThanOrEqual(35);
  await createBackOff({ firstMs: 3_600_000, maxMs: 3_600_000 }).wait(AbortSignal.abort());
});

it("begins anew when it went well", async () => {
  const asked: number[] = [];
  const backOff = createBackOff({
    firstMs: 100,
    maxMs: 100_000,
    random() {
      asked.push(1);
      return 0;
    },
  });
  for (let n = 0; n < 8; n++) await backOff.wait(AbortSignal.abort());
  backOff.reset();
  const began = performance.now();
  await backOff.wait(new AbortController().signal);
  expect(performance.now() - began).toBeLessThan(5000);
  expect(asked).toHaveLength(9);
});
