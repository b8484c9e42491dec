import { randomBytes } from "node:crypto";
import type { DeviceAndThing, EpochMs, Thing } from "@messnetz/model";
import { toBase32 } from "./base32.ts";
import { normaliseDeviceId } from "./device-id.ts";
import type { DocumentChange, DocumentStorage, StoredDocument } from "./documents.ts";
import { createDraft, type Draft, parse } from "./draft.ts";
import { RegistryError } from "./error.ts";
import { type IssuedCredential, everyOperator, type Registry, tokenRequestSchema } from "./port.ts";
import { adoptInto, carryOut, requireOperator } from "./rules.ts";
import { createSecretSeal, newSecret } from "./secret.ts";
import { isVisible, narrow, selectThings } from "./selection.ts";
import { change, type State, toState } from "./state.ts";
import { formatToken, parseToken } from "./token-text.ts";

export interface RegistryParts {
  readonly storage: DocumentStorage;
  /** Secrets are sealed with it: 32 random bytes that are not kept in the storage. */
  readonly key: Uint8Array;
  readonly now: () => EpochMs;
}

/** The registry over any storage of documents: reads from memory, writes through to the storage. */
export async function createRegistry({ storage, key, now }: RegistryParts): Promise<Registry> {
  const seal = createSecretSeal(key);
  let state: State = toState(await storage.load());
  let version = 1;
  let closed = false;
  let sortedThings: readonly Thing[] | undefined;
  /** Adopted, seen by reads, not yet durable. */
  let pending: readonly DocumentChange[] = [];
  let lastWrite: Promise<unknown> = Promise.resolve();

  function takeChanges(changes: readonly DocumentChange[]): void {
    if (changes.length === 0) return;
    change(state, changes);
    sortedThings = undefined;
    version++;
  }

  function takeForeign(documents: readonly StoredDocument[]): void {
    state = toState(documents);
    pending = pending.filter(({ kind, id }) => !state[kind].has(id));
    change(state, pending);
    sortedThings = undefined;
    version++;
  }

  /** One write after the other; what `edit` returns is the answer once its changes, and all adoptions before it, are durable. */
  async function write<T>(edit: (draft: Draft) => T): Promise<T> {
    const turn = lastWrite.then(async () => {
      let answer: { readonly value: T } | undefined;
      let changes: readonly DocumentChange[] = [];
      let adopted: readonly DocumentChange[] = [];
      await storage.write((foreign) => {
        if (foreign !== undefined) takeForeign(foreign);
        const draft = createDraft(state);
        answer = { value: edit(draft) };
        changes = draft.changes();
        adopted = pending;
        return [...adopted, ...changes];
      });
      pending = pending.filter((entry) => !adopted.includes(entry));
      takeChanges(changes);
      return answer!.value;
    });
    lastWrite = turn.catch(() => undefined);
    return turn;
  }

  function assertOpen(): void {
    if (closed) throw new RegistryError("closed", "the registry: expected it to be open, but it was closed");
  }

  async function edit<T>(action: (draft: Draft) => T): Promise<T> {
    assertOpen();
    return write(action);
  }

  function issueSecret(draft: Draft, sourceId: string): IssuedCredential {
    const source = draft.get("source", sourceId);
    if (source === undefined) {
      throw new RegistryError("unknown_source", `credential ${sourceId}: expected one that is registered`);
    }
    const secret = newSecret();
    const sealed = seal.seal({ purpose: "mqtt", id: sourceId, secret: Buffer.from(secret) });
    draft.put("secret", sourceId, { seal: sealed, issuedAt: now() });
    return { source, secret };
  }

  async function apply(changes: Parameters<Registry["apply"]>[0]): Promise<readonly IssuedCredential[]> {
    return edit((draft) => {
      for (const each of changes) carryOut(draft, each);
      const bare = [...draft.all("source")].filter(([id]) => draft.get("secret", id) === undefined);
      return bare.map(([id]) => issueSecret(draft, id));
    });
  }

  if (state.key.get("seal") === undefined) {
    await write((draft) => {
      draft.put("key", "seal", { fingerprint: seal.fingerprint });
    });
  } else if (state.key.get("seal")?.fingerprint !== seal.fingerprint) {
    throw new RegistryError(
      "key",
      "the registry was sealed with another key: expected the key file that belongs to it",
    );
  }
  storage.follow((documents) => {
    if (!closed) takeForeign(documents);
  });

  return {
    get version() {
      return version;
    },
    source: (id) => state.source.get(id),
    device(id) {
      const device = state.device.get(id) ?? state.device.get(normaliseDeviceId(id));
      return device && { device, thing: state.thing.get(device.thing)! };
    },
    operator: (id) => state.operator.get(id),
    operators: () => byId(state.operator.values()),
    thing: (id) => state.thing.get(id),
    things: (query) => selectThings((sortedThings ??= byId(state.thing.values())), query),
    devices({ operators, things }) {
      const found = [...state.device.values()].filter((device) => {
        if (things !== undefined && !things.includes(device.thing)) return false;
        return operators === undefined || operators.includes(state.thing.get(device.thing)!.operator);
      });
      return byId(found);
    },
    credentials: () =>
      byId(state.source.values()).map((source) => {
        const { issuedAt, revokedAt } = state.secret.get(source.id)!;
        return { source, issuedAt, ...(revokedAt === undefined ? {} : { revokedAt }) };
      }),
    tokens: () => byId([...state.token.values()].map((token) => token.principal)),
    visibleThing(principal, id) {
      const thing = state.thing.get(id);
      return thing !== undefined && isVisible(principal, thing) ? thing : undefined;
    },
    visibleThings: (principal, query) =>
      selectThings((sortedThings ??= byId(state.thing.values())), narrow(principal, query)),

    authenticate(username, password) {
      const sealed = state.secret.get(username)?.seal;
      const good = seal.matches({ purpose: "mqtt", id: username, secret: password }, sealed);
      return good ? state.source.get(username) : undefined;
    },
    isActive: (sourceId) => state.secret.get(sourceId)?.seal !== undefined,
    authorise(text) {
      const parts = parseToken(text);
      if (parts === undefined) return undefined;
      const token = state.token.get(parts.id);
      const claim = { purpose: "token", id: parts.id, secret: Buffer.from(parts.secret) } as const;
      if (!seal.matches(claim, token?.seal) || token === undefined) return undefined;
      const { principal } = token;
      return principal.expiresAt === undefined || now() < principal.expiresAt ? principal : undefined;
    },

    apply,
    putThing: async (thing) => void (await apply([{ kind: "put-thing", thing }])),
    removeThing: async (id) => void (await apply([{ kind: "remove-thing", id }])),
    putDevice: async (device) => void (await apply([{ kind: "put-device", device }])),
    removeDevice: async (id) => void (await apply([{ kind: "remove-device", id }])),
    putOperator: async (operator) => void (await apply([{ kind: "put-operator", operator }])),

    issueCredential: async (source) =>
      edit((draft) => {
        if (draft.get("source", source.id) !== undefined) {
          throw new RegistryError("exists", `credential ${source.id}: expected a new id, came one that is taken`);
        }
        carryOut(draft, { kind: "put-source", source });
        return issueSecret(draft, source.id);
      }),
    rotateCredential: async (sourceId) => edit((draft) => issueSecret(draft, sourceId)),
    revokeCredential: async (sourceId) =>
      edit((draft) => {
        const known = draft.get("secret", sourceId);
        if (known === undefined) {
          throw new RegistryError("unknown_source", `credential ${sourceId}: expected one that is registered`);
        }
        if (known.seal !== undefined) draft.put("secret", sourceId, { issuedAt: known.issuedAt, revokedAt: now() });
      }),
    issueToken: async (request) =>
      edit((draft) => {
        const asked = parse(tokenRequestSchema, "token", request);
        if (asked.operator !== everyOperator) requireOperator(draft, asked.operator, `token ${asked.name}`);
        const id = newTokenId();
        const secret = newSecret();
        const principal = { ...asked, id, issuedAt: now() };
        draft.put("token", id, {
          principal,
          seal: seal.seal({ purpose: "token", id, secret: Buffer.from(secret) }),
        });
        return { principal, token: formatToken({ id, secret }) };
      }),
    revokeToken: async (id) =>
      edit((draft) => {
        if (draft.get("token", id) === undefined) {
          throw new RegistryError("unknown_token", `token ${id}: expected one that was issued and not revoked`);
        }
        draft.remove("token", id);
      }),

    adopt(list) {
      assertOpen();
      const draft = createDraft(state);
      const foreign: DeviceAndThing[] = [];
      for (const each of list) if (!adoptInto(draft, each)) foreign.push(each);
      const changes = draft.changes();
      takeChanges(changes);
      pending = [...pending, ...changes];
      return foreign;
    },
    async flush() {
      assertOpen();
      if (pending.length > 0) await write(() => undefined);
      else await lastWrite;
    },
    async check() {
      assertOpen();
      await storage.check();
    },
    async close() {
      if (closed) return;
      closed = true;
      try {
        if (pending.length > 0) await write(() => undefined);
        else await lastWrite;
      } finally {
        await storage.close();
      }
    },
  };
}

function byId<T extends { readonly id: string }>(values: Iterable<T>): readonly T[] {
  return [...values].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function newTokenId(): string {
  return toBase32(randomBytes(7)).slice(0, 10);
}
