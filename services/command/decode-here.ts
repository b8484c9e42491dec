import { readFile } from "node:fs/promises";
import { type Codecs, createCodecs } from "@messnetz/codec";
import { bareFormatNames, createProfileSet, type DeviceProfile, formats } from "@messnetz/formats";
import { catalogue, type Directory, isTimeZone } from "@messnetz/model";
import { explain, type ExplanationView, type Question, viewExplanation } from "@messnetz/pipeline";
import { loadOwnAndBroughtProfiles, ProfileFilesError } from "@messnetz/profiles";
import { createMemoryRegistry, importFiles, ImportRefusedError, normaliseDeviceId } from "@messnetz/registry";
import type { Surroundings } from "./command.ts";
import { CommandTrouble } from "./command-trouble.ts";

interface Knowledge extends Pick<Surroundings, "pathOf" | "environment"> {
  /** An import file. */
  readonly registry: string | undefined;
  /** A folder. */
  readonly profiles: string | undefined;
  readonly wantsSteps: boolean;
}

/** Decodes in this process, as a town with these profiles and this registry would. Throws a CommandTrouble for a name that is not known. */
export async function decodeHere(question: Question, knowledge: Knowledge): Promise<ExplanationView> {
  const codecs = createCodecs();
  try {
    const profiles = await loadProfiles(knowledge, codecs);
    assertKnown(question, profiles);
    const directory = await readRegistry(knowledge, profiles);
    const set = createProfileSet(profiles);
    const { device } = question;
    const detail = knowledge.wantsSteps ? "steps" : "readings";
    const explanation = explain(
      { ...question, ...(device !== undefined && { device: normaliseDeviceId(device) }) },
      { formats, profiles: { profile: (query) => set.find(query) }, codecs, catalogue, directory, detail },
    );
    return viewExplanation(explanation, detail);
  } finally {
    await codecs.close();
  }
}

async function loadProfiles(
  { profiles, pathOf, environment }: Knowledge,
  codecs: Codecs,
): Promise<readonly DeviceProfile[]> {
  const own = profiles ?? environment["MESSNETZ_PROFILES_DIR"];
  return loadOwnAndBroughtProfiles(own === undefined ? undefined : pathOf(own), codecs).catch((cause: unknown) => {
    if (cause instanceof ProfileFilesError) throw new CommandTrouble(cause.message, { cause });
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      throw new CommandTrouble(`--profiles: expected a folder that can be read: ${cause.message}`, { cause });
    throw cause;
  });
}

function assertKnown({ format, profile, timeZone }: Question, profiles: readonly DeviceProfile[]): void {
  const names = [...formats.map(({ name }) => name), ...bareFormatNames];
  if (format !== undefined && !names.includes(format))
    throw new CommandTrouble(`--format: expected one of ${names.toSorted().join(", ")}; came ${format}`);
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw new CommandTrouble(
      `--time-zone: expected a zone of the IANA database such as Europe/Berlin, came ${timeZone}`,
    );
  if (profile === undefined || profiles.some(({ name }) => name === profile)) return;
  const words = new Set(wordsOf(profile));
  const near = profiles.map(({ name }) => name).filter((name) => wordsOf(name).some((word) => words.has(word)));
  throw new CommandTrouble(`--profile: expected the name of a device profile, came ${profile}`, {
    remedy:
      near.length === 0
        ? "They are the files below profiles/ without .yaml; --profiles FOLDER adds your own."
        : `Near it: ${near.slice(0, 10).join(", ")}.`,
  });
}

async function readRegistry(
  { registry: file, pathOf }: Knowledge,
  profiles: readonly DeviceProfile[],
): Promise<Directory> {
  const registry = await createMemoryRegistry();
  if (file === undefined) return registry;
  const content = await readFile(pathOf(file)).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandTrouble(`--registry: expected an import file that can be read: ${why}`, { cause });
  });
  const names = new Set(profiles.map(({ name }) => name));
  await importFiles([{ file, content }], { registry, profiles: names, say: () => undefined }).catch(
    (cause: unknown) => {
      if (cause instanceof ImportRefusedError) throw new CommandTrouble(`--registry: ${cause.message}`, { cause });
      throw cause;
    },
  );
  return registry;
}

function wordsOf(name: string): readonly string[] {
  return name.toLowerCase().split(/[^a-z0-9]+/);
}
