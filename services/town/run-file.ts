import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a running town tells those who look for it: `run.json` in its data directory. Holds no secret. */
export interface RunFile {
  readonly pid: number;
  readonly startedAt: string;
  readonly mqtt: Address;
  readonly http: Address;
}

function path(dataDirectory: string): string {
  return join(dataDirectory, "run.json");
}

/** Written whole or not at all: whoever sees it sees a town that serves. */
export async function writeRunFile(dataDirectory: string, content: RunFile): Promise<void> {
  await mkdir(dataDirectory, { recursive: true });
  const half = `${path(dataDirectory)}.${content.pid}`;
  await writeFile(half, `${JSON.stringify(content, undefined, 2)}\n`);
  await rename(half, path(dataDirectory));
}

export async function removeRunFile(dataDirectory: string): Promise<void> {
  await rm(path(dataDirectory), { force: true });
}
