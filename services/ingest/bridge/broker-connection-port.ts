import type { EpochMs, Source } from "@messnetz/model";
import type { ControlPackets, ProtocolVersion } from "../control-packets.ts";
import type { Intake } from "../intake-port.ts";
import type { BridgeEvents } from "./bridge-events.ts";
import type { BridgePlan } from "./bridge-file.ts";
import type { Ending, LeaveReason } from "./connection-ending.ts";
import type { BrokerAccess } from "./read-access.ts";

export interface BrokerConnectionOptions {
  readonly plan: BridgePlan;
  readonly version: ProtocolVersion;
  readonly access: BrokerAccess;
  /** As the registry has it now. */
  readonly source: () => Source;
  /** `<source>/<session>`: deliveries are remembered under it. */
  readonly client: string;
  readonly intake: Intake;
  readonly events: BridgeEvents;
  readonly limits: BrokerLimits;
  readonly control: ControlPackets;
  /** Milliseconds, monotonic, moves when the bridge looks around. */
  readonly now: () => number;
  readonly clock: () => EpochMs;
  /** CONNACK said yes; `isPresent`: the broker has kept the session. */
  readonly onAccepted: (isPresent: boolean) => void;
  /** Whether a device may be sent something on this topic now. */
  readonly mayAsk: (topic: string) => boolean;
  /** Publishes came. */
  readonly onHeard: () => void;
}

export interface BrokerLimits {
  readonly maxPacketBytes: number;
  readonly maxInFlightBytes: number;
  /** How long a broker may take to say CONNACK, and SUBACK. */
  readonly answerWithinMs: number;
  /** How long a broker may leave acknowledgements unread. */
  readonly writeTimeoutMs: number;
}

export interface BrokerConnection {
  readonly ended: Promise<Ending>;
  /** Undefined: all is subscribed. */
  trouble(): string | undefined;
  unacknowledged(): number;
  pause(): void;
  resume(): void;
  look(now: number): void;
  /** Says DISCONNECT, acknowledges nothing more, and ends. The session stays at the broker. */
  leave(why: LeaveReason): void;
}
