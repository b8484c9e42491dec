import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Secrets that only the owner of the data directory can read; made once and kept over restarts. */
export interface SecretFiles {
  path(name: string): string;
  /** The secret of this name, made at random where there is none: 192 bits, 32 characters of base64url. */
  secret(name: string): Promise<string>;
  /** Undefined where there is none. */
  find(name: string): Promise<string | undefined>;
  /** Written whole or not at all; resolves to its path. */
  write(name: string, content: string): Promise<string>;
}

const secretBytes = 24;
const fileMode = 0o600;
const folderMode = 0o700;

export async function openSecretFiles(folder: string): Promise<SecretFiles> {
  await mkdir(folder, { recursive: true, mode: folderMode });
  const path = (name: string): string => join(folder, name);

  async function find(name: string): Promise<string | undefined> {
    try {
      return (await readFile(path(name), "utf8")).trimEnd();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async function write(name: string, content: string): Promise<string> {
    const half = `${path(name)}.${process.pid}`;
    await writeFile(half, content, { mode: fileMode });
    await rename(half, path(name));
    return path(name);
  }

  return {
    path,
    find,
    write,
    async secret(name) {
      const kept = await find(name);
      if (kept !== undefined && kept !== "") return kept;
      const made = randomBytes(secretBytes).toString("base64url");
      await write(name, `${made}\n`);
      return made;
    },
  };
}
