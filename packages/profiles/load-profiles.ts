import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
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

/** What is wrong with the text of a codec in JavaScript; undefined where it can be run. */
export type CheckCodec = (source: string) => string | undefined;

/**
 * The device profiles that a service reads: those of its own folder, where it has one, before those that Messnetz brings. Who runs codecs
 * hands over how they are checked.
 */
export function loadOwnAndBroughtProfiles(
  ownFolder: string | undefined,
  checkCodec?: CheckCodec,
): Promise<readonly DeviceProfile[]> {
  return loadProfiles(ownFolder === undefined ? [broughtProfiles] : [ownFolder, broughtProfiles], checkCodec);
}

/**
 * The device profiles of all `*.yaml` files below the folders, in their order: of two with the same name the first stands. Rejects with a
 * `ProfileFilesError` that names every mistake.
 */
async function loadProfiles(
  folders: readonly string[],
  checkCodec: CheckCodec | undefined,
): Promise<readonly DeviceProfile[]> {
  const problems: string[] = [];
  const found = new Map<string, DeviceProfile>();
  for (const folder of folders) {
    for (const file of await yamlFiles(folder)) {
      const content = readYaml(await readFile(join(folder, file), "utf8"));
      if (typeof content === "string") {
        problems.push(`${file}: ${content}`);
        continue;
      }
      const codec = await readCodec(content, dirname(join(folder, file)));
      const result = parseProfile(content, file, codec);
      const wrong = codec === undefined ? undefined : checkCodec?.(codec);
      if (wrong !== undefined) problems.push(`${file}: codec: ${wrong}`);
      if (!isProfile(result)) problems.push(...result.problems.map((problem) => `${file}: ${problem}`));
      else if (!found.has(result.name)) found.set(result.name, result);
    }
  }
  if (problems.length > 0) throw new ProfileFilesError(problems);
  return [...found.values()];
}

/** The text of the codec that the profile names; undefined where it names none, or the file is not there. */
async function readCodec(content: object, folder: string): Promise<string | undefined> {
  const name: unknown = "codec" in content ? content.codec : undefined;
  // The profile's schema refuses any other name than that of a file beside it.
  if (typeof name !== "string" || name !== basename(name)) return undefined;
  try {
    return await readFile(join(folder, name), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
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
