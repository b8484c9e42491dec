import { z } from "zod";
import { domainSchema } from "./domain.ts";

/**
 * What a result of the property means over time:
 * `gauge` a level; `counter` a register that only grows; `amount` what happened in an interval;
 * `state` a word or a flag (flags are the numbers 0 and 1 with unit `1`).
 */
export const kinds = ["gauge", "counter", "amount", "state"] as const;
export const kindSchema = z.enum(kinds);
export type Kind = z.infer<typeof kindSchema>;

export const propertyKeySchema = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);

export const observedPropertySchema = z.strictObject({
  key: propertyKeySchema,
  name: z.strictObject({ en: z.string(), de: z.string() }),
  /** Canonical unit, a UCUM code. Every stored result of the property has this unit. */
  unit: z.string(),
  kind: kindSchema,
  domains: z.array(domainSchema).min(1),
  /** Results outside are marked `suspect` by the check `range`, never dropped. In the canonical unit. */
  range: z.strictObject({ min: z.number(), max: z.number(), source: z.string() }).optional(),
  /** The words that a `state` may have. Absent for flags, which have the range 0 to 1, and for words that only the device knows. */
  states: z.array(z.string()).optional(),
  description: z.string().optional(),
});
export type ObservedProperty = z.infer<typeof observedPropertySchema>;

/** The observed properties by key. */
export type Catalogue = ReadonlyMap<string, ObservedProperty>;
