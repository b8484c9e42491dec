import type { z } from "zod";

export interface FieldDescription {
  readonly description?: string;
  /** As one would write it in the environment. */
  readonly defaultText?: string;
  /** Neither a default nor optional. */
  readonly required: boolean;
  readonly secret: boolean;
}

const secretName = /(?:SECRET|PASSWORD|TOKEN|KEY)$/;
const mayBeAbsent = new Set(["default", "prefault", "optional", "catch"]);

/** What of a schema's definition is looked at here; zod's own types hide it behind each class. */
interface Layer {
  readonly type: string;
  readonly defaultValue?: unknown;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
}

/** What a field of the environment's schema says of itself, looking through defaults, optionals and pipes. */
export function describeField(name: string, field: z.ZodType): FieldDescription {
  let description: string | undefined;
  let defaultText: string | undefined;
  let secret: boolean | undefined;
  let required = true;
  for (let next: z.ZodType | undefined = field; next !== undefined;) {
    const meta = next.meta();
    const layer = next.def as unknown as Layer;
    description ??= meta?.description;
    if (typeof meta?.["secret"] === "boolean") secret ??= meta["secret"];
    required &&= !mayBeAbsent.has(layer.type);
    if ("defaultValue" in layer) defaultText ??= toText(layer.defaultValue);
    next = layer.innerType ?? layer.in;
  }
  return {
    ...(description === undefined ? {} : { description }),
    ...(defaultText === undefined ? {} : { defaultText }),
    required,
    secret: secret ?? secretName.test(name),
  };
}

function toText(value: unknown): string {
  if (Array.isArray(value)) return value.map(toText).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}
