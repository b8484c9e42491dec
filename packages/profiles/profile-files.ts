import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { ProfileText } from "./check-profile.ts";
import { readYaml } from "./yaml-text.ts";

/** The folder, within one of a town's own profiles, of its own observed properties. */
export const catalogueFolder = "catalogue";

/** Far above any profile or codec; a file that is larger is something else. */
const maxFileBytes = 1024 * 1024;

/** The files below a folder of one of these endings, without hidden ones (an editor's, a version control's); names with `/`, sorted. */
export async function filesBelow(folder: string, ending: RegExp): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && ending.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((name) => !name.split("/").some((part) => part.startsWith(".")))
    .toSorted();
}

/** The YAML files below a folder; sorted, so that the order never depends on the disk. */
export async function yamlFiles(folder: string): Promise<readonly string[]> {
  return filesBelow(folder, /\.ya?ml$/u);
}

/** Is it a file of observed properties, and not of a profile? */
export function isCatalogueFile(name: string): boolean {
  return name.startsWith(`${catalogueFolder}/`);
}

/** A text, or why there is none: a link that leads nowhere, no right to read, a pipe, something huge. */
export async function readTextFile(path: string): Promise<{ readonly text: string; readonly unreadable?: string }> {
  try {
    const found = await stat(path);
    // Whoever opens a pipe waits for somebody who writes into it.
    if (!found.isFile()) return { text: "", unreadable: "expected a file — put one there, or remove it" };
    if (found.size > maxFileBytes) {
      const unreadable = `expected at most ${maxFileBytes} bytes, came ${found.size} — remove it`;
      return { text: "", unreadable };
    }
    return { text: await readFile(path, "utf8") };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      text: "",
      unreadable: `expected a file that can be read: ${why} — give the right to read it, or remove it`,
    };
  }
}

/** The text of a profile, and of the codec that it names and that stands beside it. */
export async function readProfileText(folder: string, file: string): Promise<ProfileText> {
  const path = join(folder, file);
  const { text, unreadable } = await readTextFile(path);
  if (unreadable !== undefined) return { file, text, unreadable };
  const codec = await readCodec(file, text, dirname(path));
  return { file, text, codec: codec?.text, ...(codec?.unreadable !== undefined && { unreadable: codec.unreadable }) };
}

async function readCodec(
  file: string,
  text: string,
  folder: string,
): Promise<{ readonly text: string; readonly unreadable?: string } | undefined> {
  if (!text.includes("codec")) return undefined;
  const { content } = readYaml(file, text);
  const name: unknown =
    typeof content === "object" && content !== null && "codec" in content ? content.codec : undefined;
  // The profile's schema refuses any other name than that of a file beside it.
  if (typeof name !== "string" || name !== basename(name)) return undefined;
  const path = join(folder, name);
  const isThere = await stat(path).then(
    () => true,
    (error: unknown) => !(error instanceof Error && "code" in error && error.code === "ENOENT"),
  );
  if (!isThere) return undefined;
  const { text: codec, unreadable } = await readTextFile(path);
  return { text: codec, ...(unreadable !== undefined && { unreadable: `${name}: ${unreadable}` }) };
}

/** Is there a folder of this name? Rejects where there is nothing at all. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}
