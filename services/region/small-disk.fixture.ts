import { execFile } from "node:child_process";
import { mkdir, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A disk in memory, mounted on a folder. */
export interface SmallDisk extends AsyncDisposable {
  /** Takes all its room but so many bytes. */
  fill(leftBytes: number): Promise<void>;
  /** Gives that room back. */
  relieve(): Promise<void>;
}

/** Undefined where this process may not mount. `megabytes` are taken from the memory only when they are written. */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<SmallDisk | undefined> {
  await mkdir(folder, { recursive: true });
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
  } catch {
    return undefined;
  }
  const ballast = join(folder, "ballast");
  return {
    async fill(leftBytes) {
      const { bavail, bsize } = await statfs(folder);
      const handle = await open(ballast, "w");
      try {
        const block = Buffer.alloc(100_000);
        for (let left = bavail * bsize - leftBytes; left > 0; left -= block.length) await handle.write(block);
      } finally {
        await handle.close();
      }
    },
    relieve: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      await run("umount", ["-l", folder]);
    },
  };
}
