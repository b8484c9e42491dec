import type { Drop, EpochMs, Kind, StateSpan } from "@messnetz/model";

/** A row of an `AggregateChunk` while it is made, with what the next observation needs of the one before. */
export interface OpenWindow {
  readonly from: EpochMs;
  count: number;
  suspect: number;
  bad: number;
  sum: number;
  min: number;
  minTime: EpochMs;
  max: number;
  maxTime: EpochMs;
  first: number;
  firstTime: EpochMs;
  last: number;
  lastTime: EpochMs;
  integral: number;
  increase: number;
  longestGap: number;
  longestGapValue: number;
  maxStep: number;
  maxStepTime: EpochMs;
  maxStepBefore: number;
  maxStepBeforeTime: EpochMs;
  coveredMs: number;
  drops: Drop[] | undefined;
  states: OpenStates | undefined;
  /** Of the last observation; undefined for a number that is no flag. */
  state: string | undefined;
}

type OpenStates = { -readonly [K in keyof StateSpan]: StateSpan[K] } & { readonly durations: Map<string, number> };

/** One observation that is not `bad`. `value` and `intervalStart`: NaN where there is none. */
interface Folded {
  readonly time: EpochMs;
  readonly value: number;
  readonly word: string | undefined;
  readonly intervalStart: EpochMs;
}

export function openWindow(from: EpochMs): OpenWindow {
  return {
    from,
    count: 0,
    suspect: 0,
    bad: 0,
    sum: Number.NaN,
    min: Number.NaN,
    minTime: Number.NaN,
    max: Number.NaN,
    maxTime: Number.NaN,
    first: Number.NaN,
    firstTime: Number.NaN,
    last: Number.NaN,
    lastTime: Number.NaN,
    integral: 0,
    increase: 0,
    longestGap: 0,
    longestGapValue: Number.NaN,
    maxStep: 0,
    maxStepTime: Number.NaN,
    maxStepBefore: Number.NaN,
    maxStepBeforeTime: Number.NaN,
    coveredMs: 0,
    drops: undefined,
    states: undefined,
    state: undefined,
  };
}

/** Adds the next observation of the window, by (time, ordinal). */
export function addObservation(window: OpenWindow, next: Folded, kind: Kind | undefined): void {
  const { time, value } = next;
  if (window.count > 0) addGap(window, time);
  if (!Number.isNaN(value)) addNumber(window, next, kind);
  if (!Number.isNaN(next.intervalStart)) window.coveredMs += Math.max(0, time - next.intervalStart);
  if (window.count === 0) {
    window.first = value;
    window.firstTime = time;
  }
  window.count += 1;
  window.last = value;
  window.lastTime = time;
  window.state = stateOf(next, kind);
  if (window.state !== undefined) addState(window, window.state);
}

function stateOf({ word, value }: Folded, kind: Kind | undefined): string | undefined {
  if (word !== undefined) return word;
  return kind === "state" && (value === 0 || value === 1) ? String(value) : undefined;
}

function addGap(window: OpenWindow, time: EpochMs): void {
  const gap = time - window.lastTime;
  const held = window.last;
  if (!Number.isNaN(held)) window.integral += held * gap;
  const { state, states } = window;
  if (states !== undefined && state !== undefined && gap > 0) {
    states.durations.set(state, (states.durations.get(state) ?? 0) + gap);
  }
  if (gap <= window.longestGap) return;
  window.longestGap = gap;
  window.longestGapValue = held;
  if (states === undefined) return;
  if (state === undefined) delete states.longestGapState;
  else states.longestGapState = state;
}

function addNumber(window: OpenWindow, { time, value }: Folded, kind: Kind | undefined): void {
  // Where nothing is there yet, the comparison with NaN is false.
  if (!(value >= window.min)) {
    window.min = value;
    window.minTime = time;
  }
  if (!(value <= window.max)) {
    window.max = value;
    window.maxTime = time;
  }
  window.sum = (Number.isNaN(window.sum) ? 0 : window.sum) + value;
  const { last: before, lastTime: beforeTime } = window;
  if (value > before) {
    const step = value - before;
    window.increase += step;
    if (step <= window.maxStep) return;
    window.maxStep = step;
    window.maxStepTime = time;
    window.maxStepBefore = before;
    window.maxStepBeforeTime = beforeTime;
  } else if (value < before && kind === "counter") {
    (window.drops ??= []).push({ beforeTime, before, time, after: value });
  }
}

function addState(window: OpenWindow, state: string): void {
  const time = window.lastTime;
  if (window.states === undefined) {
    window.states = {
      durations: new Map<string, number>(),
      first: state,
      firstTime: time,
      last: state,
      lastTime: time,
    };
    return;
  }
  window.states.last = state;
  window.states.lastTime = time;
}
