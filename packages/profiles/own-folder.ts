import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ProfileText } from "./check-profile.ts";
import { isCatalogueFile, readProfileText, yamlFiles } from "./profile-files.ts";

/** What a town's own folder holds. */
export interface OwnTexts {
  readonly profiles: readonly ProfileText[];
  readonly properties: readonly { readonly file: string; readonly text: string }[];
}

/**
 * What tells one state of the folder from another: names, sizes and times of change of its files. Content is not read: folders lie on network
 * disks, and this is asked every few seconds. Rejects where the folder cannot be read, and where nothing is in it: a disk that is not mounted
 * looks so.
 */
export async function stateOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (entries.length === 0)
    throw new Error(
      `${folder} is empty: is its disk mounted? To go on without own profiles put any other file into it`,
    );
  const hash = createHash("sha1");
  for (const entry of entries.toSorted((a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1))) {
    if (entry.isDirectory() || !/\.(?:yaml|js)$/u.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs, ctimeMs, ino } = await stat(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\0${ctimeMs}\0${ino}\n`);
  }
  return hash.digest("hex");
}

export async function readOwnTexts(folder: string): Promise<OwnTexts> {
  const profiles: ProfileText[] = [];
  const properties: { file: string; text: string }[] = [];
  for (const file of await yamlFiles(folder)) {
    if (isCatalogueFile(file)) properties.push({ file, text: await readFile(join(folder, file), "utf8") });
    else profiles.push(await readProfileText(folder, file));
  }
  return { profiles, properties };
}
