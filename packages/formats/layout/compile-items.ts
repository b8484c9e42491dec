import { compileChannels } from "./channels.ts";
import { compileDate } from "./calendar-date.ts";
import { compileField, compileMade, compileText } from "./compile-field.ts";
import { type Compiled, type FrameReading, hexOf, problem, type Step, tooShort } from "./frame-reading.ts";
import type { Condition, ConstItem, SkipItem } from "./item-schema.ts";
import type { LayoutItem, OptionalItem, SwitchItem } from "./layout-schema.ts";
import { compileMbus } from "./mbus-records.ts";
import { compileMask } from "./presence-mask.ts";
import { compileRepeat } from "./repeat.ts";
import type { Scope } from "./scope.ts";
import { compileWord } from "./word.ts";

/**
 * Items one behind the other, in the order in which they stand. `tail` is what follows them in the same block, in bytes; undefined where
 * that is not fixed.
 */
export function compileItems(items: readonly LayoutItem[], scope: Scope, tail: number | undefined): Compiled {
  const tails = tailsOf(items, tail);
  const steps: Step[] = [];
  let min = 0;
  let max = 0;
  items.forEach((item, n) => {
    const here = scope.below(n);
    const jump = "at" in item && item.at !== undefined ? jumpTo(item.at, { min, max, scope: here }) : 0;
    const compiled = compileItem(item, here, tails[n]);
    const when = "when" in item ? item.when : undefined;
    const own = begin(here, compiled.step);
    const step = jump === 0 ? own : after(jump, own, here);
    steps.push(when === undefined ? step : conditional(when, step, here));
    min += when === undefined ? jump + compiled.min : 0;
    max += jump + compiled.max;
  });
  return { step: sequence(steps), min, max };
}

/** Bytes behind each item, where they are fixed. */
function tailsOf(items: readonly LayoutItem[], tail: number | undefined): readonly (number | undefined)[] {
  const tails: (number | undefined)[] = [];
  let behind = tail;
  for (let n = items.length - 1; n >= 0; n--) {
    tails[n] = behind;
    const bytes = behind === undefined ? undefined : fixedBytes(items[n]!);
    behind = bytes === undefined ? undefined : behind! + bytes;
  }
  return tails;
}

/** Bytes of an item that always takes as many. */
function fixedBytes(item: LayoutItem): number | undefined {
  if ("when" in item && item.when !== undefined) return undefined;
  if ("at" in item && item.at !== undefined) return undefined;
  if ("type" in item && typeof item.type === "string" && "name" in item) {
    const bits = /^[uif](\d+)/u.exec(item.type)?.[1];
    if (bits !== undefined) return Number(bits) / 8;
    return typeof item.length === "number" ? item.length : undefined;
  }
  if ("skip" in item) return typeof item.skip === "number" ? item.skip : undefined;
  if ("const" in item) return item.const.length / 2;
  if ("word" in item) return Number(/\d+/u.exec(item.word)?.[0]) / 8;
  if ("date" in item || "of" in item || "text" in item) return 0;
  if ("repeat" in item) {
    const entry = sumOf(item.fields.map((field) => fixedBytes(field)));
    return typeof item.count === "number" && entry !== undefined ? item.count * entry : undefined;
  }
  return undefined;
}

function sumOf(list: readonly (number | undefined)[]): number | undefined {
  return list.reduce<number | undefined>(
    (sum, bytes) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
    0,
  );
}

/** Bytes that lie between the item before and the place where this one is said to begin. */
function jumpTo(at: number, { min, max, scope }: { min: number; max: number; scope: Scope }): number {
  if (min !== max) {
    scope.fault(`at: ${at} needs items of fixed length before it`);
    return 0;
  }
  if (at < min) scope.fault(`at: ${at} overlaps what stands before, which ends at byte ${min}`);
  return Math.max(0, at - min);
}

/** Tells whoever watches which item it is whose bytes come now. */
function begin({ path }: Scope, step: Step): Step {
  return (reading, into) => {
    reading.watch?.begin(path, reading.at);
    return step(reading, into);
  };
}

function after(bytes: number, step: Step, { path }: Scope): Step {
  return (reading, into) => {
    if (reading.end - reading.at < bytes) return tooShort(reading, "what the layout leaves out", bytes);
    reading.watch?.begin(path, reading.at);
    reading.at += bytes;
    reading.watch?.tell(reading.at, { kind: "skipped" });
    return step(reading, into);
  };
}

