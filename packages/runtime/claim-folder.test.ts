import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { claimFolder, FolderUseError } from "./index.ts";

it("a folder stays what it was made for", async () => {
  const folder = await mkdtemp(join(tmpdir(), "claim-folder-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "new");
  await claimFolder(path, { use: "demo", cure: "take another" });
  await claimFolder(path, { use: "demo", cure: "take another" });
  const other = claimFolder(path, { use: "town", cure: "take another" });
  await expect(other).rejects.toThrow(FolderUseError);
  await expect(other).rejects.toThrow("is the folder of a demo, not of a town: take another");
});
