import type { RawMessage, Refusal } from "./message.ts";
import type { Observation } from "./observation.ts";
import type { EpochMs } from "./time.ts";

/**
 * How a message ends, each exactly once. `refused` is what the quarantine's limit kept out; it is counted, not kept.
 * `stored` and `duplicate` can only be told apart by the store: a message whose observations were all there is a duplicate.
 */
export const outcomes = ["stored", "partial", "skipped", "duplicate", "quarantined", "refused"] as const;
export type Outcome = (typeof outcomes)[number];

/** One received message with all that became of it, on its way to the store. */
export interface IntakeMessage {
  readonly message: RawMessage;
  /** External id; empty where none could be read. */
  readonly device: string;
  /** Day of receipt in the town's time zone, `YYYY-MM-DD`: the ledger's key. */
  readonly day: string;
  readonly observations: readonly Observation[];
  /** Not empty: the message goes to the quarantine with its raw bytes. */
  readonly refusals: readonly Refusal[];
  /** A delivery that was seen before (DUP, or the network's own id): without a new observation it is a `duplicate`. */
  readonly repeated: boolean;
}

/** The trace of a delivery that must survive a restart. */
export interface DeliveryReceipt {
  /** `<credential>/<client id>` */
  readonly client: string;
  readonly packetId: number;
  readonly payloadHash: string;
  readonly receivedAt: EpochMs;
  /** 1: a repeat with DUP keeps the first time of receipt. 2: as the change `received`, after all changes of the batch. */
  readonly qos: 1 | 2;
}

/**
 * The trace of a delivery that its network names: a copy, on whatever road it comes, is a repetition. A hash of 64 bits in two halves stands
 * for operator, format, device and the network's id.
 */
export interface SeenDelivery {
  readonly high: number;
  readonly low: number;
  /** When the network took it, where the id may come again later; see `NetworkDelivery`. */
  readonly at?: EpochMs;
  /** By our clock: how long it is remembered counts from here. */
  readonly receivedAt: EpochMs;
}

export type SessionChange =
  | { readonly kind: "opened"; readonly client: string; readonly expiryMs: number; readonly at: EpochMs }
  | { readonly kind: "closed"; readonly client: string; readonly expiryMs: number; readonly at: EpochMs }
  | { readonly kind: "ended"; readonly client: string }
  /** A QoS 2 packet id is open until it is released; without a session it is nothing. */
  | { readonly kind: "received"; readonly client: string; readonly packetId: number }
  | { readonly kind: "released"; readonly client: string; readonly packetId: number };

/** Expiry of a session that never expires (MQTT 5: 0xFFFFFFFF). */
export const neverExpiresMs = Number.MAX_SAFE_INTEGER;

/** What becomes durable together: one transaction in the embedded store. Order of the lists is order of arrival. */
export interface IntakeBatch {
  readonly messages: readonly IntakeMessage[];
  readonly receipts: readonly DeliveryReceipt[];
  readonly sessions: readonly SessionChange[];
  readonly deliveries?: readonly SeenDelivery[];
}

/** What the batch came to, after it is durable. */
export interface IntakeResult {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Observations that were new. */
  readonly observations: number;
  /** How each message of the batch ended, in its order. */
  readonly ends: readonly Outcome[];
}

/** A count of zero for each outcome, to be added to. */
export function noOutcomes(): Record<Outcome, number> {
  return { stored: 0, partial: 0, skipped: 0, duplicate: 0, quarantined: 0, refused: 0 };
}
