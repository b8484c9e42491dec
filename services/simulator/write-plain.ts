import type { Measured, Stamp, Written } from "./emission.ts";

/** One bare value a message, `plain/<thing>/<property>`: it carries neither time nor unit. */
export function plainWriter(thing: string): (measured: readonly Measured[], stamp: Stamp) => Written {
  return ([first]) => {
    if (first === undefined) throw new Error(`expected a value of ${thing} to write, came none`);
    return { topic: `plain/${thing}/${first.word}`, payload: String(first.value) };
  };
}
