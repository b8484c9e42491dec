import { basename, dirname, join } from "node:path";
import type { DeviceProfile } from "@messnetz/formats";
import { learnProperties } from "@messnetz/model";
import type { ProfileCodecs } from "./check-profile.ts";
import { checkPropertyTexts } from "./check-properties.ts";
import {
  catalogueFolder,
  isCatalogueFile,
  isFolder,
  readProfileText,
  readTextFile,
  yamlFiles,
} from "./profile-files.ts";
import { takeForce } from "./take-force.ts";
import type { FileProblem } from "./yaml-text.ts";

export interface CheckedProfiles {
  /** Without those of files in which something is wrong. */
  readonly profiles: readonly DeviceProfile[];
  readonly problems: readonly FileProblem[];
  /** All files that were read. */
  readonly texts: readonly { readonly file: string; readonly text: string }[];
}

/**
 * What is wrong with the profiles of folders (with the observed properties in their folder `catalogue`) and of single files: what a service says
 * that reads them. The properties are known to this process from then on. Rejects where a folder or file is not there.
 */
export async function checkProfileFiles(paths: readonly string[], codecs?: ProfileCodecs): Promise<CheckedProfiles> {
  const profiles: DeviceProfile[] = [];
  const problems: FileProblem[] = [];
  const texts: { file: string; text: string }[] = [];
  for (const path of paths) {
    const found = await filesOf(path);
    const properties = await Promise.all(
      found.catalogue.map(async (file) => ({ file, ...(await readTextFile(file)) })),
    );
    const own = checkPropertyTexts(properties);
    learnProperties(own.properties);
    const read = await Promise.all(found.profiles.map(async (file) => readProfileText("", file)));
    const checked = await takeForce(read, [], codecs);
    profiles.push(...checked.profiles.map(({ profile }) => profile));
    problems.push(...own.problems, ...checked.problems);
    texts.push(...[...properties, ...read].map(({ file, text }) => ({ file, text })));
  }
  return { profiles, problems, texts };
}

async function filesOf(
  path: string,
): Promise<{ readonly catalogue: readonly string[]; readonly profiles: readonly string[] }> {
  if (!(await isFolder(path))) {
    return basename(dirname(path)) === catalogueFolder
      ? { catalogue: [path], profiles: [] }
      : { catalogue: [], profiles: [path] };
  }
  const names = await yamlFiles(path);
  const within = (list: readonly string[]) => list.map((name) => join(path, name));
  return {
    catalogue: within(names.filter((name) => isCatalogueFile(name))),
    profiles: within(names.filter((name) => !isCatalogueFile(name))),
  };
}
