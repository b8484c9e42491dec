import type { EpochMs, Source } from "@messnetz/model";
import { createAccess } from "./access.ts";
import { normaliseDeviceId } from "./device-id.ts";
import type { DocumentStorage, SealedSecret } from "./documents.ts";
import { RegistryError } from "./error.ts";
import { createFormatMemories } from "./format-memories.ts";
import { createJournal, type Journal } from "./journal.ts";
import type { CredentialState, Registry, RegistryChange } from "./port.ts";
import { carryOut } from "./rules.ts";
import { createSecretSeal, type SecretSeal } from "./secret.ts";
import { isVisible, narrow, selectThings } from "./selection.ts";

export interface RegistryParts {
  readonly storage: DocumentStorage;
  /** Secrets are sealed with it: 32 random bytes that are not kept in the storage. */
  readonly key: Uint8Array;
  readonly now: () => EpochMs;
}

/** The registry over any storage of documents: reads from memory, writes through to the storage. */
export async function createRegistry({ storage, key, now }: RegistryParts): Promise<Registry> {
  const seal = createSecretSeal(key);
  const journal = await createJournal(storage);
  await assertSealedWith(seal, journal);
  const { issueMissing, ...access } = createAccess({ journal, seal, now });
  const memories = createFormatMemories(journal);
  const sortedThings = createSorted(journal, () => journal.state.thing.values());
  const sortedDatastreams = createSorted(journal, () => journal.state.datastream.values());
  const publicDatastreams = createSorted(journal, () =>
    sortedDatastreams().filter((datastream) => datastream.public === true),
  );

  async function apply(changes: readonly RegistryChange[]) {
    return journal.write((draft) => {
      for (const each of changes) carryOut(draft, each);
      const sources = changes.flatMap((each) => (each.kind === "put-source" ? [each.source.id] : []));
      return issueMissing(draft, new Set(sources));
    });
  }

  async function applyOne(change: RegistryChange): Promise<void> {
    await apply([change]);
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    try {
      await journal.flush();
    } finally {
      await storage.close();
    }
  }

  return {
    get version() {
      return journal.version;
    },
    source: (id) => journal.state.source.get(id),
    device(id) {
      const device = journal.state.device.get(id) ?? journal.state.device.get(normaliseDeviceId(id));
      return device && { device, thing: journal.state.thing.get(device.thing)! };
    },
    operator: (id) => journal.state.operator.get(id),
    operators: () => byId(journal.state.operator.values()),
    thing: (id) => journal.state.thing.get(id),
    tombstone: (id) => (journal.state.thing.has(id) ? undefined : journal.state.tombstone.get(id)),
    things: (query) => selectThings(sortedThings(), query),
    devices({ operators, things }) {
      const found = [...journal.state.device.values()].filter(({ thing }) => {
        if (things !== undefined && !things.includes(thing)) return false;
        return operators === undefined || operators.includes(journal.state.thing.get(thing)!.operator);
      });
      return byId(found);
    },
    datastream: (id) => journal.state.datastream.get(id),
    datastreams: sortedDatastreams,
    publicDatastreams,
    ownProperties: () => [...journal.state.property.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    credentials: () =>
      byId(journal.state.source.values()).map((source) => toState(source, journal.state.secret.get(source.id)!)),
    tokens: () => byId([...journal.state.token.values()].map((token) => token.principal)),
    visibleThing(principal, id) {
      const thing = journal.state.thing.get(id);
      return thing !== undefined && isVisible(principal, thing) ? thing : undefined;
    },
    visibleThings: (principal, query) => selectThings(sortedThings(), narrow(principal, query)),
    ...access,
    apply,
    putThing: async (thing) => applyOne({ kind: "put-thing", thing }),
    removeThing: async (id) => applyOne({ kind: "remove-thing", id }),
    putDevice: async (device) => applyOne({ kind: "put-device", device }),
    removeDevice: async (id) => applyOne({ kind: "remove-device", id }),
    putOperator: async (operator) => applyOne({ kind: "put-operator", operator }),
    adopt: (list) => journal.adopt(list),
    ...memories,
    flush: async () => journal.flush(),
    check: async () => storage.check(),
    async close() {
      closing ??= close();
      await closing;
    },
  };
}

async function assertSealedWith(seal: SecretSeal, journal: Journal): Promise<void> {
  if (journal.state.key.get("seal")?.fingerprint === seal.fingerprint) return;
  await journal.write((draft) => {
    // Of two processes that open a new registry at once, one is first.
    if ((draft.get("key", "seal")?.fingerprint ?? seal.fingerprint) !== seal.fingerprint) {
      throw new RegistryError("key", "expected the key that the registry's secrets were sealed with, came another one");
    }
    draft.put("key", "seal", { fingerprint: seal.fingerprint });
  });
}

/** By id; sorted again only after a change. */
function createSorted<T extends { readonly id: string }>(
  journal: Journal,
  values: () => Iterable<T>,
): () => readonly T[] {
  let sorted: readonly T[] = [];
  let sortedAt = 0;
  return () => {
    if (sortedAt !== journal.version) {
      sorted = byId(values());
      sortedAt = journal.version;
    }
    return sorted;
  };
}

function toState(source: Source, { issuedAt, revokedAt }: SealedSecret): CredentialState {
  return revokedAt === undefined ? { source, issuedAt } : { source, issuedAt, revokedAt };
}

function byId<T extends { readonly id: string }>(values: Iterable<T>): readonly T[] {
  return [...values].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
