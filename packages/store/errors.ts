/** The store cannot take or give anything now; nothing of the call counts as done. It may be tried again. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** Another process has the data directory open. */
export class StoreLockedError extends Error {
  override readonly name = "StoreLockedError";
}

/** The file is damaged, or not ours, or of another version. It is left as it is. */
export class StoreFileError extends Error {
  override readonly name = "StoreFileError";
}
