import { readFile } from "node:fs/promises";
import type { ImportFile } from "@messnetz/registry";
import { RegionTroubleError } from "./trouble.ts";

/** Reads them before anything is started. Rejects with a `RegionTroubleError` that names the one that cannot be read. */
export async function readImportFiles(files: readonly string[]): Promise<readonly ImportFile[]> {
  return Promise.all(
    files.map(async (file) => {
      const content = await readFile(file).catch((cause: unknown) => {
        throw new RegionTroubleError(`--import ${file}: expected a file that can be read`, { cause });
      });
      return { file, content };
    }),
  );
}
