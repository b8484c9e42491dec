import type { ObservedProperty } from "../property.ts";

type Range = NonNullable<ObservedProperty["range"]>;

/** Per cent of a whole. */
export const share: Range = { min: 0, max: 100, source: "physical bound: parts of a whole" };

/** What a register can show. */
export const register: Range = {
  min: 0,
  max: 999_999_999_999,
  source: "EN 13757-3: the longest decimal register has 12 digits",
};

/** A state with this range is a flag; one without has words. */
export const flag: Range = { min: 0, max: 1, source: "a flag is 0 or 1" };
