export const registryErrorCodes = [
  "invalid", // not the shape that the schema says
  "unknown_operator",
  "unknown_thing",
  "unknown_source",
  "unknown_token",
  "exists",
  "in_use", // an operator that still owns something
  "corrupt", // the file is no registry, or damaged
  "newer_schema", // written by a later version of Messnetz
  "unwritable", // full, read-only or locked
  "key", // the key file is missing, readable by others, or not the one of this registry
  "closed",
] as const;
export type RegistryErrorCode = (typeof registryErrorCodes)[number];

/** Why the registry could not do it; the message says what was expected and what came. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RegistryError";
    this.code = code;
  }
}
