import type { DatastreamSettings, Kind } from "@messnetz/model";

/** What a merger must know of a datastream: the kind of its property and what the registry says of it. */
export interface DatastreamTraits extends Pick<DatastreamSettings, "rhythmMs" | "mean" | "register" | "exchanges"> {
  readonly kind: Kind;
}

/**
 * How long a value is taken to hold when no other comes, in rhythms: one observation may be missing and the next be late, a second one
 * missing is a gap.
 */
export const heldRhythms = 2.5;

/** How long a value of the datastream holds at most, in ms. `rhythmMs`: declared or learned; undefined where neither is known. */
export function maxHeldMs(traits: DatastreamTraits, rhythmMs: number | undefined): number {
  // Many devices tell a state when it changes, and only then.
  if (traits.kind === "state" && traits.rhythmMs === undefined) return Number.POSITIVE_INFINITY;
  return rhythmMs === undefined ? 0 : heldRhythms * rhythmMs;
}
