import { type FrameReading, type Making, type Problem, problem } from "./frame-reading.ts";
import type { Scope, Slot } from "./scope.ts";

/** Puts a value under its name and keeps it for those who refer to it. */
export type Put = (value: number | string, reading: FrameReading, into: Making) => Problem | undefined;

const placeholder = /<[a-z][a-z0-9]*>/gu;

/** Where a named value goes: into the object, and into its slot. A name with two values is refused: one of them would be lost. */
export function compilePut(name: string, scope: Scope): { readonly put: Put; readonly slot: Slot } {
  const slot = scope.define(name);
  for (const used of name.match(placeholder) ?? []) {
    if (!scope.placeholders.includes(used)) scope.fault(`${used} of ${name} stands in no key around it`);
  }
  if (name.startsWith("_")) {
    return {
      slot,
      put(value, reading) {
        reading.values[slot.index] = value;
        reading.watch?.tell(reading.at, { kind: "value", name, value });
        return undefined;
      },
    };
  }
  const keys = name.split(".");
  const last = keys.pop()!;
  const isTemplate = name.includes("<");
  return {
    slot,
    put(value, reading, into) {
      if (slot.isUsed) reading.values[slot.index] = value;
      let object = into;
      for (const key of keys) {
        const inner = objectIn(object, isTemplate ? key.replaceAll(placeholder, reading.captured) : key);
        if (inner === undefined) return problem(`an object for ${name}`, "another value of that name");
        object = inner;
      }
      const key = isTemplate ? last.replaceAll(placeholder, reading.captured) : last;
      const before = object[key];
      if (before !== undefined && before !== value) {
        return problem(`one value of ${key} in a frame`, `${JSON.stringify(before)} and ${value}`);
      }
      // A zero below zero is a zero: JSON has no other.
      object[key] = value === 0 ? 0 : value;
      reading.watch?.tell(reading.at, { kind: "value", name, value, object, key });
      return undefined;
    },
  };
}

function objectIn(object: Making, key: string): Making | undefined {
  const inner = object[key];
  if (inner === undefined) return (object[key] = {} as Making);
  return typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Making) : undefined;
}

/** A new object at the end of a list; undefined where something else has its name. */
export function entryOf(into: Making, name: string): Making | undefined {
  const list = (into[name] ??= []);
  if (!Array.isArray(list)) return undefined;
  const entry: Making = {};
  list.push(entry);
  return entry;
}
