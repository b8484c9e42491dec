import type { Sender } from "./batch.ts";
import type { ControlPackets } from "./control-packets.ts";
import type { EntryContext, EntryLimits } from "./entry.ts";
import type { CloseReason, IngestEvents } from "./events.ts";
import type { ReasonCode } from "./reason-codes.ts";

export interface ConnectionLimits extends EntryLimits {
  readonly connectTimeoutMs: number;
  /** How long a client may leave its replies unread. */
  readonly writeTimeoutMs: number;
  /** Above it the connection is not read, below half of it it is again. */
  readonly maxInFlightBytes: number;
  readonly lookEveryMs: number;
}

export interface ConnectionContext extends EntryContext {
  readonly limits: ConnectionLimits;
  readonly control: ControlPackets;
  readonly events: IngestEvents;
  /** Milliseconds, monotonic, moves when the door looks around. */
  readonly now: () => number;
  readonly onAdmitted: (connection: Connection, client: string) => void;
  /** It speaks for the client no longer. */
  readonly onLeft: (connection: Connection, client: string) => void;
  /** Its socket is gone. */
  readonly onClosed: (connection: Connection) => void;
}

export interface Cause {
  readonly why: CloseReason;
  /** For MQTT 5 clients; absent: the connection is cut without a word. */
  readonly code?: ReasonCode;
  readonly detail: string;
}

export interface Connection extends Sender {
  /** Undefined until CONNECT was accepted. */
  sourceId(): string | undefined;
  /** Of a packet that is not whole yet. */
  heldBytes(): number;
  close(cause: Cause): void;
  pause(): void;
  resume(): void;
  /** Sees to timeouts. */
  look(now: number): void;
}
