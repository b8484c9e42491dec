import { glob } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { canInstallPackages, installPackage } from "./debian-package.ts";
import { isAtLeast, isExecutable, type Program, programPaths, readVersion } from "./program.ts";
import { runCommand } from "./run-command.ts";
import type { Search } from "./programs.ts";
import { RegionTroubleError } from "./trouble.ts";

const name = "influxd";
const versionTimeoutMs = 10_000;

/**
 * InfluxDB 2 where there is one (in the PATH, or built into the user's cache), else 1.x, else Debian's 1.x, installed. Rejects with a
 * `RegionTroubleError` that says how to get one.
 */
export async function findInfluxd({ given, install, say }: Search): Promise<Program> {
  const named = given ?? process.env["INFLUXD2"];
  if (named !== undefined && named !== "") {
    const program = isExecutable(named) ? await readInfluxVersion(named) : undefined;
    if (program !== undefined) return program;
    throw new RegionTroubleError(`${named} is no influxd: correct MESSNETZ_REGION_INFLUXD or INFLUXD2.`);
  }
  const [best] = await installedOnes();
  if (best !== undefined) return best;
  if (install && canInstallPackages()) {
    say("Installing Debian's influxdb …");
    await installPackage("influxdb");
    const [debians] = await installedOnes();
    if (debians !== undefined) return debians;
  }
  throw new RegionTroubleError(
    `${name}, the InfluxDB server, is needed: it is not installed.\n` +
      "Install InfluxDB 2.7 from its maker or Debian's 1.6 (sudo apt-get install influxdb), or name it in MESSNETZ_REGION_INFLUXD.",
  );
}

/** The newest first; not 3, which is another program with another command line. */
async function installedOnes(): Promise<readonly Program[]> {
  const cached: string[] = [];
  const caches = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  for await (const path of glob(join(caches, "influxdb2*", name))) cached.push(path);
  const paths = [...programPaths(name), ...cached.filter(isExecutable)];
  const found = await Promise.all(paths.map(readInfluxVersion));
  return found
    .filter((program) => program !== undefined)
    .filter(({ version }) => !isAtLeast(version, "3.0.0"))
    .toSorted((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
}

/** A 2.x that somebody has built says `InfluxDB dev`: all that matters is that it is no 1.x. */
async function readInfluxVersion(path: string): Promise<Program | undefined> {
  const told = await readVersion(path, ["version"]);
  if (told !== undefined) return told;
  const { output } = await runCommand(path, ["version"], { timeoutMs: versionTimeoutMs });
  return output.startsWith("InfluxDB dev") ? { path, version: "2.x" } : undefined;
}
