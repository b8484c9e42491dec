import { z } from "zod";
import { domainSchema } from "./domain.ts";
import { propertyKeySchema } from "./property.ts";

/** Ids stand in URLs, file names and tags: a short alphabet, no `/`, no `.` (it separates the channel). */
export const thingIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_:-]{0,63}$/,
    "a thing id has 1 to 64 of A-Z a-z 0-9 _ : - and begins with a letter or digit",
  );

export const operatorSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "an operator id has lower case letters, digits and -");

/** GeoJSON (RFC 7946) Point: longitude, latitude in degrees, WGS 84, and perhaps metres above the ellipsoid. */
export const pointSchema = z.strictObject({
  type: z.literal("Point"),
  coordinates: z.union([
    z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]),
    z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90), z.number()]),
  ]),
});
export type Point = z.infer<typeof pointSchema>;

/** What is in the street: a gauge, a bus, a meter, a bin. */
export const thingSchema = z.strictObject({
  id: thingIdSchema,
  name: z.string().min(1).max(200),
  domain: domainSchema,
  operator: operatorSchema,
  location: pointSchema.optional(),
  tags: z.array(z.string().min(1).max(64)).max(32).optional(),
});
export type Thing = z.infer<typeof thingSchema>;

/** `<scheme>:<id>`, for example `lorawan:24e124136b502217`. Compared after `normaliseDeviceId`. */
export const deviceIdSchema = z
  .string()
  .regex(/^[a-z0-9]+:[^\s]{1,120}$/, "a device id is <scheme>:<id>, for example lorawan:24e124136b502217");

/**
 * What the registry knows of a device beyond its thing. `fields` and `units` say what the device's own words mean where
 * neither the message nor a profile can know it.
 */
export const deviceSchema = z.strictObject({
  id: deviceIdSchema,
  thing: thingIdSchema,
  /** Name of the device profile (`<maker>/<model>`), where the message does not tell the model. */
  profile: z.string().optional(),
  /** IANA zone of the device's clock. Without it a local time is not used: the time of receipt stands. */
  timeZone: z.string().optional(),
  /** The device's word → observed property, channel, UCUM unit. */
  fields: z
    .record(
      z.string(),
      z.strictObject({ property: propertyKeySchema, channel: z.string().optional(), unit: z.string().optional() }),
    )
    .optional(),
});
export type Device = z.infer<typeof deviceSchema>;
