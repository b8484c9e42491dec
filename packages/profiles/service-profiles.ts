import type { ObservedProperty } from "@messnetz/model";
import type { ProfileCodecs } from "./check-profile.ts";
import { type LivingProfiles, openLivingProfiles } from "./living-profiles.ts";
import { createProfileEvents, type ProfileLog } from "./profile-events.ts";

/** What a service has around its profiles: its settings, its registry, and where it tells how it is. */
export interface ServiceProfilesOptions {
  readonly config: {
    readonly MESSNETZ_PROFILES_DIR?: string | undefined;
    readonly MESSNETZ_PROFILES_POLL_SECONDS: number;
  };
  readonly keepFile: string | undefined;
  readonly codecs?: ProfileCodecs;
  readonly registry: {
    apply(
      changes: readonly { readonly kind: "accept-property"; readonly property: ObservedProperty }[],
    ): Promise<unknown>;
  };
  readonly log: ProfileLog;
  readonly metrics: { gauge(options: { name: string; help: string; read: () => number }): void };
  readonly health: { add(name: string, check: () => string | undefined): void };
}

/** The profiles of a service: own properties go into its registry; mistakes into its log, metrics and health, which they do not make bad. */
export async function openServiceProfiles(options: ServiceProfilesOptions): Promise<LivingProfiles> {
  const { config, keepFile, codecs, registry, metrics, health } = options;
  const profiles = await openLivingProfiles({
    folder: config.MESSNETZ_PROFILES_DIR,
    keepFile,
    pollMs: config.MESSNETZ_PROFILES_POLL_SECONDS * 1000,
    codecs,
    acceptProperties: (list) => registry.apply(list.map((property) => ({ kind: "accept-property", property }))),
    events: createProfileEvents(options.log),
  });
  metrics.gauge({
    name: "messnetz_profile_mistakes",
    help: "Mistakes in files of own profiles, of which the versions before are in force",
    read: () => profiles.mistakes().length,
  });
  health.add("profiles", () => profiles.oddity());
  return profiles;
}
