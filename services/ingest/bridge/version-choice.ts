import type { ProtocolVersion } from "../control-packets.ts";

/** How an attempt to connect went, as far as the version is concerned. `silence`: TCP was there, but no CONNACK came. */
export type VersionAnswer = "accepted" | "refused" | "silence" | "other";

export interface VersionChoice {
  next(): ProtocolVersion;
  /** Returns true where it is worth trying again at once. */
  heard(answer: VersionAnswer): boolean;
}

/** A broker that is just starting may be silent once. */
const silencesUntilOlder = 2;

/**
 * MQTT 5, and 3.1.1 for a broker that refuses it (MQTT 5.0, 4.13 and 3.2.2.2: reason 0x84, or 3.1.1's return code 1), or that cuts the
 * connection without an answer twice. After a refusal 5 is tried again with the next connection: brokers are brought up to date.
 */
export function createVersionChoice(fixed: ProtocolVersion | undefined): VersionChoice {
  let version: ProtocolVersion = fixed ?? 5;
  let silences = 0;
  let isFiveKnown = false;
  let isByRefusal = false;

  function heard(answer: VersionAnswer): boolean {
    if (fixed !== undefined) return false;
    if (answer === "accepted") {
      silences = 0;
      isFiveKnown ||= version === 5;
      if (version === 4 && isByRefusal) version = 5;
      return false;
    }
    if (version === 4) {
      // 3.1.1 did not help either.
      if (answer === "refused" || answer === "silence") version = 5;
      return false;
    }
    if (answer === "refused") {
      version = 4;
      isByRefusal = true;
      return true;
    }
    if (answer !== "silence" || isFiveKnown) return false;
    silences++;
    if (silences < silencesUntilOlder) return false;
    silences = 0;
    version = 4;
    isByRefusal = false;
    return true;
  }

  return { next: () => version, heard };
}
