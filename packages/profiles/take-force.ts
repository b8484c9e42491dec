import { setImmediate } from "node:timers/promises";
import type { DeviceProfile } from "@messnetz/formats";
import { checkProfileText, type ProfileCodecs, type ProfileText } from "./check-profile.ts";
import type { FileProblem } from "./yaml-text.ts";

/** A profile in force and the text that it was read from. */
export interface ForcedProfile extends ProfileText {
  readonly profile: DeviceProfile;
}

/** Profiles in force, no two of one name, and what is wrong in the files. */
export interface Forced {
  readonly profiles: readonly ForcedProfile[];
  readonly problems: readonly FileProblem[];
}

/**
 * The profiles of the files that are right. In place of a file with mistakes stands what it was before, as long as no other file has a profile
 * of that name. A text that was in force is not checked again.
 */
export async function takeForce(
  texts: readonly ProfileText[],
  before: readonly ForcedProfile[],
  codecs: ProfileCodecs | undefined,
): Promise<Forced> {
  const former = new Map(before.map((each) => [each.file, each]));
  const isSame = ({ file, text, codec }: ProfileText) => {
    const last = former.get(file);
    return last?.text === text && last.codec === codec;
  };
  const byName = new Map<string, ForcedProfile>();
  const wrong: ForcedProfile[] = [];
  const problems: FileProblem[] = [];
  // Of two with one name that stands which stood before.
  const ordered = texts.toSorted((a, b) => Number(isSame(b)) - Number(isSame(a)));
  for (const text of ordered) {
    const last = former.get(text.file);
    const checked = isSame(text) ? { profile: last?.profile, problems: [] } : checkProfileText(text, codecs);
    problems.push(...checked.problems);
    const { profile } = checked;
    const other = profile === undefined ? undefined : byName.get(profile.name);
    if (profile !== undefined && other === undefined) byName.set(profile.name, { ...text, profile });
    else if (last !== undefined) wrong.push(last);
    if (other !== undefined) {
      const message = `profile: ${other.profile.name} is in ${other.file} already — give one of them another name`;
      problems.push({ file: text.file, line: 1, column: 1, message });
    }
    // Examples take time: messages that come meanwhile do not wait for all of them.
    if (!isSame(text)) await setImmediate();
  }
  for (const last of wrong) if (!byName.has(last.profile.name)) byName.set(last.profile.name, last);
  const byFile = (a: { readonly file: string }, b: { readonly file: string }) => (a.file < b.file ? -1 : 1);
  return { profiles: [...byName.values()].toSorted(byFile), problems: problems.toSorted(byFile) };
}
