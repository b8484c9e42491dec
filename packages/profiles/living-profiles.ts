import { join } from "node:path";
import { changedExamples, createProfileSet, type ProfileSet } from "@messnetz/formats";
import type { EpochMs, ObservedProperty } from "@messnetz/model";
import { checkProfileText, type ProfileCodecs, type ProfileText } from "./check-profile.ts";
import { checkPropertyTexts } from "./check-properties.ts";
import { createKeptProfiles } from "./kept-profiles.ts";
import { inOrder, loadBroughtProfiles, ProfileFilesError } from "./load-profiles.ts";
import { type OwnTexts, readOwnTexts, stateOf } from "./own-folder.ts";
import type { ProfileEvents } from "./profile-events.ts";
import { type Forced, type ForcedProfile, takeForce } from "./take-force.ts";
import { type FileProblem, fileProblemText } from "./yaml-text.ts";

export interface LivingProfilesOptions {
  /** Of one's own profiles, and of observed properties in its folder `catalogue`. Undefined: there are none. */
  readonly folder: string | undefined;
  /**
   * Where the own profiles that are in force are kept. With it a process that has run before starts with what was in force in place of a file
   * with mistakes, or of a folder that is not there; without it, and at its first start, it is refused.
   */
  readonly keepFile: string | undefined;
  /** How often the folder is looked at. A change takes force when two looks have seen the same. */
  readonly pollMs: number;
  readonly codecs?: ProfileCodecs | undefined;
  /** Takes own properties into the registry, and so into the catalogue of the process. Rejects where that cannot be made durable. */
  acceptProperties(properties: readonly ObservedProperty[]): Promise<unknown>;
  readonly events: ProfileEvents;
}

/** The device profiles of a service, as they are at the moment. */
export interface LivingProfiles extends ProfileSet {
  /** `<maker>/<model>` of all; always the same set, whose content changes. */
  readonly names: ReadonlySet<string>;
  /** What is wrong in the own folder; the versions before are in force. */
  mistakes(): readonly FileProblem[];
  /** When own profiles changed last, which may cure what was refused before; undefined where they never did. */
  changedAt(): EpochMs | undefined;
  /** For a health check: undefined where nothing is wrong. */
  oddity(): string | undefined;
  close(): Promise<void>;
}

/**
 * Loads own and brought profiles, and takes up what changes in the own folder: each file that is right, in one step for all; in place of one that
 * is wrong its version before stays in force. Rejects with a `ProfileFilesError` where files are wrong that were never in force.
 */
