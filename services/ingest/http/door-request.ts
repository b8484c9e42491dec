import type { IncomingMessage, ServerResponse } from "node:http";
import type { EpochMs, Source } from "@messnetz/model";
import type { Authenticator } from "../entry.ts";
import type { Intake } from "../intake-port.ts";
import type { HttpEvents } from "./http-events.ts";
import type { DoorProblem } from "./problem.ts";
import type { RequestBody } from "./request-body.ts";

export interface HttpDoorLimits {
  readonly maxPayloadBytes: number;
  /** Of a message: for all of its body. Of a batch: for the next bytes of it. */
  readonly bodyTimeoutMs: number;
  /** How long a client may leave its answer unread. */
  readonly writeTimeoutMs: number;
  /** Of a batch, unanswered. */
  readonly maxInFlightBytes: number;
}

/** Memory of bodies that are not whole yet, of all requests together. */
export interface HeldBytes {
  /** False: no more than this. What was taken is given back with `give`. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export interface DoorContext {
  readonly intake: Intake;
  readonly authenticator: Authenticator;
  readonly limits: HttpDoorLimits;
  readonly events: HttpEvents;
  readonly clock: () => EpochMs;
  readonly held: HeldBytes;
}

/** A request that was let in. */
export interface DoorRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly source: Source;
  readonly body: RequestBody;
  /** As the client gave it: what it sends again under the same key keeps its first time of receipt. */
  readonly idempotencyKey: string | undefined;
}

/** What is still to be answered, and can be ended from outside. */
export interface Open {
  /** The store has failed for too long, or the credential was revoked. */
  abandon(problem: DoorProblem): void;
  /** Reads no more, and answers what was taken. */
  finish(problem: DoorProblem): void;
  /** The intake reads again. */
  resume(): void;
  readonly source: Source;
}
