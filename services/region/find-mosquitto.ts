import { canInstallPackages, installPackage } from "./debian-package.ts";
import { type Program, programPaths, readVersion } from "./program.ts";
import type { Search } from "./programs.ts";
import { RegionTroubleError } from "./trouble.ts";

/** The installed mosquitto, or Debian's, installed. Rejects with a `RegionTroubleError` that says how to get it. */
export async function findMosquitto({ given, install, say }: Search): Promise<Program> {
  const installed = await firstOf(given === undefined ? programPaths("mosquitto") : [given]);
  if (installed !== undefined) return installed;
  let why = given === undefined ? "it is not installed" : `${given} does not run`;
  if (install && given === undefined && canInstallPackages()) {
    say("Installing Debian's mosquitto …");
    const done = await installPackage("mosquitto");
    const found = await firstOf(programPaths("mosquitto"));
    if (found !== undefined) return found;
    if (done !== true) why = done;
  }
  throw new RegionTroubleError(
    `mosquitto, the MQTT broker, is needed: ${why}.\nInstall it (Debian and Ubuntu: sudo apt-get install mosquitto), or name it in MESSNETZ_REGION_MOSQUITTO.`,
  );
}

async function firstOf(paths: readonly string[]): Promise<Program | undefined> {
  for (const path of paths) {
    const program = await readVersion(path, ["-h"]);
    if (program !== undefined) return program;
  }
  return undefined;
}
