import { NatsSettingsError, StreamContradictionError } from "@messnetz/nats";
import { ProfileFilesError } from "@messnetz/profiles";
import { RegistryError } from "@messnetz/registry";
import { ConfigError, UnsafeBindingError } from "@messnetz/runtime";
import { BridgeFileError } from "../bridge/bridge-file.ts";

const plain = [
  BridgeFileError,
  ConfigError,
  NatsSettingsError,
  ProfileFilesError,
  RegistryError,
  StreamContradictionError,
  UnsafeBindingError,
];

/** System errors whose message says it all to the person who started it: port taken, no right, no such file. */
const systemCodes = new Set(["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "ENOENT", "EISDIR"]);

/** An error that the person can cure, and whose message says how: shown without a stack. */
export function isPlainTrouble(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return plain.some((type) => error instanceof type) || systemCodes.has((error as NodeJS.ErrnoException).code ?? "");
}

/** What to do about an error whose message does not say it; undefined where it does. */
export function remedyFor(error: Error): string | undefined {
  if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") return undefined;
  return "Something else listens there already. Choose another port with MESSNETZ_MQTT_PORT, MESSNETZ_HTTP_DOOR_PORT or MESSNETZ_OPERATIONS_PORT, or switch a door off with MESSNETZ_DOOR=off or MESSNETZ_HTTP_DOOR=off.";
}