function sequence(steps: readonly Step[]): Step {
  if (steps.length === 1) return steps[0]!;
  return (reading, into) => {
    for (const step of steps) {
      const wrong = step(reading, into);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

function conditional(condition: Condition, step: Step, scope: Scope): Step {
  const terms = Object.entries(condition).map(([name, wanted]) => ({
    slot: scope.below("when").refer(name),
    holds: testOf(wanted),
  }));
  return (reading, into) => {
    for (const { slot, holds } of terms) {
      const value = slot === undefined ? undefined : reading.values[slot.index];
      if (value === undefined || !holds(value)) return undefined;
    }
    return step(reading, into);
  };
}

function testOf(wanted: Condition[string]): (value: number | string) => boolean {
  if (typeof wanted !== "object") return (value) => value === wanted;
  if (Array.isArray(wanted)) {
    const values = new Set<number | string>(wanted);
    return (value) => values.has(value);
  }
  const { min = -Infinity, max = Infinity } = wanted;
  return (value) => typeof value === "number" && value >= min && value <= max;
}

function compileItem(item: LayoutItem, scope: Scope, tail: number | undefined): Compiled {
  if ("type" in item) return compileField(item, scope, tail);
  if ("skip" in item) return compileSkip(item, scope, tail);
  if ("const" in item) return compileConst(item);
  if ("word" in item) return compileWord(item, scope);
  if ("date" in item) return compileDate(item, scope);
  if ("repeat" in item) return compileRepeat(item, scope, { tail, compileItems });
  if ("channels" in item) return compileChannels(item, scope, { tail, compileItems });
  if ("mask" in item) return compileMask(item, scope, { tail, compileItems });
  if ("switch" in item) return compileSwitch(item, scope, tail);
  if ("optional" in item) return compileOptional(item, scope);
  if ("mbus" in item) return compileMbus(item, scope, tail);
  if ("text" in item) return compileText(item, scope);
  return compileMade(item, scope);
}

function compileSkip({ skip }: SkipItem, scope: Scope, tail: number | undefined): Compiled {
  if (skip !== "rest") {
    const step = (reading: FrameReading) => {
      if (reading.end - reading.at < skip) return tooShort(reading, "what is skipped", skip);
      reading.at += skip;
      reading.watch?.tell(reading.at, { kind: "skipped" });
      return undefined;
    };
    return { min: skip, max: skip, step };
  }
  if (tail === undefined) scope.fault("what stands behind a rest must have a fixed length");
  return {
    min: 0,
    max: Infinity,
    step(reading) {
      reading.at = Math.max(reading.at, reading.end - (tail ?? 0));
      reading.watch?.tell(reading.at, { kind: "skipped" });
      return undefined;
    },
  };
}

function compileConst(item: ConstItem): Compiled {
  const bytes = item.const.length / 2;
  const wanted = item.const.toLowerCase();
  return {
    min: bytes,
    max: bytes,
    step(reading) {
      const came = hexOf(reading.bytes, reading.at, Math.min(reading.at + bytes, reading.end));
      if (came !== wanted) return problem(`${wanted} at byte ${reading.at}`, came === "" ? "the end" : came);
      reading.at += bytes;
      reading.watch?.tell(reading.at, { kind: "constant" });
      return undefined;
    },
  };
}

function compileSwitch(item: SwitchItem, scope: Scope, tail: number | undefined): Compiled {
  const slot = scope.refer(item.switch);
  const cases = new Map(
    Object.entries(item.cases).map(([value, items]) => [value, compileItems(items, scope.below("cases", value), tail)]),
  );
  const other = item.else === undefined ? undefined : compileItems(item.else, scope.below("else"), tail);
  const all = other === undefined ? [...cases.values()] : [...cases.values(), other];
  return {
    min: Math.min(...all.map(({ min }) => min)),
    max: Math.max(...all.map(({ max }) => max)),
    step(reading, into) {
      const value = slot === undefined ? undefined : reading.values[slot.index];
      const chosen = cases.get(String(value)) ?? other;
      if (chosen === undefined) return problem(`${item.switch} of ${[...cases.keys()].join(", ")}`, String(value));
      return chosen.step(reading, into);
    },
  };
}

function compileOptional({ optional }: OptionalItem, scope: Scope): Compiled {
  const { step, max } = compileItems(optional, scope.below("optional"), 0);
  return {
    min: 0,
    max,
    step: (reading, into) => (reading.at >= reading.end ? undefined : step(reading, into)),
  };
}

/** How items with items inside compile those. */
export interface Inner {
  readonly tail: number | undefined;
  readonly compileItems: typeof compileItems;
}
