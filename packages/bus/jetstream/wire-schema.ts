import { checks, qualities, refusalCodes } from "@messnetz/model";
import { z } from "zod";
import { receivedRowsSchema } from "./received-rows.ts";

const instant = z.int().describe("Milliseconds since 1970-01-01T00:00:00Z.");

/** An observation on the bus. Only optional fields may be added to v1: readers ignore what they do not know. */
const observationSchema = z.object({
  datastream: z
    .string()
    .regex(/^[^/]+\/[^.]+(\.[A-Za-z0-9_-]{1,64})?$/)
    .describe("<thing>/<property>[.<channel>]"),
  phenomenonTime: instant.describe("When it was so; of an amount the end of its interval. Milliseconds since 1970."),
  intervalStart: instant.optional().describe("Only of an amount: the begin of its interval."),
  ordinal: z
    .int()
    .min(0)
    .default(0)
    .describe("Tells results of one message for one datastream and one instant apart. Left out when 0."),
  resultTime: instant.describe("When it was received. Milliseconds since 1970."),
  result: z
    .union([z.number(), z.string()])
    .describe("In the canonical unit (UCUM) of the observed property; a word for a state with words."),
  quality: z.enum(qualities),
  checks: z.array(z.enum(checks)).default([]).describe("The checks that marked it. Left out when there are none."),
  revision: z
    .int()
    .min(0)
    .describe("Of the decoding: of two results for one identity the one with the higher revision stands."),
  deviceTime: instant.optional().describe("What an impossible device clock said."),
});

export const observationsSchema = z
  .array(observationSchema)
  .describe("Observations of one domain, in order of receipt; may be empty.");

/** First line of the body of a message on `quarantine.v1.<domain>`; the raw payload follows the line feed. */
export const quarantineEntrySchema = z.object({
  id: z.string(),
  source: z.string().describe("Id of the credential that brought it."),
  device: z.string().describe("External id; empty where none could be read."),
  topic: z.string(),
  receivedAt: instant,
  refusals: z.array(
    z.object({
      code: z.enum(refusalCodes),
      expected: z.string(),
      came: z.string(),
      reading: z.string().optional().describe("The reading concerned; absent when the whole message is."),
      device: z.string().optional(),
    }),
  ),
  payloadBytes: z.int().min(0),
});

/** Where a schema is published: the file under docs/schemas. */
export const publishedSchemas = {
  "observations.v1": observationsSchema,
  "received-messages.v1": receivedRowsSchema,
  "quarantine-entry.v1": quarantineEntrySchema,
} as const;

/** JSON Schema (draft 2020-12) of what is on the wire: defaults may be left out. */
export function toPublishedSchema(name: keyof typeof publishedSchemas): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(publishedSchemas[name], { io: "input" });
  return { $schema, $id: `urn:messnetz:schema:${name}`, title: name, ...rest };
}
