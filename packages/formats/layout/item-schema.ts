import { z } from "zod";

/** Bytes in hexadecimal digits, two a byte. */
const hexSchema = z.string().regex(/^(?:[0-9a-fA-F]{2})+$/u, "bytes in hexadecimal digits");
/** As `hex`, with `..` for any byte. */
export const patternSchema = z
  .string()
  .regex(/^(?:[0-9a-fA-F]{2}|\.\.)+$/u, "bytes in hexadecimal digits, `..` for any byte");
/** The key of a channel: as a pattern, `<n>` for a byte whose number the names of its fields take over. */
export const keySchema = z
  .string()
  .regex(/^(?:[0-9a-fA-F]{2}|\.\.|<[a-z][a-z0-9]*>)+$/u, "bytes in hexadecimal digits, `..` or `<n>` for any byte");

/**
 * A name in the decoded object; `a.b` is the key b of an object a. A name that begins with `_` is known to the layout only, for counts,
 * cases and arithmetic.
 */
export const nameSchema = z
  .string()
  .max(100)
  .regex(/^[^\s.[\]*]+(?:\.[^\s.[\]*]+)*$/u, "a name without blanks, brackets and `*`; `a.b` for b of a")
  .refine((name) => name.split(".").every((key) => !(key in {})), "a name that JavaScript does not use itself");

/** `u16`, `i24le`, `f32be`, `bcd`, `hex`, `ascii`, `decimal` (digits as text) */
const typeSchema = z
  .string()
  .regex(
    /^(?:[ui](?:8|16|24|32|40|48|56|64)(?:le|be)?|f(?:16|32|64)(?:le|be)?|bcd(?:le|be)?|hex|ascii|decimal)$/u,
    "u8 … u64, i8 … i64, f16, f32, f64 (each perhaps with le or be), bcd, hex, ascii or decimal",
  );
export const wordTypeSchema = z.string().regex(/^u(?:8|16|24|32|40|48)(?:le|be)?$/u, "u8 … u48, perhaps with le or be");

/** `little`, `big`; of two 16-bit words the low one first: `big-words-swapped`. */
export const endianSchema = z.enum(["little", "big", "big-words-swapped"]);
export type Endian = z.infer<typeof endianSchema>;

/** From `min` to `max`, both included; one of them may be absent. */
const rangeSchema = z
  .strictObject({ min: z.number().optional(), max: z.number().optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, "min, max or both");

/** Values that an earlier field must have: one, one of a list, or one in a range. */
export const conditionSchema = z.record(
  nameSchema,
  z.union([z.number(), z.string(), z.array(z.union([z.number(), z.string()])), rangeSchema]),
);
export type Condition = z.infer<typeof conditionSchema>;

/** What becomes of a number that was read: codes for none, then scale, offset and steps. */
const numberOptions = {
  /** Numbers, as they stand in the frame, that say "no value": the object lacks the field then. */
  absent: z.array(z.number()).optional(),
  /** value × scale + offset */
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** Steps in their order, after scale and offset: `- 32768`, `/ 256`, `* 10^ _exponent`, ... */
  calc: z.array(z.string()).optional(),
};
export interface NumberOptions {
  readonly absent?: readonly number[] | undefined;
  readonly scale?: number | undefined;
  readonly offset?: number | undefined;
  readonly calc?: readonly string[] | undefined;
}

/** Where an item begins, counted from the begin of its block; else behind the item before. */
export const placed = { at: z.int().min(0).optional(), when: conditionSchema.optional() };

export const fieldSchema = z.strictObject({
  name: nameSchema,
  type: typeSchema,
  /** Bytes of bcd, hex, ascii and decimal: a number, the name of an earlier field, or the rest of the block. */
  length: z.union([z.int().min(1).max(255), z.string()]).optional(),
  ...placed,
  ...numberOptions,
  /** In a repetition: the sum of this field so far, beginning with the earlier field of this name. */
  running: nameSchema.optional(),
});
export type FieldItem = z.infer<typeof fieldSchema>;

/** Made of what was read before, without bytes of its own. */
export const madeSchema = z.strictObject({
  name: nameSchema,
  of: nameSchema,
  when: conditionSchema.optional(),
  ...numberOptions,
});
export type MadeItem = z.infer<typeof madeSchema>;

export const skipSchema = z.strictObject({
  skip: z.union([z.int().min(1), z.literal("rest")]),
  why: z.string().optional(),
  ...placed,
});
export type SkipItem = z.infer<typeof skipSchema>;

export const constSchema = z.strictObject({ const: hexSchema, ...placed });
export type ConstItem = z.infer<typeof constSchema>;

/** `3` or `4-7`; bit 0 is the lowest of the word. */
const bitRangeSchema = z.union([
  z.int().min(0).max(47),
  z.string().regex(/^\d{1,2}-\d{1,2}$/u, "a bit, or two as in 4-7"),
]);
const bitsSchema = z.union([
  bitRangeSchema,
  z.strictObject({ bits: bitRangeSchema, signed: z.boolean().optional(), ...numberOptions }),
]);
export const wordSchema = z.strictObject({ word: wordTypeSchema, ...placed, bits: z.record(nameSchema, bitsSchema) });
export type WordItem = z.infer<typeof wordSchema>;

/** A word that the bytes have not: which kind of frame this is. */
export const textSchema = z.strictObject({
  name: nameSchema,
  text: z.string().min(1).max(100),
  when: conditionSchema.optional(),
});
export type TextItem = z.infer<typeof textSchema>;

/** A calendar date of parts that were read before; years below 100 are of this century. */
export const dateSchema = z.strictObject({
  date: nameSchema,
  /** Names of year, month, day and perhaps hour, minute, second. */
  of: z.array(nameSchema).min(3).max(6),
  zone: z.enum(["utc", "local"]),
  when: conditionSchema.optional(),
});
export type DateItem = z.infer<typeof dateSchema>;

/** Times of the entries of a repetition, in seconds since 1970. */
export const timesSchema = z.strictObject({
  name: nameSchema,
  /** `uplink`, or an earlier field that holds seconds since 1970. */
  from: nameSchema,
  /** Cuts the time that it starts from to multiples of these seconds. */
  floor: z.number().positive().optional(),
  /** Seconds from there to the first entry. */
  first: z.number().default(0),
  /** Seconds from entry to entry, negative into the past; or the name of an earlier field. */
  step: z.union([z.number(), nameSchema]),
});
export type EntryTimes = z.infer<typeof timesSchema>;
