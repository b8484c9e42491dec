import { conversion, observedProperties, parseUnit } from "@messnetz/model";

/** What the `integral` of a property becomes: `integral * factor` is in `unit` (UCUM). */
export interface HeldUnit {
  readonly unit: string;
  readonly factor: number;
}

/** Units of what is counted or metered, in the order of the catalogue. */
const metered = [
  ...new Set(observedProperties.filter(({ kind }) => kind === "counter" || kind === "amount").map(({ unit }) => unit)),
];

/**
 * Power over time is energy, flow over time is volume: the unit of the catalogue that fits the integral of values in `unit`, `kW.h` for
 * `W`, `m3` for `m3/h`. Undefined where an integral says nothing to people (a level, a temperature) or the catalogue has no unit
 * for it.
 */
export function heldUnit(unit: string): HeldUnit | undefined {
  if (!known.has(unit)) known.set(unit, findHeldUnit(unit));
  return known.get(unit);
}

/** Units are few, and an answer asks for each of its datastreams. */
const known = new Map<string, HeldUnit | undefined>();

function findHeldUnit(unit: string): HeldUnit | undefined {
  const parsed = parseUnit(unit);
  // Only what is per time adds up over time: a second in the denominator, and something that is not just a frequency.
  if (parsed === undefined || !/(^|\.)s-\d/.test(parsed.dimension)) return undefined;
  if (parsed.dimension === "s-1" && parsed.counted === "") return undefined;
  const overHours = `${unit}.h`;
  const numerator = unit.replace(/\/(h|min|s)$/, "");
  const named = [numerator, `k${overHours}`, overHours].find((one) => one !== unit && metered.includes(one));
  for (const candidate of named === undefined ? metered : [named]) {
    const change = conversion(overHours, candidate);
    if (change !== undefined && change.offset === 0) return { unit: candidate, factor: change.factor };
  }
  return undefined;
}
