import { z } from "zod";
import {
  type Condition,
  type ConstItem,
  type DateItem,
  type EntryTimes,
  type FieldItem,
  type MadeItem,
  type SkipItem,
  type TextItem,
  type WordItem,
  conditionSchema,
  constSchema,
  dateSchema,
  endianSchema,
  fieldSchema,
  keySchema,
  madeSchema,
  nameSchema,
  patternSchema,
  placed,
  skipSchema,
  textSchema,
  timesSchema,
  wordSchema,
  wordTypeSchema,
} from "./item-schema.ts";

/** One item of a layout. What it is, its own key says; `itemKinds` has them all. */
export type LayoutItem =
  | FieldItem
  | MadeItem
  | TextItem
  | SkipItem
  | ConstItem
  | WordItem
  | DateItem
  | RepeatItem
  | ChannelsItem
  | MaskItem
  | SwitchItem
  | OptionalItem
  | MbusItem;

export interface RepeatItem {
  /** The list that gets an object per entry. */
  readonly repeat: string;
  /** A number, the name of an earlier field, or as many as there are. */
  readonly count: number | string;
  readonly times?: EntryTimes | undefined;
  readonly fields: readonly LayoutItem[];
  readonly at?: number | undefined;
  readonly when?: Condition | undefined;
}
export interface ChannelEntry {
  /** The list that gets the fields as an object, for entries with a time of their own. */
  readonly into?: string | undefined;
  readonly fields: readonly LayoutItem[];
}
export interface ChannelsItem {
  /** By key, all keys of as many bytes. Keys that are written out go before patterns. */
  readonly channels: Readonly<Record<string, ChannelEntry>>;
  /** Bytes of a length behind each key; entries without one are as long as their fields. */
  readonly lengthBytes?: 1 | 2 | undefined;
  readonly when?: Condition | undefined;
}
export interface MaskItem {
  /** Bits that say which groups follow, the lowest first. */
  readonly mask: string;
  readonly groups: Readonly<Record<string, readonly LayoutItem[]>>;
  readonly at?: number | undefined;
  readonly when?: Condition | undefined;
}
export interface SwitchItem {
  /** An earlier field. */
  readonly switch: string;
  readonly cases: Readonly<Record<string, readonly LayoutItem[]>>;
  /** What holds for all other values; without it they are refused. */
  readonly else?: readonly LayoutItem[] | undefined;
}
export interface OptionalItem {
  /** All of it, or nothing more in the block. */
  readonly optional: readonly LayoutItem[];
}
export interface MbusItem {
  /** Records of EN 13757-3 to the end of the block; names that are to stand in place of those of the decoder. */
  readonly mbus: { readonly names?: Readonly<Record<string, string>> | undefined };
  readonly when?: Condition | undefined;
}

const listSchema: z.ZodType<readonly LayoutItem[]> = z.lazy(() => z.array(itemSchema).min(1));
const caseSchema: z.ZodType<readonly LayoutItem[]> = z.lazy(() => z.array(itemSchema));

const repeatSchema = z.strictObject({
  repeat: nameSchema,
  count: z.union([z.int().min(1).max(255), z.string()]),
  times: timesSchema.optional(),
  fields: listSchema,
  ...placed,
});
const channelsSchema = z.strictObject({
  channels: z.record(
    keySchema,
    z.preprocess(
      (entry) => (Array.isArray(entry) ? { fields: entry as unknown } : entry),
      z.strictObject({ into: nameSchema.optional(), fields: caseSchema }),
    ),
  ),
  lengthBytes: z.union([z.literal(1), z.literal(2)]).optional(),
  when: conditionSchema.optional(),
});
const maskSchema = z.strictObject({
  mask: wordTypeSchema,
  groups: z.record(z.string().regex(/^\d{1,2}$/u, "the number of a bit"), caseSchema),
  ...placed,
});
const switchSchema = z.strictObject({
  switch: nameSchema,
  cases: z.record(z.string(), caseSchema),
  else: caseSchema.optional(),
});
const optionalSchema = z.strictObject({ optional: listSchema });
const mbusSchema = z.strictObject({
  mbus: z.strictObject({ names: z.record(z.string(), nameSchema).optional() }),
  when: conditionSchema.optional(),
});

/** The key that an item is told by → its schema. */
const itemKinds: Readonly<Record<string, z.ZodType<LayoutItem>>> = {
  type: fieldSchema,
  skip: skipSchema,
  const: constSchema,
  word: wordSchema,
  date: dateSchema,
  repeat: repeatSchema,
  channels: channelsSchema,
  mask: maskSchema,
  switch: switchSchema,
  optional: optionalSchema,
  mbus: mbusSchema,
  of: madeSchema,
  text: textSchema,
};

/** A union by the key that each kind has of its own, so that a mistake is told of the kind that was meant. */
const itemSchema: z.ZodType<LayoutItem> = z.unknown().transform((value, context): LayoutItem => {
  const keys = typeof value === "object" && value !== null ? value : {};
  const kind = Object.keys(itemKinds).find((key) => key in keys);
  if (kind === undefined) {
    const message = `an item with one of the keys ${Object.keys(itemKinds).join(", ")}`;
    context.addIssue({ code: "custom", message, input: value });
    return z.NEVER;
  }
  const parsed = itemKinds[kind]!.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const { path } = issue;
    const message =
      issue.code === "invalid_key" ? issue.issues.map((inner) => inner.message).join("; ") : issue.message;
    context.addIssue({ code: "custom", message, path: [...path], input: value });
  }
  return z.NEVER;
});

const lengthSchema = z.union([
  z.int().min(1),
  z.strictObject({ min: z.int().min(0).optional(), max: z.int().min(1).optional() }),
]);

/** One kind of frame, told by port, first bytes and length; of several that fit the first holds. */
const frameSchema = z.strictObject({
  ports: z.array(z.int().min(0).max(255)).min(1).optional(),
  starts: patternSchema.optional(),
  length: lengthSchema.optional(),
  /** In place of `fields`: why the frame measures nothing. */
  skip: z.string().min(3).optional(),
  fields: listSchema.optional(),
});
export type LayoutFrame = z.infer<typeof frameSchema>;

/** How the bytes of a model's frames are read. */
export const layoutSchema = z.strictObject({
  /** Of numbers of several bytes without le or be of their own. */
  endian: endianSchema.optional(),
  frames: z.array(frameSchema).min(1),
});
export type LayoutDocument = z.infer<typeof layoutSchema>;
