import { createPathTable, type PathTable } from "./profile-path.ts";
import type { Beside, ProfileDocument, ProfileField, TimeKind } from "./profile-schema.ts";

/** What the value at a path is. */
type Meaning =
  /** Of several the first whose `when` holds; a single one that does not hold gives no reading, of several one has to. */
  | { readonly kind: "field"; readonly fields: readonly ProfileField[]; readonly isChoice: boolean }
  | { readonly kind: "time" }
  | { readonly kind: "ignored"; readonly why: string };
/** The part of a profile that reading needs. */
export type ReaderDocument = Pick<
  ProfileDocument,
  "profile" | "skip" | "times" | "lists" | "fields" | "choices" | "ignore"
>;
export type List = ProfileDocument["lists"][number];

export interface Compiled {
  readonly meanings: PathTable<Meaning>;
  readonly skip: PathTable<readonly (number | string | boolean)[]>;
  /** By the path of the object that holds them: the first that an object has is its time. */
  readonly times: ReadonlyMap<string, readonly Clock[]>;
  readonly lists: ReadonlyMap<string, List>;
}

export function compile(document: ReaderDocument): Compiled {
  const meanings: [string, Meaning][] = [];
  for (const [path, field] of Object.entries(document.fields))
    meanings.push([path, { kind: "field", fields: [field], isChoice: false }]);
  for (const [path, fields] of Object.entries(document.choices))
    meanings.push([path, { kind: "field", fields, isChoice: true }]);
  for (const { field } of document.times) meanings.push([field, { kind: "time" }]);
  for (const [path, why] of Object.entries(document.ignore)) meanings.push([path, { kind: "ignored", why }]);
  const fields = Object.entries(document.fields).map(([path, field]) => ({ path, field }));
  const choices = Object.entries(document.choices).flatMap(([path, all]) => all.map((field) => ({ path, field })));
  for (const { path, field } of [...fields, ...choices]) {
    const beside = [field.unitField, field.factorField, ...keysOf(field.when), ...keysOf(field.unless)];
    for (const key of beside) {
      const own = key === undefined ? path : join(parentOf(path), key);
      if (own !== path) meanings.push([own, { kind: "ignored", why: `it belongs to ${path}` }]);
    }
  }
  return {
    meanings: createPathTable(meanings),
    skip: createPathTable(Object.entries(document.skip)),
    times: clocksOf(document.times),
    lists: new Map(document.lists.map((list) => [list.path, list])),
  };
}

function keysOf(beside: Beside | undefined): readonly string[] {
  return Object.keys(beside ?? {});
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf(".")));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** A key that holds a time. */
export interface Clock {
  readonly key: string;
  readonly as: TimeKind;
}

function clocksOf(times: ReaderDocument["times"]): ReadonlyMap<string, readonly Clock[]> {
  const clocks = new Map<string, Clock[]>();
  for (const { field, as } of times) {
    const clock = { key: lastOf(field), as };
    const own = clocks.get(parentOf(field));
    if (own === undefined) clocks.set(parentOf(field), [clock]);
    else own.push(clock);
  }
  return clocks;
}
