import type { Measured } from "./emission.ts";

/** Rounded as the device shows it, so that what is written and what was meant are one number. */
export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

/** A value whose word is the property itself, as SenML and plain devices of the town name theirs. */
export function measured(property: string, value: number | boolean | string, unit?: string): Measured {
  return unit === undefined ? { word: property, property, value } : { word: property, property, value, unit };
}
