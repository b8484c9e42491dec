import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { RegistryError } from "./error.ts";

const keyBytes = 32;
/** Any right of group or others. */
const othersMask = 0o077;

/** Reads the key; throws a `RegistryError` (`key`) when it is missing, of the wrong length, or readable by others. */
export function readKey(path: string): Uint8Array {
  let key: Buffer;
  try {
    key = readFileSync(path);
  } catch (cause) {
    throw new RegistryError(
      "key",
      `${path}: expected the key that the registry's secrets were sealed with; put it back from a backup (without it each credential and token must be issued anew)`,
      { cause },
    );
  }
  if (key.length !== keyBytes) {
    throw new RegistryError("key", `${path}: expected ${keyBytes} bytes, came ${key.length}`);
  }
  const mode = statSync(path).mode & 0o777;
  // Windows has no such bits: there the folder's own rights must do.
  if (process.platform !== "win32" && (mode & othersMask) !== 0) {
    throw new RegistryError(
      "key",
      `${path}: expected a file that only its owner can read (chmod 600), came mode ${mode.toString(8)}`,
    );
  }
  return key;
}

/** Makes a key unless there is one; of two processes at once, both get the same. */
export function makeKey(path: string): Uint8Array {
  const draft = `${path}.${process.pid}.new`;
  rmSync(draft, { force: true });
  const file = openSync(draft, "wx", 0o600);
  try {
    writeSync(file, randomBytes(keyBytes));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return readKey(path);
}
