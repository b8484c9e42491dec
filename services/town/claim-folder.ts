import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type FolderUse = "demo" | "town";

/** The folder was made for the other use: simulated values must never stand among measured ones. */
export class FolderUseError extends Error {
  override readonly name = "FolderUseError";
}

/** Marks the data directory with what it is for at its first start; rejects with a `FolderUseError` where it is for the other. */
export async function claimFolder(dataDirectory: string, use: FolderUse): Promise<void> {
  const file = join(dataDirectory, "use");
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, `${use}\n`, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const marked = (await readFile(file, "utf8")).trim();
    if (marked === use) return;
    const cure =
      use === "demo"
        ? "start it with --no-demo, or give the demo a folder of its own in MESSNETZ_DATA_DIR"
        : "give the town a folder of its own in MESSNETZ_DATA_DIR";
    throw new FolderUseError(`${dataDirectory} is the folder of a ${marked}, not of a ${use}: ${cure}`, {
      cause: error,
    });
  }
}
