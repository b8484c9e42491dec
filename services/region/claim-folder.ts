import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RegionTroubleError } from "./trouble.ts";

export type FolderUse = "region" | "region-demo";

/** Marks the data directory with what it is for at its first start: simulated values must never stand among measured ones. */
export async function claimFolder(dataDirectory: string, use: FolderUse): Promise<void> {
  const file = join(dataDirectory, "use");
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, `${use}\n`, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const marked = (await readFile(file, "utf8")).trim();
    if (marked === use) return;
    throw new RegionTroubleError(
      `${dataDirectory} is the folder of a ${marked}, not of a ${use}: give this one a folder of its own in MESSNETZ_DATA_DIR`,
      { cause: error },
    );
  }
}
