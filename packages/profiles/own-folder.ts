import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ProfileText } from "./check-profile.ts";
import { filesBelow, isCatalogueFile, readProfileText, readTextFile, yamlFiles } from "./profile-files.ts";

/** What a town's own folder holds. */
export interface OwnTexts {
  readonly profiles: readonly ProfileText[];
  readonly properties: readonly { readonly file: string; readonly text: string; readonly unreadable?: string }[];
}

/**
 * What tells one state of the folder from another: names, sizes and times of change of its files. Content is not read: folders lie on network
 * disks, and this is asked every few seconds. Rejects where the folder cannot be read, and where nothing is in it: a disk that is not mounted
 * looks so.
 */
export async function stateOf(folder: string): Promise<string> {
  if ((await readdir(folder)).length === 0)
    throw new Error(
      `${folder} is empty: is its disk mounted? To go on without own profiles put any other file into it`,
    );
  const hash = createHash("sha1");
  for (const file of await filesBelow(folder, /\.(?:ya?ml|js)$/u)) {
    // A link may lead nowhere; whoever reads the file says so.
    const found = await stat(join(folder, file)).catch(() => undefined);
    hash.update(`${file}\0${found?.size}\0${found?.mtimeMs}\0${found?.ctimeMs}\0${found?.ino}\n`);
  }
  return hash.digest("hex");
}

export async function readOwnTexts(folder: string): Promise<OwnTexts> {
  const profiles: ProfileText[] = [];
  const properties: OwnTexts["properties"][number][] = [];
  for (const file of await yamlFiles(folder)) {
    if (isCatalogueFile(file)) properties.push({ file, ...(await readTextFile(join(folder, file))) });
    else profiles.push(await readProfileText(folder, file));
  }
  return { profiles, properties };
}
