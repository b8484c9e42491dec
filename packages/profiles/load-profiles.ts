import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type DeviceProfile, isProfile, parseProfile } from "@messnetz/formats";
import { parse } from "yaml";

/** The folder of the profiles that Messnetz brings. */
const broughtProfiles = fileURLToPath(new URL("../../profiles", import.meta.url));

/** Names every file and what is wrong with it. */
export class ProfileFilesError extends Error {
  override readonly name = "ProfileFilesError";

  constructor(problems: readonly string[]) {
    super(`device profiles with mistakes, correct or remove them:\n${problems.map((line) => `  ${line}`).join("\n")}`);
  }
}

/** The device profiles that a service reads: those of its own folder, where it has one, before those that Messnetz brings. */
export function loadOwnAndBroughtProfiles(ownFolder: string | undefined): Promise<readonly DeviceProfile[]> {
  return loadProfiles(ownFolder === undefined ? [broughtProfiles] : [ownFolder, broughtProfiles]);
}

/**
 * The device profiles of all `*.yaml` files below the folders, in their order: of two with the same name the first stands. Rejects with a
 * `ProfileFilesError` that names every mistake.
 */
async function loadProfiles(folders: readonly string[]): Promise<readonly DeviceProfile[]> {
  const problems: string[] = [];
  const found = new Map<string, DeviceProfile>();
  for (const folder of folders) {
    for (const file of await yamlFiles(folder)) {
      const content = readYaml(await readFile(join(folder, file), "utf8"));
      if (typeof content === "string") {
        problems.push(`${file}: ${content}`);
        continue;
      }
      const result = parseProfile(content, file);
      if (!isProfile(result)) problems.push(...result.problems.map((problem) => `${file}: ${problem}`));
      else if (!found.has(result.name)) found.set(result.name, result);
    }
  }
  if (problems.length > 0) throw new ProfileFilesError(problems);
  return [...found.values()];
}

/** The content, an object; or what is wrong with it, in words. */
function readYaml(text: string): object | string {
  try {
    const content: unknown = parse(text);
    return typeof content === "object" && content !== null ? content : "expected a mapping";
  } catch (error) {
    // The library throws for wrong syntax, and for aliases that grow beyond bounds.
    return error instanceof Error ? error.message : String(error);
  }
}

/** Sorted, so that the order never depends on the disk. */
async function yamlFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".yaml"))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}
