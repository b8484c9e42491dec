import type { Inner } from "./compile-items.ts";
import { type Compiled, problem, tooShort } from "./frame-reading.ts";
import type { MaskItem } from "./layout-schema.ts";
import { numberTypeOf } from "./number-type.ts";
import type { Scope } from "./scope.ts";

/** A word of flags and, for each flag that is set, its group of items, the lowest bit first. A flag without a group is refused. */
export function compileMask(item: MaskItem, scope: Scope, { tail, compileItems }: Inner): Compiled {
  const type = numberTypeOf(item.mask, scope.endian);
  if (type === undefined || type === "endian") {
    scope.fault(`${item.mask} needs le or be, or the layout an endian`);
    return { min: 0, max: 0, step: () => undefined };
  }
  const groups = Object.entries(item.groups)
    .map(([bit, items]) => ({
      bit: Number(bit),
      // What follows a group depends on the flags: a rest can stand only in the last.
      group: compileItems(items, scope.below("groups", bit), isLast(bit, item) ? tail : undefined),
    }))
    .toSorted((a, b) => a.bit - b.bit);
  for (const { bit } of groups) if (bit >= type.bytes * 8) scope.fault(`bit ${bit} is not in a ${item.mask}`);
  let known = 0;
  for (const { bit } of groups) known += 2 ** bit;
  const shown = groups.map(({ bit }) => bit).join(", ");
  return {
    min: type.bytes,
    max: groups.reduce((sum, { group }) => sum + group.max, type.bytes),
    step(reading, into) {
      if (reading.end - reading.at < type.bytes) return tooShort(reading, "the flags", type.bytes);
      const flags = type.read(reading.view, reading.at);
      reading.at += type.bytes;
      reading.watch?.tell(reading.at, { kind: "flags", flags });
      let rest = flags;
      for (const { bit, group } of groups) {
        if (Math.floor(flags / 2 ** bit) % 2 === 0) continue;
        rest -= 2 ** bit;
        const wrong = group.step(reading, into);
        if (wrong !== undefined) return wrong;
      }
      return rest === 0 ? undefined : problem(`flags with the bits ${shown}`, `0x${flags.toString(16)}`);
    },
  };
}

function isLast(bit: string, item: MaskItem): boolean {
  return Object.keys(item.groups).every((other) => Number(other) <= Number(bit));
}
