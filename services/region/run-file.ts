import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endProcess, identify, isAlive, type ProcessIdentity } from "./process-identity.ts";
import { RegionTroubleError } from "./trouble.ts";

/** What a running region tells those who look for it, and the next start: `run.json` in its data directory. Holds no secret. */
export interface RunFile {
  readonly region: ProcessIdentity | undefined;
  readonly api: string;
  readonly doors: Readonly<Record<string, string>>;
  readonly mosquitto: string;
  readonly parts: readonly (ProcessIdentity & { readonly name: string })[];
}

const endsWithinMs = 15_000;

function pathOf(dataDirectory: string): string {
  return join(dataDirectory, "run.json");
}

/** Written whole or not at all. */
export async function writeRunFile(dataDirectory: string, content: RunFile): Promise<void> {
  const half = `${pathOf(dataDirectory)}.${process.pid}`;
  await writeFile(half, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  await rename(half, pathOf(dataDirectory));
}

export async function removeRunFile(dataDirectory: string): Promise<void> {
  await rm(pathOf(dataDirectory), { force: true });
}

/**
 * Ends what a region that was killed has left running on the data directory; resolves to the names. Rejects with a `RegionTroubleError` where
 * the region is still there.
 */
export async function endLeftovers(dataDirectory: string): Promise<readonly string[]> {
  const left = await readRunFile(dataDirectory);
  if (left === undefined) return [];
  if (left.region !== undefined && left.region.pid !== process.pid && isAlive(left.region)) {
    throw new RegionTroubleError(
      `a region is running on ${dataDirectory} already (process ${left.region.pid}, API ${left.api}): end it first, or give this one a folder of its own in MESSNETZ_DATA_DIR.`,
    );
  }
  const alive = left.parts.filter(isAlive);
  for (const part of alive.toReversed()) await endProcess(part, endsWithinMs);
  await removeRunFile(dataDirectory);
  return alive.map(({ name }) => name);
}

async function readRunFile(dataDirectory: string): Promise<RunFile | undefined> {
  try {
    return JSON.parse(await readFile(pathOf(dataDirectory), "utf8")) as RunFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The parts that run, with what makes sure later that they are still the same processes. */
export function identifyParts(
  parts: readonly { readonly name: string; readonly pid: number | undefined }[],
): RunFile["parts"] {
  return parts.flatMap(({ name, pid }) => {
    const identity = pid === undefined ? undefined : identify(pid);
    return identity === undefined ? [] : [{ name, ...identity }];
  });
}
