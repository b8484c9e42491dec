import type { Refusal } from "./message.ts";
import type { EpochMs } from "./time.ts";

/** A message that could not (wholly) become observations, as kept. */
export interface QuarantineEntry {
  readonly id: string;
  readonly source: string;
  readonly device: string;
  readonly topic: string;
  readonly receivedAt: EpochMs;
  readonly refusals: readonly Refusal[];
  readonly payloadBytes: number;
}
