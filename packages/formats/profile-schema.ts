import { propertyKeySchema } from "@messnetz/model";
import { z } from "zod";
import { layoutSchema } from "./layout/layout-schema.ts";

/**
 * A path in the decoded object: keys joined by `.`, `[]` for each element of a list, `<n>` for letters and digits that the channel may take over
 * (`line_<n>_total_in`), `*` for anything.
 */
const pathSchema = z.string().min(1).max(200);
const scalarSchema = z.union([z.number(), z.string(), z.boolean()]);

const boundsSchema = z.strictObject({ min: z.number().optional(), max: z.number().optional() });

/** A key beside a field, perhaps with placeholders of its path → values, or the bounds of a number. */
const besideSchema = z
  .record(z.string().min(1).max(200), z.union([z.array(scalarSchema).min(1), boundsSchema]))
  .refine((keys) => Object.keys(keys).length > 0, "a key with its values");
export type Beside = z.infer<typeof besideSchema>;

const fieldSchema = z.strictObject({
  property: propertyKeySchema,
  /** May use the placeholders of the path: `<n>`. */
  channel: z.string().optional(),
  /** UCUM code. A text value that carries its unit (`"25 °C"`) is taken at its word instead. */
  unit: z.string().optional(),
  /** The key beside the field that holds its unit as text; `unit` where that is absent. */
  unitField: pathSchema.optional(),
  /** Result = value × scale × factor + offset, in `unit`. */
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** The key beside the field that holds a factor. Without it the value cannot be told. */
  factorField: pathSchema.optional(),
  /** Word or code → value. Case, and blank, `-` or `_` do not matter. Another word is refused. */
  enum: z.record(z.string(), scalarSchema).optional(),
  /** Codes for "no value": there is no reading then. */
  invalid: z.array(scalarSchema).optional(),
  /** What the sensor can give by its data sheet, before scale; what lies outside is a code for "no value". */
  valid: boundsSchema.optional(),
  /** Values of keys beside the field; there is a reading only where each key has one of its own. */
  when: besideSchema.optional(),
  /** As `when`, for no reading: where all of them say so, the device has no value. */
  unless: besideSchema.optional(),
  /** Of an amount: seconds that it was counted over. */
  intervalSeconds: z.number().positive().optional(),
});
export type ProfileField = z.infer<typeof fieldSchema>;

const timeKinds = ["unix", "unix-ms", "iso", "local"] as const;
export type TimeKind = (typeof timeKinds)[number];

/** What an example's decoded object becomes. */
const expectationSchema = z.strictObject({
  property: propertyKeySchema,
  channel: z.string().optional(),
  value: scalarSchema,
  unit: z.string().optional(),
  /** RFC 3339, where the object gives a time. */
  time: z.string().optional(),
});

const exampleSchema = z
  .strictObject({
    name: z.string().min(1),
    port: z.int().optional(),
    decoded: z.record(z.string(), z.unknown()).optional(),
    /** In place of a decoded object, or to give it: bytes in hexadecimal digits; blanks may stand between. */
    frame: z
      .string()
      .transform((text) => text.replaceAll(/\s/gu, ""))
      .pipe(z.string().regex(/^(?:[0-9a-fA-F]{2})+$/u, "bytes in hexadecimal digits"))
      .optional(),
    /** Of the uplink, RFC 3339: for frames that count times from it. */
    uplink: z.iso.datetime({ offset: true }).optional(),
    /** Complete and in order; empty: a message that measures nothing. */
    expect: z.array(expectationSchema),
    /** Names of the fields that are refused. */
    refused: z.array(z.string()).default([]),
  })
  .refine(({ decoded, frame }) => decoded !== undefined || frame !== undefined, "a decoded object or a frame");
export type ProfileExample = z.infer<typeof exampleSchema>;

/** The content of `profiles/<maker>/<model>.yaml`. */
export const profileSchema = z.strictObject({
  /** `<maker>/<model>`, as the file is named. */
  profile: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "<maker>/<model> in lower case letters, digits and -"),
  /** Grows when the same object gives other readings than before. */
  revision: z.int().positive(),
  title: z.string().min(1),
  /** Where the maker says what the fields mean. */
  documentation: z.url(),
  match: z.strictObject({
    /** Found as whole words in what the network server calls the device: `EM400-UDL` in `Milesight EM400-UDL (bins)`. */
    names: z.array(z.string().min(2)).min(1),
    /** Only messages on these LoRaWAN ports. */
    ports: z.array(z.int().min(0).max(255)).optional(),
    /** Keys that tell the model where its name does not: all of them must be there. */
    fields: z.array(z.string().min(1)).min(2).optional(),
  }),
  /** The message measures nothing where the field has one of these values; an empty list: where the field is there. */
  skip: z.record(pathSchema, z.array(scalarSchema)).default({}),
  /** Fields that hold a time; each is the time of the fields beside it and below. Without one the uplink's time holds. */
  times: z.array(z.strictObject({ field: pathSchema, as: z.enum(timeKinds) })).default([]),
  /** Lists of entries that name themselves: the entry with `key: 4097` is the field `<path>.4097`. */
  lists: z
    .array(z.strictObject({ path: pathSchema, key: z.string(), value: z.string(), unit: z.string().optional() }))
    .default([]),
  fields: z.record(pathSchema, fieldSchema),
  /** Fields that mean what a key beside them says: the first holds whose `when` does. Where none does, the value is refused. */
  choices: z.record(pathSchema, z.array(fieldSchema).min(1)).default({}),
  /** Fields that are no observation, with the reason. */
  ignore: z.record(pathSchema, z.string().min(3)).default({}),
  /** How a frame is read that no network server has decoded: it gives the object whose `fields` are explained above. */
  layout: layoutSchema.optional(),
  /** In place of a layout: the file beside the profile that holds the maker's codec in JavaScript. */
  codec: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.js$/u, "the name of a .js file beside the profile")
    .optional(),
  examples: z.array(exampleSchema).min(1),
});
export type ProfileDocument = z.infer<typeof profileSchema>;
