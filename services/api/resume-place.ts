import { instantSchema, parseDatastreamId } from "@messnetz/model";
import type { ObservationKey } from "@messnetz/store";
import { z } from "zod";

/** Beyond any ordinal: in InfluxDB it is the nanoseconds of a millisecond. */
const lastOrdinal = 999_999;

/** The last row that arrived whole, `<datastream>@<phenomenon time>`: all observations of that instant are taken for received. */
export const resumeField = z
  .string()
  .max(400)
  .refine((text) => {
    const at = text.lastIndexOf("@");
    return parseDatastreamId(text.slice(0, at)) !== undefined && instantSchema.safeParse(text.slice(at + 1)).success;
  }, "expected <datastream>@<phenomenon time>, for example weir-1/water_level@2026-03-29T01:00:00.000Z")
  .describe(
    "Go on after this row: `<datastream>@<phenomenon time>` of the last whole row that arrived. CSV has its header again.",
  );

export function readResumePlace(text: string): ObservationKey {
  const at = text.lastIndexOf("@");
  return {
    datastream: text.slice(0, at),
    phenomenonTime: instantSchema.parse(text.slice(at + 1)),
    ordinal: lastOrdinal,
  };
}
