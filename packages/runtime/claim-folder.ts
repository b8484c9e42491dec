import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The folder was made for another use: simulated values must never stand among measured ones. */
export class FolderUseError extends Error {
  override readonly name = "FolderUseError";
}

export interface FolderClaim {
  /** A word for what the folder is for: `town`, `demo`. */
  readonly use: string;
  /** What to do where it is for something else. */
  readonly cure: string;
}

/** Marks the data directory with what it is for at its first start; rejects with a `FolderUseError` where it is for something else. */
export async function claimFolder(dataDirectory: string, { use, cure }: FolderClaim): Promise<void> {
  const file = join(dataDirectory, "use");
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, `${use}\n`, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const marked = (await readFile(file, "utf8")).trim();
    if (marked === use) return;
    throw new FolderUseError(`${dataDirectory} is the folder of a ${marked}, not of a ${use}: ${cure}`, {
      cause: error,
    });
  }
}
