import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const addressSchema = z.strictObject({ host: z.string(), port: z.int() });

/** What a running town tells those who look for it: `run.json` in its data directory. Holds no secret. */
export const runFileSchema = z.strictObject({
  pid: z.int(),
  startedAt: z.string(),
  mqtt: addressSchema,
  http: addressSchema,
});
export type RunFile = z.infer<typeof runFileSchema>;

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

/** Undefined where no town has told of itself. */
export async function readRunFile(dataDirectory: string): Promise<RunFile | undefined> {
  try {
    return runFileSchema.parse(JSON.parse(await readFile(path(dataDirectory), "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${path(dataDirectory)}: expected what a running town writes there; delete it when no town runs`, {
      cause: error,
    });
  }
}

export async function removeRunFile(dataDirectory: string): Promise<void> {
  await rm(path(dataDirectory), { force: true });
}
