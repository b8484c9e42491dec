import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { EpochMs } from "@messnetz/model";
import { z } from "zod";
import type { ProfileText } from "./check-profile.ts";

const keptSchema = z.object({
  version: z.literal(1),
  profiles: z.array(z.object({ file: z.string(), text: z.string(), codec: z.string().optional() })),
  changedAt: z.number().optional(),
});

export interface Kept {
  readonly profiles: readonly ProfileText[];
  /** When they changed last; undefined where nobody kept that. */
  readonly changedAt?: EpochMs | undefined;
}

/** The texts of own profiles that were in force last. */
export interface KeptProfiles {
  /** Undefined before the first `keep`; a file that is damaged counts as none. */
  load(): Promise<Kept | undefined>;
  /** Whole and durable when it resolves; whoever is killed meanwhile finds what was kept before. */
  keep(kept: Kept): Promise<void>;
}

export function createKeptProfiles(path: string): KeptProfiles {
  return {
    async load() {
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      });
      if (text === undefined) return undefined;
      try {
        return keptSchema.parse(JSON.parse(text));
      } catch {
        // It is a copy: what is in the folder counts, and is kept again.
        return undefined;
      }
    },
    async keep(kept) {
      await mkdir(dirname(path), { recursive: true });
      const draft = `${path}.${process.pid}`;
      const file = await open(draft, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify({ version: 1, ...kept }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    },
  };
}
