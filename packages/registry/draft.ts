import type { z } from "zod";
import { type DocumentChange, type Documents, documentSchemas, type Kind } from "./documents.ts";
import { RegistryError } from "./error.ts";
import type { State } from "./state.ts";

/** Changes on top of a state that stays as it is until they are durable. */
export interface Draft {
  get<K extends Kind>(kind: K, id: string): Documents[K] | undefined;
  /** With what the draft changes. */
  all<K extends Kind>(kind: K): Iterable<readonly [id: string, document: Documents[K]]>;
  /** Throws `invalid` when the document is not what its schema says. */
  put<K extends Kind>(kind: K, id: string, document: Documents[K]): void;
  remove(kind: Kind, id: string): void;
  /** What is different from the state, in no order that matters. */
  changes(): readonly DocumentChange[];
}

export function createDraft(state: State): Draft {
  const changed = new Map<Kind, Map<string, unknown>>();

  function entries(kind: Kind): Map<string, unknown> {
    const map = changed.get(kind) ?? new Map<string, unknown>();
    changed.set(kind, map);
    return map;
  }

  function get<K extends Kind>(kind: K, id: string): Documents[K] | undefined {
    const map = changed.get(kind);
    return map?.has(id) === true ? (map.get(id) as Documents[K] | undefined) : state[kind].get(id);
  }

  return {
    get,
    *all<K extends Kind>(kind: K) {
      const map = changed.get(kind);
      for (const entry of state[kind]) if (map?.has(entry[0]) !== true) yield entry;
      for (const [id, document] of map ?? []) if (document !== undefined) yield [id, document as Documents[K]] as const;
    },
    put(kind, id, document) {
      entries(kind).set(id, parse(documentSchemas[kind], `${kind} ${id}`, document));
    },
    remove(kind, id) {
      entries(kind).set(id, undefined);
    },
    changes() {
      const list: DocumentChange[] = [];
      for (const [kind, map] of changed) {
        for (const [id, document] of map) {
          const before = state[kind].get(id);
          const body = document === undefined ? undefined : JSON.stringify(document);
          if (body === (before === undefined ? undefined : JSON.stringify(before))) continue;
          list.push(body === undefined ? { kind, id } : { kind, id, body });
        }
      }
      return list;
    },
  };
}

/** Throws a `RegistryError` (`invalid`) that names each thing wrong. */
export function parse<T>(schema: z.ZodType<T>, what: string, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`).join("; ");
  throw new RegistryError("invalid", `${what}: ${wrong}`, { cause: parsed.error });
}
