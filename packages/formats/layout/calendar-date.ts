import { type Compiled, problem } from "./frame-reading.ts";
import type { DateItem } from "./item-schema.ts";
import { compilePut } from "./put-value.ts";
import type { Scope } from "./scope.ts";

/** `2026-03-29T02:30:00`, with Z where it is in UTC. A day that the calendar does not have is refused; all zeros are no date. */
export function compileDate(item: DateItem, scope: Scope): Compiled {
  const parts = item.of.map((name, n) => scope.below("of", n).refer(name));
  const { put } = compilePut(item.date, scope);
  return {
    min: 0,
    max: 0,
    step(reading, into) {
      const values = parts.map((slot) => (slot === undefined ? undefined : reading.values[slot.index]));
      if (values.every((value) => value === 0 || value === undefined)) return undefined;
      reading.watch?.makes(item.of);
      const numbers = values.filter((value) => typeof value === "number");
      const text = numbers.length === parts.length ? isoOf(numbers) : undefined;
      if (text === undefined) return problem(`a date of ${item.of.join(", ")}`, values.join(", "));
      return put(item.zone === "utc" ? `${text}Z` : text, reading, into);
    },
  };
}

/** Undefined where the calendar has no such day, or the day no such time. */
export function isoOf(parts: readonly number[]): string | undefined {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  const full = year < 100 ? year + 2000 : year;
  const date = new Date(Date.UTC(full, month - 1, day, hour, minute, second));
  if (Number.isNaN(date.getTime())) return undefined;
  const text = date.toISOString().slice(0, "YYYY-MM-DDTHH:mm:ss".length);
  const two = (number: number) => String(number).padStart(2, "0");
  const same = `${full}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
  return text === same ? text : undefined;
}
