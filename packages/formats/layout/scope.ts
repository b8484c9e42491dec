import type { DocumentProblem } from "../document-problem.ts";
import type { Endian } from "./item-schema.ts";

/** Where the value of a named field is kept while a frame is read. */
export interface Slot {
  readonly index: number;
  /** Fields to which nothing refers are not kept. */
  isUsed: boolean;
}

/** What is known while a layout is compiled. */
export interface Scope {
  readonly endian: Endian | undefined;
  /** Placeholders of the channel's key that names may use. */
  readonly placeholders: readonly string[];
  /** Where this stands in the document. */
  readonly path: readonly (string | number)[];
  /** Notes a mistake at the place of this scope, or below it. */
  fault(message: string, ...below: readonly (string | number)[]): void;
  define(name: string): Slot;
  /** Undefined, and the mistake noted, where no field of that name stands before. */
  refer(name: string): Slot | undefined;
  /** A place that no name leads to. */
  reserve(): Slot;
  below(...path: readonly (string | number)[]): Scope;
  withPlaceholders(names: readonly string[]): Scope;
}

export interface ScopeRoot {
  readonly scope: Scope;
  readonly problems: readonly DocumentProblem[];
  slots(): number;
}

export function createScope(endian: Endian | undefined, ...begin: readonly (string | number)[]): ScopeRoot {
  const problems: DocumentProblem[] = [];
  const slots = new Map<string, Slot>();
  let count = 0;
  const reserve = (): Slot => ({ index: count++, isUsed: true });
  const at = (path: readonly (string | number)[], placeholders: readonly string[]): Scope => ({
    endian,
    placeholders,
    path,
    fault(message, ...below) {
      problems.push({ path: [...path, ...below], message });
    },
    define(name) {
      let slot = slots.get(name);
      if (slot === undefined) {
        slot = { index: count++, isUsed: false };
        slots.set(name, slot);
      }
      return slot;
    },
    refer(name) {
      const slot = slots.get(name);
      if (slot === undefined) this.fault(`${name} is no field that stands before`);
      else slot.isUsed = true;
      return slot;
    },
    reserve,
    below: (...more) => at([...path, ...more], placeholders),
    withPlaceholders: (names) => at(path, [...placeholders, ...names]),
  });
  return { scope: at(begin, []), problems, slots: () => count };
}
