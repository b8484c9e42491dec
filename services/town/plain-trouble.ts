import { BridgeFileError } from "@messnetz/ingest";
import { ProfileFilesError } from "@messnetz/profiles";
import { ImportRefusedError, RegistryError } from "@messnetz/registry";
import { ConfigError, FolderUseError, UnsafeBindingError } from "@messnetz/runtime";
import { StoreFileError, StoreLockedError, StoreUnavailableError } from "@messnetz/store";
import { ArgumentsError } from "./arguments.ts";

const plain = [
  ArgumentsError,
  BridgeFileError,
  ConfigError,
  FolderUseError,
  ImportRefusedError,
  ProfileFilesError,
  RegistryError,
  StoreFileError,
  StoreLockedError,
  StoreUnavailableError,
  UnsafeBindingError,
];

/** System errors whose message says it all to the person who started the town: port taken, no right, no such file. */
const systemCodes = new Set(["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "ENOENT", "EISDIR"]);

/** What to do about an error whose message does not say it; undefined where it does. */
export function remedyFor(error: Error): string | undefined {
  if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") return undefined;
  return "Something else listens there already, perhaps a broker or another town. Choose another port with MESSNETZ_MQTT_PORT or MESSNETZ_HTTP_PORT.";
}

/** An error that the person can cure, and whose message says how: shown without a stack. */
export function isPlainTrouble(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return plain.some((type) => error instanceof type) || systemCodes.has((error as NodeJS.ErrnoException).code ?? "");
}
