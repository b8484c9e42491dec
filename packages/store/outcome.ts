import type { IntakeMessage, Outcome } from "@messnetz/model";

/** What is known of a received message wherever it is counted. */
export interface ReceivedMessage {
  /** How many observations it brought. */
  readonly observations: number;
  /** A delivery that was seen before. */
  readonly repeated: boolean;
}

export function received({ observations, repeated }: IntakeMessage): ReceivedMessage {
  return { observations: observations.length, repeated };
}

/** What became of the parts of a message. */
export interface MessageParts {
  /** Observations that were new or replaced an earlier decoding. */
  readonly changed: number;
  /** Undefined: nothing was refused. `known`: its entry was there before. `full`: kept out by the quarantine's limit. */
  readonly quarantine: "kept" | "known" | "full" | undefined;
}

/**
 * How a message ends. A message whose raw bytes the limit kept out is `refused`, also when some of its readings were stored:
 * `partial` promises the raw bytes. A repeated one whose refusals are not in the quarantine yet goes there: the repeat flag
 * alone never lets bytes go.
 */
export function outcomeOf(message: ReceivedMessage, { changed, quarantine }: MessageParts): Outcome {
  const measured = message.observations > 0;
  if (quarantine === "full") return "refused";
  if (quarantine === "kept") return measured ? "partial" : "quarantined";
  if (quarantine === "known") return changed > 0 ? "partial" : "duplicate";
  if (measured) return changed > 0 ? "stored" : "duplicate";
  return message.repeated ? "duplicate" : "skipped";
}
