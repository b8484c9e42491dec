import type { ProfileQuery } from "./format.ts";
import type { DeviceProfile } from "./profile.ts";

export interface ProfileSet {
  find(query: ProfileQuery): DeviceProfile | undefined;
}

/** Names that are remembered. A town has some dozens of models; names that somebody makes up start over. */
const maxRememberedNames = 10_000;

interface Candidate {
  readonly profile: DeviceProfile;
  /** ` em400 udl ` */
  readonly words: string;
}

/**
 * Finds the profile of a device. The names are tried in their order: the name of a profile itself first, then profiles one of whose
 * names stands in it as whole words: a town's own before those that Messnetz brings, then the longest first. Only where no name tells it, the
 * fields do, in the same order: the profile of which most keys are there. Two profiles of which as many are there tell nothing.
 */
export function createProfileSet(profiles: readonly DeviceProfile[]): ProfileSet {
  const byName = new Map(profiles.map((profile) => [profile.name, profile]));
  const candidates: readonly Candidate[] = profiles
    .flatMap((profile) => profile.document.match.names.map((name) => ({ profile, words: toWords(name) })))
    .sort((a, b) => rankOf(a.profile) - rankOf(b.profile) || b.words.length - a.words.length);
  const own = profiles.filter((profile) => rankOf(profile) === 0);
  const brought = profiles.filter((profile) => rankOf(profile) === 1);
  const remembered = new Map<string, readonly DeviceProfile[]>();

  function named(name: string): readonly DeviceProfile[] {
    let found = remembered.get(name);
    if (found === undefined) {
      const exact = byName.get(name);
      const words = toWords(name);
      const matching = candidates.filter((candidate) => words.includes(candidate.words)).map(({ profile }) => profile);
      found = exact === undefined ? matching : [exact, ...matching];
      if (remembered.size >= maxRememberedNames) remembered.clear();
      remembered.set(name, found);
    }
    return found;
  }

  return {
    find({ names, port, fields }) {
      for (const name of names) {
        if (name.length > maxNameLength) continue;
        const found = named(name).find((profile) => servesPort(profile, port));
        if (found !== undefined) return found;
      }
      if (fields === undefined) return undefined;
      const there = new Set(fields);
      return byFields(own, there, port) ?? byFields(brought, there, port);
    },
  };
}

const maxNameLength = 200;

function rankOf({ isBrought }: DeviceProfile): 0 | 1 {
  return isBrought === true ? 1 : 0;
}

function toWords(name: string): string {
  return ` ${name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;
}

function servesPort(profile: DeviceProfile, port: number | undefined): boolean {
  const { ports } = profile.document.match;
  return ports === undefined || port === undefined || ports.includes(port);
}

function byFields(
  profiles: readonly DeviceProfile[],
  fields: ReadonlySet<string>,
  port: number | undefined,
): DeviceProfile | undefined {
  let best: DeviceProfile | undefined;
  let most = 0;
  for (const profile of profiles) {
    const keys = profile.document.match.fields;
    if (keys === undefined || keys.length < most || !servesPort(profile, port)) continue;
    if (!keys.every((key) => fields.has(key))) continue;
    best = keys.length === most ? undefined : profile;
    most = keys.length;
  }
  return best;
}
