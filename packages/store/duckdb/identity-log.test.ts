import { expect, it } from "vitest";
import { createIdentityHash, IdentityLog } from "./identity-log.ts";
import { start } from "../samples.fixture.ts";

const slots = 1 << 17;

/** Times whose identities meet in few slots, for whoever knows the seed. */
function craftTimes(count: number, seed: number): number[] {
  const hash = createIdentityHash(seed);
  const times: number[] = [];
  for (let time = start; times.length < count; time++) if (hash(1, time, 0) % slots < count / 8) times.push(time);
  return times;
}

function countSlots(times: readonly number[], seed: number): number {
  const hash = createIdentityHash(seed);
  return new Set(times.map((time) => hash(1, time, 0) % slots)).size;
}

it("spreads what was crafted for one seed under any other", () => {
  const times = craftTimes(256, 1);
  expect(countSlots(times, 1)).toBeLessThanOrEqual(32);
  for (const seed of [0, 2, 0x8000_0001, 0xffff_ffff]) expect(countSlots(times, seed)).toBeGreaterThan(240);
});

it("spreads times that differ only beyond 32 bits", () => {
  const times = Array.from({ length: 256 }, (_, n) => n * 2 ** 32);
  expect(countSlots(times, 7)).toBeGreaterThan(240);
});

it("finds every identity's last value, however many there are", () => {
  const log = new IdentityLog();
  for (let n = 0; n < 5000; n++) log.add(n % 3, { phenomenonTime: start + (n >> 2), ordinal: n & 1 }, n);
  const last = new Map<string, number>();
  for (let n = 0; n < 5000; n++) last.set(`${n % 3} ${start + (n >> 2)} ${n & 1}`, n);
  for (const [key, n] of last) {
    const [stream, time, ordinal] = key.split(" ").map(Number) as [number, number, number];
    expect(log.get(stream, time, ordinal)).toBe(n);
  }
  expect(log.get(4, start, 0)).toBeUndefined();
});
