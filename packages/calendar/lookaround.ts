import { type DatastreamTraits, heldRhythms } from "./traits.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export interface Lookaround {
  /** How long before the first window reading must begin, in ms, a multiple of `baseWindowMs`. */
  readonly beforeMs: number;
  /** How long after the last window reading must go on, in ms. */
  readonly afterMs: number;
}

/** Where no rhythm is declared: most meters are read once a day or oftener, most gauges once an hour, most states tell a change within a week. */
const usualReachMs = { counter: 2 * dayMs, gauge: 3 * hourMs, state: 7 * dayMs };

/**
 * How far around its windows a merger must see: what was held into the first one, the readings on both sides of the outer boundaries of a
 * counter, the amount whose interval ends with the last one. Who reads less gets boundaries `missing` or `held` and a smaller
 * share of time covered, never another number for the same reading.
 */
export function lookaround(traits: DatastreamTraits, baseWindowMs: number): Lookaround {
  const { kind, rhythmMs } = traits;
  // What ends with the window has the end of the window for its time, which a half-open interval leaves out.
  if (kind === "amount") return { beforeMs: 0, afterMs: 1 };
  const reachMs = rhythmMs === undefined ? usualReachMs[kind] : heldRhythms * rhythmMs;
  const wholeMs = Math.ceil(reachMs / baseWindowMs) * baseWindowMs;
  return { beforeMs: wholeMs, afterMs: kind === "counter" ? wholeMs : 0 };
}
