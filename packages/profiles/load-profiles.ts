import { fileURLToPath } from "node:url";
import type { DeviceProfile } from "@messnetz/formats";
import { isProfile, parseProfile } from "@messnetz/formats";
import type { ProfileCodecs } from "./check-profile.ts";
import { checkProfileFiles } from "./check-profile-files.ts";
import { readProfileText, yamlFiles } from "./profile-files.ts";
import { type FileProblem, fileProblemText, readYaml } from "./yaml-text.ts";

/** The folder of the profiles that Messnetz brings. */
const broughtFolder = fileURLToPath(new URL("../../profiles", import.meta.url));

/** Names every file, line and column, and what is wrong there. */
export class ProfileFilesError extends Error {
  override readonly name = "ProfileFilesError";

  constructor(problems: readonly FileProblem[]) {
    const lines = problems.map((problem) => `  ${fileProblemText(problem)}`);
    super(`device profiles with mistakes, correct or remove them:\n${lines.join("\n")}`);
  }
}

/**
 * The device profiles of a service that reads them once: those of its own folder, where it has one, before those that Messnetz brings. Rejects
 * with a `ProfileFilesError` that names every mistake.
 */
export async function loadOwnAndBroughtProfiles(
  ownFolder: string | undefined,
  codecs?: ProfileCodecs,
): Promise<readonly DeviceProfile[]> {
  const own = ownFolder === undefined ? undefined : await checkProfileFiles([ownFolder], codecs);
  if (own !== undefined && own.problems.length > 0) throw new ProfileFilesError(own.problems);
  return inOrder(own?.profiles ?? [], await loadBroughtProfiles());
}

/** Of two with one name the own stands. */
export function inOrder(own: readonly DeviceProfile[], brought: readonly DeviceProfile[]): readonly DeviceProfile[] {
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...brought.filter(({ name }) => !names.has(name))];
}

/** Their examples are run by the tests, not at each start. */
export async function loadBroughtProfiles(): Promise<readonly DeviceProfile[]> {
  const files = await yamlFiles(broughtFolder);
  const texts = await Promise.all(files.map(async (file) => readProfileText(broughtFolder, file)));
  return texts.map(({ file, text, codec }) => {
    const yaml = readYaml(file, text);
    const profile = parseProfile(yaml.content, file, codec);
    if (!isProfile(profile)) throw new ProfileFilesError(profile.problems.map((problem) => yaml.place(problem)));
    return { ...profile, isBrought: true };
  });
}
