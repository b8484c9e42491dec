import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeRegistry } from "./contract.ts";
import type { StoredDocument } from "./documents.ts";
import { openEmbeddedRegistry } from "./embedded.ts";
import { createMemoryDocuments } from "./memory.ts";
import { createRegistry } from "./registry.ts";

describeRegistry("memory", async () => {
  const documents = new Map<string, StoredDocument>();
  const key = randomBytes(32);
  return {
    open: async (now) => createRegistry({ storage: createMemoryDocuments(documents), key, now }),
    dispose: async () => undefined,
  };
});

describeRegistry("embedded", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "messnetz-registry-"));
  return {
    open: async (now) => openEmbeddedRegistry({ dataDir, now }),
    dispose: async () => rm(dataDir, { recursive: true }),
  };
});
