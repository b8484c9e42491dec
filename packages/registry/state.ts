import { learnProperties, type ObservedProperty } from "@messnetz/model";
import {
  type DocumentChange,
  type Documents,
  documentSchemas,
  type ForeignChange,
  type Kind,
  type StoredDocument,
} from "./documents.ts";
import { RegistryError } from "./error.ts";

/** All documents, by kind and id. */
export type State = { readonly [K in Kind]: Map<string, Documents[K]> };

export function emptyState(): State {
  return {
    operator: new Map(),
    thing: new Map(),
    tombstone: new Map(),
    device: new Map(),
    datastream: new Map(),
    property: new Map(),
    source: new Map(),
    secret: new Map(),
    token: new Map(),
    memory: new Map(),
    key: new Map(),
  };
}

/** Throws a `RegistryError` (`corrupt`) that names the document which is none. */
export function toState(documents: readonly StoredDocument[]): State {
  const state = emptyState();
  for (const document of documents) {
    const kind = knownKind(document);
    assertDocument(kind, document);
    put(state, kind, document);
  }
  assertWhole(state);
  return state;
}

/** Throws a `RegistryError` (`corrupt`) that names the document which is none. */
export function checkChanges(changes: readonly ForeignChange[]): readonly DocumentChange[] {
  return changes.map(({ kind, id, body }) => {
    const known = knownKind({ kind, id });
    if (body === undefined) return { kind: known, id };
    assertDocument(known, { kind, id, body });
    return { kind: known, id, body };
  });
}

function knownKind({ kind, id }: { readonly kind: string; readonly id: string }): Kind {
  if (Object.hasOwn(documentSchemas, kind)) return kind as Kind;
  throw new RegistryError("corrupt", `document ${kind} ${id}: expected a known kind`);
}

function assertDocument(kind: Kind, { id, body }: StoredDocument): void {
  try {
    documentSchemas[kind].parse(JSON.parse(body));
  } catch (cause) {
    const came = body.slice(0, 200);
    throw new RegistryError("corrupt", `document ${kind} ${id}: expected what the schema says, came ${came}`, {
      cause,
    });
  }
}

function put(state: State, kind: Kind, { id, body }: { readonly id: string; readonly body: string }): void {
  const document: unknown = freeze(JSON.parse(body));
  // Formats, stores and exports look there: whoever knows the registry knows its properties, before anything is measured in them.
  if (kind === "property") learnProperties([document as ObservedProperty]);
  (state[kind] as Map<string, unknown>).set(id, document);
}

/** Every device has its thing, every credential its secret and the other way round: reads rely on it. */
function assertWhole(state: State): void {
  const broken = [
    ...[...state.device.values()]
      .filter(({ thing }) => !state.thing.has(thing))
      .map(({ id }) => `device ${id} has no thing`),
    ...[...state.source.keys()].filter((id) => !state.secret.has(id)).map((id) => `credential ${id} has no secret`),
    ...[...state.secret.keys()].filter((id) => !state.source.has(id)).map((id) => `secret ${id} has no credential`),
  ];
  if (broken.length > 0)
    throw new RegistryError("corrupt", `the registry is not whole: ${broken.slice(0, 10).join("; ")}`);
}

/** The changes were checked when they were made. */
export function change(state: State, changes: readonly DocumentChange[]): void {
  for (const { kind, id, body } of changes) {
    if (body === undefined) state[kind].delete(id);
    else put(state, kind, { id, body });
  }
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
