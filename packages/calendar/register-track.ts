import type { AggregateChunk, Drop, EpochMs } from "@messnetz/model";
import { type Decimal, minus, plus, toNumber, zero } from "./decimal.ts";
import { createRegister, type RegisterEvent, type Step } from "./register.ts";
import type { RowSpan } from "./rhythm.ts";
import type { DatastreamTraits } from "./traits.ts";

/**
 * How a counter's reading at a boundary of a window is known. `exact`: a reading of that very instant. `interpolated`: in a straight line
 * between the readings before and after. `held`: none came after, the last one stands. `missing`: there was none before, the first
 * one stands. `none`: the datastream is no counter.
 */
export const boundaryKinds = ["none", "exact", "interpolated", "held", "missing"] as const;
export type BoundaryKind = (typeof boundaryKinds)[number];

const exact = boundaryKinds.indexOf("exact");
const interpolated = boundaryKinds.indexOf("interpolated");
const held = boundaryKinds.indexOf("held");
const missing = boundaryKinds.indexOf("missing");

export interface Consumption {
  /** In the canonical unit; NaN where no reading is near, on one side or the other. */
  readonly consumption: number;
  readonly beginReading: number;
  readonly endReading: number;
  /** Index into `boundaryKinds`. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Follows a register through the rows of its datastream and says what it had consumed at each of the instants `edges` (ascending): the
 * consumption between two of them is a difference, so parts add up to the whole.
 */
export function createRegisterTrack(traits: DatastreamTraits, edges: Float64Array) {
  const register = createRegister(traits);
  const { exchanges = [] } = traits;
  /** Whether a step up may be more than that. */
  const remarkable = exchanges.length > 0 || traits.register?.maxPerHour !== undefined;
  /** At each edge: the reading and all corrections until then. */
  const total: Decimal[] = [];
  const reading: Decimal[] = [];
  const kind: number[] = [];
  const events: RegisterEvent[] = [];
  let corrections = zero;
  let lastTime = Number.NaN;
  let last = Number.NaN;

  function pass(how: number, shown: Decimal, counted: Decimal): void {
    kind.push(how);
    reading.push(shown);
    total.push(counted);
  }

  function take(step: Step): void {
    const verdict = register.judge(step);
    corrections = plus(corrections, verdict.correction);
    events.push(...verdict.events);
  }

  /** The next reading after `last`. */
  function read(time: EpochMs, value: number): void {
    if (Number.isNaN(lastTime)) {
      while (edges[total.length]! < time) pass(missing, register.round(value), register.round(value));
    } else if (remarkable || value < last || edges[total.length]! < time) {
      const step = { beforeTime: lastTime, before: last, time, after: value };
      if (edges[total.length]! < time) interpolate(step);
      take(step);
    }
    stand(time, value);
  }

  function interpolate(step: Step): void {
    const before = plus(register.round(step.before), corrections);
    while (edges[total.length]! < step.time) {
      const between = register.betweenAt(edges[total.length]!, step);
      pass(interpolated, between.reading, plus(before, between.consumed));
    }
  }

  function stand(time: EpochMs, value: number): void {
    lastTime = time;
    last = value;
    if (edges[total.length]! !== time) return;
    const shown = register.round(value);
    pass(exact, shown, plus(shown, corrections));
  }

  /** What happened between the first and the last reading of a row, of which only the steps down and the largest one up are known. */
  function within(chunk: AggregateChunk, row: number, drops: readonly Drop[]): void {
    const first = chunk.firstTime[row]!;
    const end = chunk.lastTime[row]!;
    const spans: { readonly beforeTime: EpochMs; readonly time: EpochMs }[] = [];
    for (const drop of drops) {
      take(drop);
      spans.push(drop);
    }
    if (chunk.maxStep[row]! > 0 && traits.register?.maxPerHour !== undefined) {
      const before = chunk.maxStepBefore[row]!;
      const step = {
        beforeTime: chunk.maxStepBeforeTime[row]!,
        before,
        time: chunk.maxStepTime[row]!,
        after: before + chunk.maxStep[row]!,
      };
      take({ ...step, after: toNumber(register.round(step.after)) });
      spans.push(step);
    }
    for (const exchange of exchanges) {
      const { at, end: before, start: after } = exchange;
      if (at <= first || at > end || spans.some(({ beforeTime, time }) => at > beforeTime && at <= time)) continue;
      corrections = plus(corrections, minus(register.round(before), register.round(after)));
      events.push({ kind: "exchange", beforeTime: at, before, time: at, after });
    }
  }

  function addRow(chunk: AggregateChunk, row: number): void {
    const first = chunk.first[row]!;
    const end = chunk.last[row]!;
    if (Number.isNaN(first) || Number.isNaN(end)) return;
    read(chunk.firstTime[row]!, first);
    if (chunk.count[row] === 1) return;
    const drops = chunk.drops?.get(row);
    if (remarkable || drops !== undefined) within(chunk, row, drops ?? []);
    stand(chunk.lastTime[row]!, end);
  }

  return {
    /** The next rows of the datastream; those without a number at both ends are passed over. */
    add({ chunk, from, to }: RowSpan): void {
      const { first, last: lasts, lastTime: lastTimes, drops } = chunk;
      for (let row = from; row < to; row++) {
        if (!remarkable) {
          // By far the most rows rise and lie between two edges: the last of them stands for all.
          const edge = edges[total.length] ?? Number.POSITIVE_INFINITY;
          const begin = row;
          for (let before = last; row < to; row++) {
            if (!(first[row]! >= before && lastTimes[row]! < edge) || drops?.has(row) === true) break;
            if (Number.isNaN(lasts[row]!)) break;
            before = lasts[row]!;
          }
          if (row > begin) {
            lastTime = lastTimes[row - 1]!;
            last = lasts[row - 1]!;
          }
          if (row === to) return;
        }
        addRow(chunk, row);
      }
    },
    /** After the last row. */
    finish(): void {
      const shown = Number.isNaN(last) ? zero : register.round(last);
      const counted = plus(shown, corrections);
      while (total.length < edges.length) pass(Number.isNaN(last) ? missing : held, shown, counted);
    },
    /** Between two edges, by their places in `edges`. */
    between(from: number, to: number): Consumption {
      const begin = kind[from]!;
      const end = kind[to]!;
      const known = !(begin === held && end === held) && !(begin === missing && end === missing);
      return {
        consumption: known ? toNumber(minus(total[to]!, total[from]!)) : Number.NaN,
        beginReading: known ? toNumber(reading[from]!) : Number.NaN,
        endReading: known ? toNumber(reading[to]!) : Number.NaN,
        begin,
        end,
      };
    },
    events: events as readonly RegisterEvent[],
  };
}
