import { compileLength } from "./compile-field.ts";
import type { Inner } from "./compile-items.ts";
import { type Compiled, type FrameReading, type Making, problem, type Problem } from "./frame-reading.ts";
import type { EntryTimes } from "./item-schema.ts";
import type { RepeatItem } from "./layout-schema.ts";
import { compilePut, entryOf } from "./put-value.ts";
import type { Scope } from "./scope.ts";

/** Entries of a list, each an object. */
export function compileRepeat(item: RepeatItem, scope: Scope, { tail, compileItems }: Inner): Compiled {
  const { repeat, count } = item;
  const { path } = scope;
  if (repeat.includes(".") || repeat.startsWith("_")) scope.fault("a list has a plain name");
  const times = item.times === undefined ? undefined : compileTimes(item.times, scope.below("times"));
  const entry = compileItems(item.fields, scope.below("fields"), 0);
  if (entry.min === 0) scope.fault("an entry has at least one byte");
  const isRest = count === "rest";
  const countOf = isRest ? undefined : compileLength(count, scope, tail);
  if (isRest && tail === undefined) scope.fault("what stands behind a rest must have a fixed length");
  return {
    min: typeof count === "number" ? count * entry.min : 0,
    max: typeof count === "number" ? count * entry.max : Infinity,
    step(reading, into) {
      const entries = countOf?.(reading) ?? Infinity;
      if (typeof entries !== "number") return entries;
      const { index } = reading;
      const end = isRest ? reading.end - (tail ?? 0) : reading.end;
      for (let n = 0; isRest ? reading.at < end : n < entries; n++) {
        reading.index = n;
        const object = entryOf(into, repeat);
        if (object === undefined) return problem(`a list ${repeat}`, "another value of that name");
        reading.watch?.begin(path, reading.at);
        const wrong = times?.(reading, object) ?? entry.step(reading, object);
        if (wrong !== undefined) return wrong;
      }
      reading.index = index;
      return undefined;
    },
  };
}

function compileTimes(times: EntryTimes, scope: Scope) {
  const { floor, first, step } = times;
  const from = times.from === "uplink" ? undefined : scope.refer(times.from);
  const between = typeof step === "number" ? undefined : scope.refer(step);
  const { put } = compilePut(times.name, scope);
  return (reading: FrameReading, into: Making): Problem | undefined => {
    const begin = from === undefined ? Math.floor(reading.time / 1000) : reading.values[from.index];
    const seconds = between === undefined ? step : reading.values[between.index];
    if (typeof begin !== "number" || typeof seconds !== "number") {
      return problem(`seconds in ${typeof begin === "number" ? step : times.from}`, "no value");
    }
    reading.watch?.makes([times.from, ...(typeof step === "string" ? [step] : [])]);
    const start = floor === undefined ? begin : Math.floor(begin / floor) * floor;
    return put(start + first + reading.index * seconds, reading, into);
  };
}
