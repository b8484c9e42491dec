import { type EpochMs, type ObservationChunk, qualities } from "@messnetz/model";
import type { BaseAggregate, Extreme } from "./port.ts";

const bad = qualities.indexOf("bad");

type Open = { -readonly [K in keyof BaseAggregate]: BaseAggregate[K] } & {
  durations: Record<string, number>;
  qualities: Record<(typeof qualities)[number], number>;
};

/** A window's last good or suspect observation. */
interface Held {
  readonly time: EpochMs;
  /** NaN for a word. */
  readonly value: number;
  /** Undefined for a number that is no flag. */
  readonly state: string | undefined;
}

function stateOf(word: string | undefined, value: number): string | undefined {
  if (word !== undefined) return word;
  return value === 0 || value === 1 ? String(value) : undefined;
}

function openWindow(datastream: string, from: EpochMs): Open {
  return {
    datastream,
    from,
    count: 0,
    sum: 0,
    integral: 0,
    increase: 0,
    resets: 0,
    durations: {},
    qualities: { good: 0, suspect: 0, bad: 0 },
  };
}

function addNumber(window: Open, extreme: Extreme, held: Held | undefined): void {
  const { value, time } = extreme;
  window.sum += value;
  if (window.min === undefined || value < window.min.value) window.min = extreme;
  if (window.max === undefined || value > window.max.value) window.max = extreme;
  window.first ??= extreme;
  window.last = extreme;
  if (held === undefined || Number.isNaN(held.value)) return;
  window.integral += held.value * (time - held.time);
  if (value >= held.value) window.increase += value - held.value;
  else {
    window.resets += 1;
    window.increase += value;
  }
}

function addDuration(window: Open, { state, time }: Held, until: EpochMs): void {
  if (state === undefined) return;
  // An own property even for a state called `__proto__`.
  const before = Object.hasOwn(window.durations, state) ? window.durations[state]! : 0;
  Object.defineProperty(window.durations, state, {
    value: before + until - time,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/**
 * Folds observations, ascending by (datastream, time, ordinal), into one aggregate per datastream and fixed UTC window that has
 * any. Windows begin at multiples of `windowMs` since 1970. Sums are added in the order of time.
 */
export async function* foldWindows(
  chunks: AsyncIterable<ObservationChunk>,
  windowMs: number,
): AsyncGenerator<BaseAggregate> {
  let window: Open | undefined;
  let held: Held | undefined;
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row++) {
      const datastream = chunk.datastreams[chunk.datastream[row]!]!;
      const time = chunk.phenomenonTime[row]!;
      const from = Math.floor(time / windowMs) * windowMs;
      if (window === undefined || window.from !== from || window.datastream !== datastream) {
        if (window !== undefined) yield window;
        window = openWindow(datastream, from);
        held = undefined;
      }
      const quality = chunk.quality[row]!;
      window.qualities[qualities[quality]!] += 1;
      if (quality === bad) continue;
      window.count += 1;
      const word = chunk.word?.[row];
      const value = chunk.value[row]!;
      if (word === undefined) addNumber(window, { value, time }, held);
      if (held !== undefined) addDuration(window, held, time);
      held = { time, value, state: stateOf(word, value) };
    }
  }
  if (window !== undefined) yield window;
}
