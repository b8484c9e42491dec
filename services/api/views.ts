import {
  type Catalogue,
  checks,
  domainSchema,
  kindSchema,
  type Observation,
  parseDatastreamId,
  pointSchema,
  qualities,
  type Thing,
  toIso,
} from "@messnetz/model";
import { z } from "zod";

const instant = z.string().describe("ISO 8601, UTC, milliseconds: `2026-03-29T01:00:00.000Z`.");

/** As `@messnetz/exports` writes it, a line of NDJSON and an item of a list alike. */
export const observationView = z
  .object({
    datastream: z.string().describe("`<thing>/<property>[.<channel>]`"),
    thing: z.string(),
    property: z.string(),
    channel: z.string().optional(),
    phenomenonTime: instant.describe("When it was so; of an amount the end of its interval. ISO 8601, UTC."),
    intervalStart: instant.optional().describe("Of an amount: the begin of its interval."),
    result: z.union([z.number(), z.string()]).describe("In `unit`; a word for a state with words."),
    unit: z.string().describe("UCUM."),
    quality: z.enum(qualities),
    checks: z.array(z.enum(checks)).describe("The checks that said so; empty when the quality is good."),
    resultTime: instant.describe("When it was received. ISO 8601, UTC."),
    deviceTime: instant.optional().describe("What an impossible device clock said."),
  })
  .meta({
    id: "Observation",
    examples: [
      {
        datastream: "weir-1/water_level",
        thing: "weir-1",
        property: "water_level",
        phenomenonTime: "2026-03-29T01:00:00.000Z",
        result: 412.5,
        unit: "cm",
        quality: "good",
        checks: [],
        resultTime: "2026-03-29T01:00:01.234Z",
      },
    ],
  });
export const thingView = z
  .object({
    id: z.string(),
    name: z.string(),
    domain: domainSchema,
    operator: z.string(),
    location: pointSchema.optional().describe("GeoJSON (RFC 7946): longitude, latitude."),
    tags: z.array(z.string()).optional(),
  })
  .meta({
    id: "Thing",
    examples: [
      {
        id: "weir-1",
        name: "Weir at the mill",
        domain: "water",
        operator: "waterworks",
        location: { type: "Point", coordinates: [9.99, 53.55] },
      },
    ],
  });
export type ThingView = z.infer<typeof thingView>;

export function viewThing(thing: Thing): ThingView {
  return { ...thing };
}

export const datastreamView = z
  .object({
    id: z.string(),
    thing: z.string(),
    property: z.string(),
    channel: z.string().optional(),
    name: z.object({ en: z.string(), de: z.string() }),
    unit: z.string().describe("UCUM."),
    kind: kindSchema.optional(),
    newest: z.object({
      phenomenonTime: instant,
      result: z.union([z.number(), z.string()]),
      quality: z.enum(qualities),
    }),
  })
  .meta({ id: "Datastream" });
export type DatastreamView = z.infer<typeof datastreamView>;

export function viewDatastream(newest: Observation, catalogue: Catalogue): DatastreamView {
  const parsed = parseDatastreamId(newest.datastream);
  const property = parsed?.property ?? "";
  const known = catalogue.get(property);
  return {
    id: newest.datastream,
    thing: parsed?.thing ?? "",
    property,
    ...(parsed?.channel === undefined ? {} : { channel: parsed.channel }),
    name: known?.name ?? { en: property, de: property },
    unit: known?.unit ?? "",
    ...(known === undefined ? {} : { kind: known.kind }),
    newest: { phenomenonTime: toIso(newest.phenomenonTime), result: newest.result, quality: newest.quality },
  };
}

/** A page of a list; `next` is the cursor of the page after it, absent on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().optional().describe("Hand it back as `cursor` for what follows. Absent on the last page."),
  });
}
