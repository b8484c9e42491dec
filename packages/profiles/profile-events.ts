import { type FileProblem, fileProblemText } from "./yaml-text.ts";

/** Where it is told: a log with levels. */
export interface ProfileLog {
  info(about: object, text: string): void;
  warn(about: object, text: string): void;
}

export interface ReloadedProfiles {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** In files of which the version before is in force. */
  readonly mistakes: number;
}

const maxTold = 20;

/** One function per event of the profiles of a service, the same in each service that has them. */
export function createProfileEvents(log: ProfileLog) {
  return {
    loaded(about: { readonly profiles: number; readonly own: number }): void {
      log.info(about, "Device profiles are loaded.");
    },
    reloaded(about: ReloadedProfiles): void {
      log.info(about, "Device profiles of your own have changed and are in force.");
    },
    mistakes(problems: readonly FileProblem[]): void {
      const told = problems.slice(0, maxTold).map(fileProblemText);
      const text = "Profiles of your own have mistakes; what was in force before each of them stays so. Correct them.";
      log.warn({ mistakes: told, more: problems.length - told.length }, text);
    },
    sameRevision(about: {
      readonly profile: string;
      readonly revision: number;
      readonly examples: readonly string[];
    }): void {
      const text =
        "A profile gives other readings than before under the same revision: raise its revision, so that results tell which it was.";
      log.warn(about, text);
    },
    lookFailed(error: unknown): void {
      log.warn(
        { err: error },
        "Your own profiles could not be read or taken up; what is in force stays so. It is tried again.",
      );
    },
    keepFailed(error: unknown): void {
      log.warn({ err: error }, "A copy of your own profiles could not be kept for the next start. They are in force.");
    },
  };
}
export type ProfileEvents = ReturnType<typeof createProfileEvents>;