export async function openLivingProfiles(options: LivingProfilesOptions): Promise<LivingProfiles> {
  const { folder, codecs, events, pollMs } = options;
  const kept = options.keepFile === undefined ? undefined : createKeptProfiles(options.keepFile);
  const brought = await loadBroughtProfiles();
  const names = new Set<string>();
  let own: readonly ForcedProfile[] = [];
  let problems: readonly FileProblem[] = [];
  let unreadable: FileProblem | undefined;
  let set = createProfileSet([]);
  /** The texts that were in force last, also before this start. */
  let lastTexts: readonly ProfileText[] = [];
  let changedAt: EpochMs | undefined;
  /** States of the folder: what is in force, and what was seen last. */
  let takenState: string | undefined;
  let seenState: string | undefined;

  function mistakes(): readonly FileProblem[] {
    return unreadable === undefined ? problems : [unreadable, ...problems];
  }

  async function check(texts: OwnTexts, before: readonly ForcedProfile[]): Promise<Forced> {
    const accepted = checkPropertyTexts(texts.properties);
    if (accepted.properties.length > 0) await options.acceptProperties(accepted.properties);
    const taken = await takeForce(texts.profiles, before, codecs);
    return { profiles: taken.profiles, problems: [...accepted.problems, ...taken.problems] };
  }

  async function enforce(next: Forced): Promise<void> {
    const all = inOrder(
      next.profiles.map(({ profile }) => profile),
      brought,
    );
    set = createProfileSet(all);
    names.clear();
    for (const { name } of all) names.add(name);
    if (!isSame(next.profiles, lastTexts)) changedAt = Date.now();
    own = lastTexts = next.profiles;
    problems = next.problems.map((problem) => ({ ...problem, file: join(folder ?? "", problem.file) }));
    try {
      await kept?.keep({ profiles: own.map(({ file, text, codec }) => ({ file, text, codec })), changedAt });
    } catch (error) {
      events.keepFailed(error);
    }
  }

  async function start(from: string): Promise<void> {
    const { profiles: before, changedAt: keptSince } = (await kept?.load()) ?? {};
    lastTexts = before ?? [];
    changedAt = keptSince;
    const state = await stateOf(from).catch((error: unknown) => {
      if (before === undefined || before.length === 0) return undefined;
      noteUnreadable(from, error);
      return undefined;
    });
    if (unreadable !== undefined) return enforce({ profiles: parsed(lastTexts), problems: [] });
    const texts = await readOwnTexts(from);
    let next = await check(texts, []);
    if (next.problems.length > 0) {
      if (before === undefined) {
        throw new ProfileFilesError(next.problems.map((problem) => ({ ...problem, file: join(from, problem.file) })));
      }
      const wrong = new Set(next.problems.map(({ file }) => file));
      next = await check(texts, [...next.profiles, ...parsed(before.filter(({ file }) => wrong.has(file)))]);
    }
    await enforce(next);
    takenState = seenState = state;
    if (problems.length > 0) events.mistakes(problems);
  }

  function parsed(texts: readonly ProfileText[]): readonly ForcedProfile[] {
    return texts.flatMap((text) => {
      const { profile } = checkProfileText(text, codecs);
      return profile === undefined ? [] : [{ ...text, profile }];
    });
  }

  function noteUnreadable(from: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (unreadable?.message !== message) events.lookFailed(error);
    unreadable = { file: from, line: 1, column: 1, message };
  }

  async function reload(from: string, state: string): Promise<void> {
    const texts = await readOwnTexts(from);
    // Who writes at this moment is read at the next look.
    if ((await stateOf(from)) !== state) return;
    const before = own;
    const next = await check(texts, before);
    await enforce(next);
    takenState = state;
    tellChanges(before, own);
    if (problems.length > 0) events.mistakes(problems);
  }

  function tellChanges(before: readonly ForcedProfile[], after: readonly ForcedProfile[]): void {
    const former = new Map(before.map(({ profile }) => [profile.name, profile]));
    const current = new Map(after.map(({ profile }) => [profile.name, profile]));
    const changed = [...current.values()].filter((profile) => {
      const last = former.get(profile.name);
      return last !== undefined && last !== profile;
    });
    events.reloaded({
      added: [...current.keys()].filter((name) => !former.has(name)),
      changed: changed.map(({ name }) => name),
      removed: [...former.keys()].filter((name) => !current.has(name)),
      mistakes: problems.length,
    });
    for (const profile of changed) {
      const last = former.get(profile.name)!;
      if (profile.revision > last.revision) continue;
      const examples = changedExamples(last, profile, codecs);
      if (examples.length > 0) events.sameRevision({ profile: profile.name, revision: profile.revision, examples });
    }
  }

  async function look(from: string): Promise<void> {
    try {
      const state = await stateOf(from);
      unreadable = undefined;
      if (state !== takenState && state === seenState) await reload(from, state);
      seenState = state;
    } catch (error) {
      noteUnreadable(from, error);
    }
  }

  if (folder === undefined) await enforce({ profiles: [], problems: [] });
  else await start(folder);
  events.loaded({ profiles: names.size, own: own.length });
  const closeLooks = folder === undefined ? undefined : repeat(() => look(folder), pollMs);

  return {
    names,
    mistakes,
    changedAt: () => changedAt,
    oddity() {
      const [first] = mistakes();
      if (first === undefined) return undefined;
      const count = mistakes().length;
      const more = count === 1 ? "" : ` (and ${count - 1} more)`;
      return `own profiles have mistakes, the versions before are in force: ${fileProblemText(first)}${more}`;
    },
    find: (query) => set.find(query),
    async close() {
      await closeLooks?.();
    },
  };
}

/** The same texts, whatever was made of them. */
function isSame(some: readonly ProfileText[], others: readonly ProfileText[]): boolean {
  const textOf = (list: readonly ProfileText[]) =>
    JSON.stringify(list.map(({ file, text, codec }) => [file, text, codec]));
  return textOf(some) === textOf(others);
}

/** Again and again, with a pause between; what it gives back ends it. */
function repeat(look: () => Promise<void>, pauseMs: number): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let isClosed = false;
  function next(): void {
    if (isClosed) return;
    timer = setTimeout(() => {
      running = look().finally(next);
    }, pauseMs);
    timer.unref();
  }
  next();
  return async () => {
    isClosed = true;
    clearTimeout(timer);
    await running;
  };
}
