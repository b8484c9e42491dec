import type { EpochMs } from "@messnetz/model";

/** One value of a device at an instant, in its own word and unit, rounded as the device shows it. */
export interface Measured {
  /** The device's word: a field of the payload. */
  readonly word: string;
  readonly value: number | string | boolean;
  /** What the word stands for, where the device writes a word of its own. */
  readonly means?: number | string | boolean;
  readonly property: string;
  readonly channel?: string;
  /** UCUM. Absent for words and flags. */
  readonly unit?: string;
  /** A register that only grows: it starts again when the meter is exchanged. */
  readonly isRegister?: true;
}

/** What the simulator meant a reading to be, for comparison with what comes out at the other end. */
export interface Meant extends Omit<Measured, "isRegister" | "means"> {
  /** Absent: the time of receipt. */
  readonly time?: EpochMs;
}

/** What was done to a message on purpose. */
export const faultLabels = [
  "duplicate",
  "late",
  "clock_1970",
  "clock_future",
  "sentinel",
  "stuck",
  "meter_exchange",
] as const;
export type FaultLabel = (typeof faultLabels)[number];

/** A message as it is published, and beside it what is not in it. */
export interface Emission {
  /** Id of the credential that publishes it. */
  readonly source: string;
  readonly topic: string;
  readonly payload: string;
  /** External id of the device. */
  readonly device: string;
  /** When it was measured. */
  readonly measuredAt: EpochMs;
  /** When it is published. */
  readonly sentAt: EpochMs;
  readonly meant: readonly Meant[];
  readonly labels: readonly FaultLabel[];
}

/** What a payload is written from. */
export interface Stamp {
  readonly measuredAt: EpochMs;
  /** What the device's clock shows; `measuredAt` where it is right. */
  readonly clock: EpochMs;
  /** Number of the transmission. */
  readonly count: number;
}

export interface Written {
  readonly topic: string;
  readonly payload: string;
  /** The time that a reader finds in it; absent where it carries none. */
  readonly time?: EpochMs;
}

export type Writer = (measured: readonly Measured[], stamp: Stamp) => Written;
