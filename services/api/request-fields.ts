import { domainSchema, instantSchema, isTimeZone, propertyKeySchema, thingIdSchema } from "@messnetz/model";
import { z } from "zod";

/** A parameter that may be repeated, or hold several values with commas between them. */
export function listOf<T extends z.ZodType<unknown, string>>(item: T, maxItems: number) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) => (Array.isArray(given) ? given : [given]).flatMap((text) => text.split(",")))
    .pipe(
      z
        .array(item)
        .min(1)
        .max(
          maxItems,
          `expected at most ${maxItems} values in one request: ask for a domain instead, or in several requests`,
        ),
    );
}

/** `<thing>/<property>[.<channel>]`; what is none is simply not there. */
export const datastreamField = z.string().min(1).max(300);
export const thingField = thingIdSchema;
export const domainField = domainSchema;
export const propertyField = propertyKeySchema;

/** ISO 8601 with a zone. In a URL `+` is a space: `%2B02:00`, or `Z`. */
export const instantField = instantSchema;

export const timeZoneField = z
  .string()
  .refine(isTimeZone, "expected a time zone of the IANA database, for example Europe/Berlin");

export const cursorField = z.string().min(1).max(1000);

export function limitField(maxRows: number, defaultRows: number) {
  return z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(maxRows, `expected at most ${maxRows}; the rest comes with \`next\`, or all at once with an export`)
    .default(Math.min(defaultRows, maxRows));
}

const degrees = z.coerce.number<string>().min(-180).max(180);

/** West, south, east, north in degrees (RFC 7946, 5); west greater than east crosses the antimeridian. */
export const boxField = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.tuple([degrees, degrees.min(-90).max(90), degrees, degrees.min(-90).max(90)]))
  .refine(([, south, , north]) => south <= north, "expected west,south,east,north with south below north");
export type Box = z.output<typeof boxField>;

const maxCorners = 500;
const corner = z
  .string()
  .transform((text) => text.trim().split(/\s+/))
  .pipe(z.tuple([degrees, degrees.min(-90).max(90)]));
const ring = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.array(corner).min(4).max(maxCorners, `expected at most ${maxCorners} corners of a ring`))
  .refine(
    (corners) => corners[0]!.join() === corners.at(-1)!.join(),
    "expected the last corner of a ring to be the first",
  );

/** A polygon as well-known text (OGC 06-103r4, 7.2.2), longitude before latitude: `POLYGON((9.9 53.5, 10 53.5, 10 53.6, 9.9 53.5))`. */
export const polygonField = z
  .string()
  .regex(/^\s*POLYGON\s*\(\s*\([^()]*\)(?:\s*,\s*\([^()]*\))*\s*\)\s*$/i, "expected POLYGON((longitude latitude, …))")
  .transform((text) => [...text.matchAll(/\(([^()]*)\)/g)].map(([, inside]) => inside!))
  .pipe(z.array(ring).max(maxCorners));

export const operatorField = z.string().min(1).max(64);
export const tagField = z.string().min(1).max(64);
const maxTags = 32;

/** The parameters that say which things are meant; all that are given must hold. */
export function thingFields(named: number) {
  return {
    thing: listOf(thingField, named).optional().describe("Ids of things."),
    domain: listOf(domainField, 7).optional().describe("One or several domains."),
    operator: listOf(operatorField, named).optional().describe("Whose things."),
    tag: listOf(tagField, maxTags).optional().describe("The thing must have each of these tags."),
    bbox: boxField.optional().describe("west,south,east,north in degrees (RFC 7946, 5)."),
    polygon: polygonField
      .optional()
      .describe("`POLYGON((longitude latitude, …))`, perhaps with holes: things whose place is inside."),
  };
}

/** Half-open `[from, to)`. */
export function spanOf({ from, to }: { readonly from?: number | undefined; readonly to?: number | undefined }) {
  if (from === undefined && to === undefined) return undefined;
  // The first and last instant that a Date holds (ECMA-262, 21.4.1.1).
  return { from: from ?? -8.64e15, to: to ?? 8.64e15 };
}
