import type { EpochMs, Interval, Observation } from "@messnetz/model";
import type { Registry } from "@messnetz/registry";

/** Of a datastream whose rhythm nobody declared. */
const usualRhythmMs = 60_000;
/** What has no begin is reckoned from so long ago. */
const usualPastMs = 10 * 365 * 86_400_000;

/** About how many observations datastreams have in the span, by their rhythm and newest observation: before anything of them is read. */
export function reckonedRows(
  newest: readonly Observation[],
  of: { readonly registry: Registry; readonly interval: Interval | undefined; readonly now: EpochMs },
): number {
  const { registry, interval, now } = of;
  const from = Math.max(interval?.from ?? Number.NEGATIVE_INFINITY, now - usualPastMs);
  return newest.reduce((rows, { datastream, phenomenonTime }) => {
    const to = Math.min(interval?.to ?? Number.POSITIVE_INFINITY, phenomenonTime);
    return rows + Math.max(0, to - from) / (registry.datastream(datastream)?.rhythmMs ?? usualRhythmMs);
  }, 0);
}
