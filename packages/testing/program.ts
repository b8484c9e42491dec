import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian puts servers where the PATH of a user does not look. */
const serverFolders = ["/usr/sbin", "/usr/local/sbin"];

/** Path of an installed program, undefined where there is none: the test that needs it is then skipped and says so. */
export function findProgram(name: string): string | undefined {
  return findPrograms(name)[0];
}

/** Every installed program of that name, in the order in which they would be chosen. */
export function findPrograms(name: string): readonly string[] {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...serverFolders].filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
