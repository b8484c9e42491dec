import { catalogue, type ObservedProperty, type Refusal, refusal, ucumFromAlias } from "@messnetz/model";
import type { ProfileField } from "./profile-schema.ts";
import { remember } from "./remember.ts";

/** A value in the unit that it came in; `none` where the device says that it has no value. */
export type FieldValue =
  | { readonly value: number | string | boolean; readonly unit: string | undefined }
  | { readonly none: true }
  | Refusal;

const none = { none: true } as const;

/** Reads one field; `beside` holds the unit or the factor where the profile says so. */
export function readField(
  raw: number | string | boolean,
  field: ProfileField,
  beside: { readonly unit: unknown; readonly factor: unknown },
): FieldValue {
  if (isCodeForNone(raw, field)) return none;
  const unit = unitOf(field, beside.unit);
  if (field.enum !== undefined) {
    const found = wordsOf(field.enum).get(toWord(raw));
    return found === undefined
      ? refusal("invalid_value", `one of ${Object.keys(field.enum).join(", ")}`, raw)
      : { value: found, unit };
  }
  if (typeof raw === "boolean") return { value: raw, unit };
  if (typeof raw === "number") return scaled(raw, field, { unit, factor: beside.factor });
  const measure = readMeasure(raw);
  if (measure !== undefined) {
    return scaled(measure.number, field, { unit: measure.unit ?? unit, factor: beside.factor });
  }
  const observed = catalogue.get(field.property);
  if (observed?.kind === "state" && !isFlag(observed)) return { value: raw, unit };
  return refusal("invalid_value", "a number, perhaps with its unit", raw);
}

/** A state that is 0 or 1: in the catalogue it has a range and no words. */
export function isFlag(observed: ObservedProperty): boolean {
  return observed.kind === "state" && observed.states === undefined && observed.range !== undefined;
}

const wordsByEnum = new WeakMap<object, ReadonlyMap<string, number | string | boolean>>();

/** Words are made alike once a profile, not once a value. Of two that are alike the first holds. */
function wordsOf(list: NonNullable<ProfileField["enum"]>): ReadonlyMap<string, number | string | boolean> {
  let words = wordsByEnum.get(list);
  if (words === undefined) {
    words = new Map(
      Object.entries(list)
        .reverse()
        .map(([word, value]) => [toWord(word), value]),
    );
    wordsByEnum.set(list, words);
  }
  return words;
}

function isCodeForNone(raw: number | string | boolean, field: ProfileField): boolean {
  if (field.invalid !== undefined) {
    for (const code of field.invalid) {
      if (raw === code || (typeof raw === "string" && typeof code === "string" && toWord(raw) === toWord(code)))
        return true;
    }
  }
  if (field.valid === undefined || typeof raw === "boolean") return false;
  const number = typeof raw === "number" ? raw : readMeasure(raw)?.number;
  if (number === undefined) return false;
  return number < (field.valid.min ?? -Infinity) || number > (field.valid.max ?? Infinity);
}

function unitOf(field: ProfileField, written: unknown): string | undefined {
  if (typeof written !== "string" || written === "") return field.unit;
  return ucumFromAlias(written) ?? written;
}

function scaled(
  number: number,
  field: ProfileField,
  beside: { readonly unit: string | undefined; readonly factor: unknown },
): FieldValue {
  let value = number;
  if (field.scale !== undefined) {
    // 0.001 has no exact double, 1000 has: 3655 × 0.001 is not 3.655, 3655 / 1000 is.
    const inverse = Math.round(1 / field.scale);
    value = 1 / inverse === field.scale ? value / inverse : value * field.scale;
  }
  if (field.factorField !== undefined) {
    if (typeof beside.factor !== "number") {
      return refusal("invalid_value", `the factor ${field.factorField} in the same message`, number);
    }
    value *= beside.factor;
  }
  value += field.offset ?? 0;
  return Number.isFinite(value)
    ? { value, unit: beside.unit }
    : refusal("invalid_value", "a finite number", String(number));
}

const measure = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(\D.{0,31})?$/u;

/** `1500.60`, `2000 mm`, `25 °C`; a unit that is not known is given as it is, to be refused for what it is. */
function readMeasure(text: string): { readonly number: number; readonly unit: string | undefined } | undefined {
  const match = measure.exec(text.trim());
  if (match?.[1] === undefined) return undefined;
  const unit = match[2]?.trim();
  return { number: Number(match[1]), unit: unit === undefined ? undefined : (ucumFromAlias(unit) ?? unit) };
}

const wordOf = remember((text) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/gu, "_"),
);

function toWord(value: number | string | boolean): string {
  return wordOf(String(value));
}
