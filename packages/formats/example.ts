import type { EpochMs, Reading, RefusalCode } from "@messnetz/model";
import type { JsonValue, KnownDevice, Remembered } from "./format.ts";
import type { DeviceProfile } from "./profile.ts";

/**
 * A message of our own making and what its format makes of it. They stand in `<format>.examples.ts` as
 * `export const examples: readonly FormatExample[]` and run in `sweep.test.ts`.
 */
export interface FormatExample {
  /** A sentence about what it shows. */
  readonly name: string;
  readonly topic: string;
  /** Bytes and strings go as they are; anything else as JSON. */
  readonly payload: unknown;
  /** Default `exampleReceivedAt`. */
  readonly receivedAt?: EpochMs;
  /** What the registry says of the devices: by external id. */
  readonly devices?: Readonly<Record<string, KnownDevice>>;
  /** What the format remembered before, by key. */
  readonly state?: Readonly<Record<string, JsonValue>>;
  /** Profiles that the example may use; none when absent. */
  readonly profiles?: readonly DeviceProfile[];
  readonly gives: ExampleOutcome;
  /** Where given: what the network knows the delivery by; undefined where it says nothing of the kind. */
  readonly deliveryId?: string | undefined;
}

/** Readings are complete and in order. Of refusals only the code and, where given, the reading's name count. */
export type ExampleOutcome =
  | {
      readonly readings: readonly Reading[];
      readonly refusals?: readonly { readonly code: RefusalCode; readonly reading?: string }[];
      /** Where given, all that is to be remembered; so is the topic of a request. */
      readonly remember?: readonly Remembered[];
      readonly request?: string;
    }
  | {
      readonly skipped: true;
      readonly device?: string;
      readonly remember?: readonly Remembered[];
      readonly request?: string;
    }
  | { readonly refused: RefusalCode };

/** 2026-03-29T00:30:00Z: half an hour before Europe/Berlin goes to summer time. */
export const exampleReceivedAt: EpochMs = 1_774_744_200_000;
