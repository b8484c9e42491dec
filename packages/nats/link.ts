import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";

export type NatsEvent =
  /** Nobody there yet, or we are not let in; it is tried again. */
  | { readonly kind: "connect_failed"; readonly cause: unknown }
  | { readonly kind: "connected"; readonly server: string; readonly version: string }
  | { readonly kind: "disconnected"; readonly server: string }
  | { readonly kind: "reconnected"; readonly server: string }
  /** What the server said against us, a permission that is missing for instance. */
  | { readonly kind: "server_error"; readonly cause: unknown }
  /** Nothing is lost now, but a promise is weaker than it could be. */
  | { readonly kind: "server_warning"; readonly code: ServerWarningCode; readonly text: string }
  /** For good, though nobody closed the link. */
  | { readonly kind: "connection_ended"; readonly cause: unknown };

export type ServerWarningCode = "old_server" | "sync_interval_not_always" | "sync_interval_unknown";

/** A connection that comes back by itself, and JetStream over it. */
export interface NatsLink {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Largest message that the server takes, headers included. */
  readonly maxPayloadBytes: number;
  readonly serverVersion: string;
  isConnected(): boolean;
  /** Called at each loss of the connection: no answer to an open request can come any more. Returns how to stop listening. */
  onDisconnect(listener: () => void): () => void;
  /** Called when the connection is back. Returns how to stop listening. */
  onReconnect(listener: () => void): () => void;
  /** Rejects unless the server and its JetStream answer within 2 s. */
  check(): Promise<void>;
  /** Sends what is still to be sent and closes; bounded in time. */
  close(): Promise<void>;
}
