import type { Publisher } from "@messnetz/bus";
import type { DeviceAndThing, EpochMs, IntakeResult, Refusal, SessionChange, Source } from "@messnetz/model";
import type { Road } from "@messnetz/pipeline";
import type { Sender } from "./batch.ts";
import type { IngestConfig } from "./config.ts";
import type { IngestEvents } from "./events.ts";
import type { FormatMemory } from "./format-memory.ts";
import type { Deliveries } from "./deliveries.ts";
import type { KeptReceipt } from "./receipts.ts";

export interface IntakeOptions {
  readonly config: IngestConfig;
  readonly publisher: Publisher;
  readonly road: Road;
  /** As the store kept them. */
  readonly receipts?: Iterable<KeptReceipt>;
  /** The memory that the road is asked with; absent: no delivery is known by its network's name. */
  readonly deliveries?: Pick<Deliveries, "remember" | "forget">;
  /** Takes what the road adopted into memory; gives back what it would not take (it belongs to another operator). */
  readonly adopt: (list: readonly DeviceAndThing[]) => readonly DeviceAndThing[];
  /** Takes what the road wants to be remembered; absent: formats remember nothing. */
  readonly memory?: FormatMemory;
  /** Resolves when everything adopted and remembered is durable. */
  readonly flushAdoptions: () => Promise<void>;
  /** IANA zone of the ledger's days. */
  readonly timeZone: string;
  readonly events: IngestEvents;
  readonly clock?: () => EpochMs;
  /** After each commit. */
  readonly onCommit?: (result: IntakeResult) => void;
}

/** One publish or post, as it came. */
export interface Arrival {
  readonly source: Source;
  /** `<credential>/<client id>`; empty where nobody can repeat it (a will). */
  readonly client: string;
  readonly topic: string;
  /** Kept until the commit. */
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  /** 0 with QoS 0. */
  readonly packetId: number;
  readonly isDuplicate: boolean;
  /** The client's session is kept. With QoS 2 the packet id becomes durable with the message. */
  readonly isDurable: boolean;
  /** When somebody else received it, long ago: used as the time of receipt as it is. */
  readonly receivedAt?: EpochMs;
  /** What is known to be wrong with it before it is decoded: it goes to the quarantine as it is. */
  readonly refusal?: Refusal;
}

/** Who reads from devices: told when to stop and to go on. */
export interface IntakeWatcher {
  pause(): void;
  resume(): void;
  /** The store has failed for too long: close, acknowledge nothing. */
  abandon(): void;
}

export interface IntakeState {
  readonly pendingMessages: number;
  /** An estimate of the memory that pending messages hold. */
  readonly pendingBytes: number;
  /** Milliseconds since the store began to fail, or since it has been asked without an answer. */
  readonly failingForMs?: number;
  readonly inFlightForMs?: number;
}

export interface Intake {
  /** Puts a message on the road, at once. The sender is told when it is durable. Returns the bytes counted for it. */
  receive(arrival: Arrival, sender?: Sender): number;
  /** Makes changes of sessions durable with the next commit, and then sends the packet. */
  change(changes: readonly SessionChange[], sender?: Sender, packet?: Uint8Array): void;
  /** Sends the packet after everything received so far is durable; at once where nothing is waiting. */
  after(sender: Sender, packet: Uint8Array): void;
  /** False: the store has failed for too long; nothing is to be let in. */
  isAvailable(): boolean;
  isPaused(): boolean;
  /** Paused, and well above the bound all the same: nobody is to be let in, for who comes and goes leaves sessions and wills. */
  isFull(): boolean;
  /** Returns how to end the watching. */
  watch(watcher: IntakeWatcher): () => void;
  state(): IntakeState;
  /** The client knows that the delivery arrived (PUBREL): the packet id stands for nothing any more. */
  forgetDelivery(client: string, packetId: number): void;
  /** Nothing that the client sends from now on is a repeat of what it sent before. */
  forgetDeliveries(client: string): void;
  /** The client's deliveries are not forgotten, however long it is silent. */
  keep(client: string): void;
  /** Forgets the deliveries of other clients that have been silent for an hour and for which `isKept` is false. */
  forget(isKept: (client: string) => boolean): void;
  /** Resolves true when nothing is pending any more, false after `withinMs`. */
  settled(withinMs: number): Promise<boolean>;
  /** Commits what is pending, within a bound, and ends. */
  close(withinMs?: number): Promise<void>;
}
