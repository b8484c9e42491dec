import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { DeviceProfile } from "@messnetz/formats";
import { learnProperties } from "@messnetz/model";
import type { ProfileCodecs } from "./check-profile.ts";
import { checkPropertyTexts } from "./check-properties.ts";
import { catalogueFolder, isCatalogueFile, isFolder, readProfileText, yamlFiles } from "./profile-files.ts";
import { takeForce } from "./take-force.ts";
import type { FileProblem } from "./yaml-text.ts";

export interface CheckedProfiles {
  /** Without those of files in which something is wrong. */
  readonly profiles: readonly DeviceProfile[];
  readonly problems: readonly FileProblem[];
}

/**
 * What is wrong with the profiles of folders (with the observed properties in their folder `catalogue`) and of single files: what a service says
 * that reads them. The properties are known to this process from then on. Rejects where a folder or file is not there.
 */
export async function checkProfileFiles(paths: readonly string[], codecs?: ProfileCodecs): Promise<CheckedProfiles> {
  const profiles: DeviceProfile[] = [];
  const problems: FileProblem[] = [];
  for (const path of paths) {
    const folder = (await isFolder(path)) ? path : undefined;
    const files = folder === undefined ? [path] : (await yamlFiles(folder)).map((file) => join(folder, file));
    const isCatalogue = (file: string) =>
      folder === undefined
        ? basename(dirname(file)) === catalogueFolder
        : isCatalogueFile(file.slice(folder.length + 1));
    const texts = await Promise.all(
      files.filter((file) => isCatalogue(file)).map(async (file) => ({ file, text: await readFile(file, "utf8") })),
    );
    const own = checkPropertyTexts(texts);
    learnProperties(own.properties);
    const read = await Promise.all(
      files.filter((file) => !isCatalogue(file)).map(async (file) => readProfileText("", file)),
    );
    const checked = await takeForce(read, [], codecs);
    profiles.push(...checked.profiles.map(({ profile }) => profile));
    problems.push(...own.problems, ...checked.problems);
  }
  return { profiles, problems };
}
