import { z } from "zod";
import { parseDatastreamId } from "./datastream.ts";
import { propertyKeySchema } from "./property.ts";
import { thingIdSchema } from "./thing.ts";
import type { EpochMs } from "./time.ts";

/** The id of a datastream of a thing and a property that there may be: `<thing>/<property>[.<channel>]`. */
export const datastreamIdSchema = z.string().refine((id) => {
  const parsed = parseDatastreamId(id);
  return (
    parsed !== undefined &&
    thingIdSchema.safeParse(parsed.thing).success &&
    propertyKeySchema.safeParse(parsed.property).success
  );
}, "a datastream id is <thing>/<property>, or <thing>/<property>.<channel>");

/** How the mean of a window is weighted: by the time that each value was held, or each observation alike. */
export const meanWeights = ["held", "count"] as const;

/** The largest span that a rhythm may have: a meter that is read once a year, in a leap year. */
const maxRhythmMs = 366 * 86_400_000;
const maxExchanges = 1000;

/** Of a counter: what its register shows. Numbers are in the property's canonical unit. */
export const registerSchema = z.strictObject({
  /** The register begins anew at this reading: 100,000 for five digits. */
  modulus: z.number().positive().optional(),
  /** The smallest step that the register shows. */
  resolution: z.number().positive().optional(),
  /** More than this in an hour cannot have been: a leap. */
  maxPerHour: z.number().positive().optional(),
});

/** A meter was taken out at `end` and another one put in that showed `start`. */
export const exchangeSchema = z.strictObject({ at: z.int(), end: z.number(), start: z.number() });
export type Exchange = Readonly<z.infer<typeof exchangeSchema>>;

/** Of exchanges, whatever form their instants have: `at` in milliseconds ascends. */
export function areAscending(exchanges: readonly { readonly at: EpochMs }[]): boolean {
  return exchanges.every(({ at }, n) => n === 0 || exchanges[n - 1]!.at < at);
}
export const ascendingExchanges = "expected exchanges ascending by `at`, each instant once";

/** What the registry says of one datastream. What is absent is learned from its observations, or as the property says. */
export const datastreamSettingsSchema = z.strictObject({
  id: datastreamIdSchema,
  /** Whoever comes without a token may read it. Absent: nobody may. */
  public: z.boolean().optional(),
  /** Milliseconds from one observation to the next, as declared. */
  rhythmMs: z.int().min(1).max(maxRhythmMs).optional(),
  mean: z.enum(meanWeights).optional(),
  register: registerSchema.optional(),
  exchanges: z.array(exchangeSchema).max(maxExchanges).refine(areAscending, ascendingExchanges).optional(),
});
export type DatastreamSettings = Readonly<z.infer<typeof datastreamSettingsSchema>>;
