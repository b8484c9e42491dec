/** What an operator may want to know of the registry at NATS. */
export type NatsRegistryEvent =
  /** Changes of others do not come now; it is tried again, and `check` rejects until they come. */
  | { readonly kind: "follow_failed"; readonly cause: unknown }
  /** Too much was missed to follow, so everything was read again. */
  | { readonly kind: "reloaded"; readonly documents: number }
  /** Changes were put into the documents' keys and left the log. */
  | { readonly kind: "settled"; readonly documents: number; readonly durationMs: number }
  /** The log grows until this succeeds; it is tried again after later writes. */
  | { readonly kind: "settle_failed"; readonly cause: unknown };
