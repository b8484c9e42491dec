import { returnCode, reason } from "../reason-codes.ts";

/** How a connection to a broker ended. */
export type Ending =
  /** CONNACK with an error. */
  | { readonly kind: "refused"; readonly code: number; readonly detail: string }
  /** It ended, or nobody answered, before CONNACK; `isReached`: TCP, and TLS where there is some, was there. */
  | { readonly kind: "unanswered"; readonly isReached: boolean; readonly detail: string }
  /** It ended after it had been accepted. */
  | { readonly kind: "lost"; readonly code?: number; readonly lastedMs: number; readonly detail: string }
  /** We ended it. */
  | { readonly kind: "left"; readonly why: LeaveReason };

/** `abandoned`: the store has failed for too long. */
export type LeaveReason = "shutdown" | "revoked" | "abandoned";

/** MQTT 5.0, 3.2.2.2, and MQTT 3.1.1, 3.2.2.3. */
export function isVersionRefusal(ending: Ending): boolean {
  return (
    ending.kind === "refused" &&
    (ending.code === reason.unsupportedProtocolVersion || ending.code === returnCode(reason.unsupportedProtocolVersion))
  );
}

/** Another client connected under the same name (MQTT 5.0, 3.14.2.1). */
export function isTakenOver(ending: Ending): boolean {
  return ending.kind === "lost" && ending.code === reason.sessionTakenOver;
}
