import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { ProfileText } from "./check-profile.ts";
import { readYaml } from "./yaml-text.ts";

/** The folder, within one of a town's own profiles, of its own observed properties. */
export const catalogueFolder = "catalogue";

/** The YAML files below a folder; names with `/`, sorted, so that the order never depends on the disk. */
export async function yamlFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".yaml") && !entry.name.startsWith("."))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((name) => !name.split("/").some((part) => part.startsWith(".")))
    .toSorted();
}

/** Is it a file of observed properties, and not of a profile? */
export function isCatalogueFile(name: string): boolean {
  return name.startsWith(`${catalogueFolder}/`);
}

/** The text of a profile, and of the codec that it names and that stands beside it. */
export async function readProfileText(folder: string, file: string): Promise<ProfileText> {
  const path = join(folder, file);
  const text = await readFile(path, "utf8");
  return { file, text, codec: await readCodec(file, text, dirname(path)) };
}

async function readCodec(file: string, text: string, folder: string): Promise<string | undefined> {
  if (!text.includes("codec")) return undefined;
  const { content } = readYaml(file, text);
  const name: unknown =
    typeof content === "object" && content !== null && "codec" in content ? content.codec : undefined;
  // The profile's schema refuses any other name than that of a file beside it.
  if (typeof name !== "string" || name !== basename(name)) return undefined;
  try {
    return await readFile(join(folder, name), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Is there a folder of this name? Rejects where there is nothing at all. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}
