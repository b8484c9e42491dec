import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand } from "./run-command.ts";

/** A server that is installed on this machine. */
export interface Program {
  readonly path: string;
  /** `2.12.7` */
  readonly version: string;
}

/** Debian puts servers where the PATH of a user does not look. */
const serverFolders = ["/usr/local/sbin", "/usr/sbin"];
const versionTimeoutMs = 10_000;

/** Every program of this name in the PATH and where servers are kept, first come first. */
export function programPaths(name: string): readonly string[] {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...serverFolders].filter((folder) => folder !== "");
  return [...new Set(folders.map((folder) => join(folder, name)))].filter(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the program says of itself; undefined where it says no version. */
export async function readVersion(path: string, args: readonly string[]): Promise<Program | undefined> {
  const { output } = await runCommand(path, args, { timeoutMs: versionTimeoutMs });
  const version = /\bv?(\d+\.\d+\.\d+)/.exec(output)?.[1];
  return version === undefined ? undefined : { path, version };
}

/** Whether the version is the other one or later. */
export function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, "en", { numeric: true }) >= 0;
}
