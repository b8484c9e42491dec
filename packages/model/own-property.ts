import { addToCatalogue, catalogue, observedProperties } from "./catalogue.ts";
import type { ObservedProperty } from "./property.ts";
import { parseUnit } from "./unit.ts";

const brought: ReadonlySet<string> = new Set(observedProperties.map(({ key }) => key));

/** A mistake of one key of a property. */
export interface PropertyMistake {
  readonly path: readonly string[];
  /** What was expected and what came, and how it is cured. */
  readonly message: string;
}

/**
 * What is wrong with an observed property that a town adds to the catalogue. What Messnetz brings stays as it is; unit and kind of one that
 * was accepted before never change, because its stored results have them.
 */
export function ownPropertyMistakes(property: ObservedProperty): readonly PropertyMistake[] {
  const { key, unit, kind, range, states } = property;
  const mistakes: PropertyMistake[] = [];
  const wrong = (path: string, message: string) => mistakes.push({ path: [path], message });
  if (brought.has(key)) {
    wrong("key", `${key} is a property that Messnetz brings, and stays as it is — choose another key`);
    return mistakes;
  }
  if (parseUnit(unit) === undefined) {
    wrong(
      "unit",
      `${JSON.stringify(unit)} is no UCUM code that Messnetz knows — m, mm, Cel, kW.h, mg/L, {person}, ...`,
    );
  }
  if (range !== undefined && !(range.min < range.max)) {
    wrong("range", `min ${range.min} is not below max ${range.max} — correct one of them`);
  }
  if (kind === "counter" && range !== undefined && range.min !== 0) {
    wrong("range", "a counter begins with 0 — min: 0");
  }
  if (kind === "state" && unit !== "1") wrong("unit", `a state has no dimension — unit: "1"`);
  if (kind === "state" && range !== undefined && (states !== undefined || range.min !== 0 || range.max !== 1)) {
    wrong("range", "a state has the range 0 to 1, which makes it a flag, or words — remove one of range and states");
  }
  if (kind !== "state" && states !== undefined) wrong("states", "only a state has words — remove states");
  const known = catalogue.get(key);
  if (known !== undefined) for (const each of contradictions(known, property)) wrong(...each);
  return mistakes;
}

function contradictions(known: ObservedProperty, now: ObservedProperty): readonly [path: string, message: string][] {
  const cure = "take it back, and give what is measured now another key";
  const found: [string, string][] = [];
  for (const name of ["unit", "kind"] as const) {
    if (known[name] === now[name]) continue;
    found.push([name, `${now.key} was accepted with the ${name} ${known[name]}, and results may be stored — ${cure}`]);
  }
  const shape = ({ kind, range, states }: ObservedProperty) =>
    kind !== "state" ? "" : range !== undefined ? "a flag" : states === undefined ? "words of the device" : "words";
  if (known.kind === now.kind && shape(known) !== shape(now)) {
    found.push(["kind", `${now.key} was accepted as ${shape(known)}, not as ${shape(now)} — ${cure}`]);
  }
  const gone = now.states === undefined ? [] : (known.states ?? []).filter((word) => !now.states!.includes(word));
  if (gone.length > 0)
    found.push(["states", `${gone.join(", ")} was a word of ${now.key} before — keep it in the list`]);
  return found;
}

/**
 * Takes a town's own properties into the catalogue of this process, where all look: in place of what was known of them. Throws a `RangeError`
 * where one contradicts what is known, as `ownPropertyMistakes` says; none is taken then.
 */
export function learnProperties(properties: readonly ObservedProperty[]): void {
  for (const property of properties) {
    const [mistake] = ownPropertyMistakes(property);
    if (mistake !== undefined)
      throw new RangeError(`property ${property.key}: ${mistake.path.join(".")}: ${mistake.message}`);
  }
  addToCatalogue(properties);
}
