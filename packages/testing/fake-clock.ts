import type { EpochMs } from "@messnetz/model";

export interface FakeClock {
  now(): EpochMs;
  set(instant: EpochMs): void;
  advance(ms: number): void;
}

/** 2026-03-28T11:00:00Z: noon in Berlin on the day before summer time begins. */
export const fakeClockStart: EpochMs = 1_774_695_600_000;

/** A clock that moves only when told to. `now` can be handed on by itself. */
export function createFakeClock(start: EpochMs = fakeClockStart): FakeClock {
  let instant = start;
  return {
    now: () => instant,
    set(to) {
      instant = to;
    },
    advance(ms) {
      instant += ms;
    },
  };
}
