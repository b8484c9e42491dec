import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { EpochMs } from "@messnetz/model";
import { RegistryError } from "./error.ts";
import { makeKey, readKey } from "./key-file.ts";
import type { Registry } from "./port.ts";
import { createRegistry } from "./registry.ts";
import { openSqliteDocuments } from "./sqlite-documents.ts";

export interface EmbeddedRegistryOptions {
  /** Holds `registry.sqlite` and `registry.key`; made if missing. */
  readonly dataDir: string;
  /** Absent: the system clock. */
  readonly now?: () => EpochMs;
  /** How often to look whether another process, for example the command line, has written. Absent: 1,000. */
  readonly pollMs?: number;
  /** How long a write waits while another process writes, before it rejects with `unwritable`. Absent: 2,000. */
  readonly lockWaitMs?: number;
}

/** Opens the registry in the folder. Several processes may: each sees the others' changes after at most `pollMs`. */
export async function openEmbeddedRegistry(options: EmbeddedRegistryOptions): Promise<Registry> {
  const { dataDir, now = Date.now, pollMs = 1_000, lockWaitMs = 2_000 } = options;
  makeFolder(dataDir);
  const keyPath = join(dataDir, "registry.key");
  const storage = openSqliteDocuments(join(dataDir, "registry.sqlite"), { pollMs, lockWaitMs });
  try {
    const key = storage.isNew ? makeKey(keyPath) : readKey(keyPath);
    return await createRegistry({ storage, key, now });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new RegistryError("unwritable", `${path}: expected a folder for data, or the right to make it`, { cause });
  }
}
