import { randomBytes } from "node:crypto";
import type { EpochMs } from "@messnetz/model";
import type { DocumentStorage, StoredDocument } from "./documents.ts";
import { RegistryError } from "./error.ts";
import type { Registry } from "./port.ts";
import { createRegistry } from "./registry.ts";

/** A registry that forgets everything when it is closed: for tests and for trying things out. */
export async function createMemoryRegistry(options: { readonly now?: () => EpochMs } = {}): Promise<Registry> {
  return createRegistry({ storage: createMemoryDocuments(), key: randomBytes(32), now: options.now ?? Date.now });
}

/** `documents` outlive it: another storage over the same ones finds what this one wrote. */
export function createMemoryDocuments(documents = new Map<string, StoredDocument>()): DocumentStorage {
  let isOpen = true;

  function assertOpen(): void {
    if (!isOpen) throw new RegistryError("closed", "the registry: expected it to be open, but it was closed");
  }

  return {
    load: async () => [...documents.values()],
    follow: () => undefined,
    async write(decide) {
      assertOpen();
      for (const { kind, id, body } of decide(undefined)) {
        const at = `${kind} ${id}`;
        if (body === undefined) documents.delete(at);
        else documents.set(at, { kind, id, body });
      }
    },
    check: async () => assertOpen(),
    async close() {
      isOpen = false;
    },
  };
}
