import { NatsSettingsError, StreamContradictionError } from "@messnetz/nats";
import { ProfileFilesError } from "@messnetz/profiles";
import { ImportRefusedError, RegistryError } from "@messnetz/registry";
import { ConfigError, UnsafeBindingError } from "@messnetz/runtime";
import { ArgumentsError } from "./arguments.ts";
import { TokenFileError } from "./show-token.ts";

const plain = [
  ArgumentsError,
  ConfigError,
  ImportRefusedError,
  NatsSettingsError,
  ProfileFilesError,
  RegistryError,
  StreamContradictionError,
  TokenFileError,
  UnsafeBindingError,
];

/** System errors whose message says it all to the person who started the process: port taken, no right, no such file. */
const systemCodes = new Set(["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "ENOENT", "EISDIR"]);

/** An error that the person can cure, and whose message says how: shown without a stack. */
export function isPlainTrouble(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return plain.some((type) => error instanceof type) || systemCodes.has((error as NodeJS.ErrnoException).code ?? "");
}
