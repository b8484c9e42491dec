import { existsSync } from "node:fs";
import type { EpochMs } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import { z } from "zod";
import { RegistryError } from "../error.ts";
import { makeKey, readKey } from "../key-file.ts";
import type { Registry } from "../port.ts";
import { createRegistry } from "../registry.ts";
import { openNatsDocuments } from "./nats-documents.ts";
import type { NatsRegistryEvent } from "./nats-registry-event.ts";

/** Spread its `shape` into the schema of a service that opens the registry at NATS. */
export const natsRegistryConfig = z.object({
  MESSNETZ_REGISTRY_KEY_FILE: z
    .string()
    .min(1)
    .describe(
      "File with the 32 bytes that the secrets of the registry are sealed with: the same for every process, in no backup of NATS.",
    ),
});

export interface NatsRegistryOptions {
  /** Stays open when the registry is closed. */
  readonly link: NatsLink;
  /** The key, readable by its owner only; the same for each process. */
  readonly keyFile: string;
  /** Makes the key file if the registry is new: for one process, from which the others get it. Absent: no. */
  readonly createKey?: boolean;
  /** Absent: the system clock. */
  readonly now?: () => EpochMs;
  /** On how many servers of the cluster it is kept: 1, 3 or 5. Absent: 1. */
  readonly replicas?: number;
  /** How long a write waits for NATS before it rejects with `unwritable`. Absent: 5,000. */
  readonly writeTimeoutMs?: number;
  readonly onEvent?: (event: NatsRegistryEvent) => void;
}

/**
 * Opens the registry at NATS. Any number of processes may: each sees the others' changes within milliseconds, whole, in one order, and reads
 * go on from memory while NATS is away. A write that rejects with `unwritable` may come true later, when the connection was lost under it.
 * Rejects with a `RegistryError` (`key`, `corrupt`, `newer_schema`, `unwritable`) or a `StreamContradictionError`.
 */
export async function openNatsRegistry(options: NatsRegistryOptions): Promise<Registry> {
  const { link, keyFile, createKey = false, now = Date.now, replicas = 1, writeTimeoutMs = 5_000 } = options;
  const storage = await openNatsDocuments(link, { replicas, writeTimeoutMs, onEvent: options.onEvent ?? (() => {}) });
  try {
    const key = chooseKey(keyFile, storage.isNew ? (createKey ? "make" : "expect") : "require");
    return await createRegistry({ storage, key, now });
  } catch (error) {
    await storage.close();
    if (!(error instanceof RegistryError) || error.code !== "key" || error.message.startsWith(keyFile)) throw error;
    throw new RegistryError("key", `${keyFile}: ${error.message}`, { cause: error });
  }
}

function chooseKey(keyFile: string, what: "make" | "expect" | "require"): Uint8Array {
  if (what === "expect" && !existsSync(keyFile)) {
    throw new RegistryError(
      "key",
      `${keyFile}: expected the key of the registry at NATS, which is new and has none; let one process make it (the API, at its first start) ` +
        "and give the file to all others",
    );
  }
  if (what !== "make") return readKey(keyFile);
  try {
    return makeKey(keyFile);
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause;
    throw new RegistryError("key", `${keyFile}: expected a folder that a key can be written to`, { cause });
  }
}
