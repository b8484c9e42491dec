import type { Domain } from "@messnetz/model";

/** A sector of the town's infrastructure: it has an ingest process of its own, with its door and its session at the broker. */
export interface Sector {
  readonly name: string;
  /** What its devices measure; the first is the domain of messages that say nothing about theirs. */
  readonly domains: readonly [Domain, ...Domain[]];
}

/** The environment goes with water: rain gauges and river stations are mostly the water companies'. */
export const sectors: readonly Sector[] = [
  { name: "traffic", domains: ["traffic"] },
  { name: "transit", domains: ["transit"] },
  { name: "water", domains: ["water", "wastewater", "environment"] },
  { name: "energy", domains: ["energy"] },
  { name: "waste", domains: ["waste"] },
];
