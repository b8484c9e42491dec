/** The store cannot take or give anything now; nothing of the call counts as done. It may be tried again. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
  /** Before then the store does not want to be asked again. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number | undefined } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** An observation that a store will never take, by its place in the list given. */
export interface RefusedObservation {
  readonly index: number;
  readonly reason: string;
}

/** Some observations cannot be stored as they are; all others of the call are stored. Trying again would change nothing. */
export class ObservationsRefusedError extends Error {
  override readonly name = "ObservationsRefusedError";
  readonly refused: readonly RefusedObservation[];

  constructor(refused: readonly RefusedObservation[]) {
    super(`${refused.length} observations are refused; the first, number ${refused[0]?.index}: ${refused[0]?.reason}`);
    this.refused = refused;
  }
}

/** The audit log has no room for another entry: nothing of the call is written down, and trying again changes nothing. The message has the cure. */
export class AuditLogFullError extends Error {
  override readonly name = "AuditLogFullError";
}

/** Another process has the data directory open. */
export class StoreLockedError extends Error {
  override readonly name = "StoreLockedError";
}

/** The file is damaged, or not ours, or of another version. It is left as it is. */
export class StoreFileError extends Error {
  override readonly name = "StoreFileError";
}
