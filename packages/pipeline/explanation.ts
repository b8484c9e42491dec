import type { ByteSpan } from "@messnetz/formats";
import type { Check, EpochMs, Kind, Quality, Refusal } from "@messnetz/model";

/** A message, and what the asker knows of it beside. */
export interface Question {
  /** Empty where nobody knows it: the content alone must tell the format then. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly receivedAt: EpochMs;
  /** Name of the format, where topic and content do not tell it. */
  readonly format?: string | undefined;
  /** Name of the profile of the message's device, as its registry entry would give it. */
  readonly profile?: string | undefined;
  /** The device, where the payload is a bare frame or object that does not tell it. */
  readonly device?: string | undefined;
  /** LoRaWAN port of a bare frame or object. */
  readonly port?: number | undefined;
  /** IANA zone of the device's clock, where the registry gives none. */
  readonly timeZone?: string | undefined;
  /** The credential whose format, time zone, adoption rules and devices count. */
  readonly source?: string | undefined;
}

/** Who said which unit the number came in. `format`: the message, or the specification of its format. `catalogue`: a state needs none. */
export const unitSayers = ["message", "profile", "registry", "format", "catalogue"] as const;
export type UnitSayer = (typeof unitSayers)[number];

/** Where the time comes from. `receipt`: the device gave none that can be believed or placed. */
export const timeSayers = ["message", "receipt"] as const;

export interface ExplainedReading {
  readonly device: string;
  /** The device's own word. */
  readonly field: string;
  readonly property: string;
  readonly kind: Kind;
  readonly channel?: string;
  /** In the canonical unit. */
  readonly value: number | string;
  readonly unit: string;
  /** As the format or profile read it, and its unit; absent where nobody gave one. */
  readonly deviceValue: number | string | boolean;
  readonly deviceUnit?: string;
  readonly unitFrom: UnitSayer;
  readonly time: EpochMs;
  readonly timeFrom: (typeof timeSayers)[number];
  readonly intervalStart?: EpochMs;
  /** What an impossible clock said. */
  readonly deviceTime?: EpochMs;
  readonly quality: Quality;
  readonly checks: readonly Check[];
  /** Where it would be kept; absent where the registry does not have the device. */
  readonly datastream?: string;
  /** The bytes of a frame that the number hangs on; absent where none was read, or where steps are not asked for. */
  readonly bytes?: readonly ByteSpan[];
}

export interface ExplainedDevice {
  readonly id: string;
  readonly isKnown: boolean;
  /** The thing that the registry has it at. */
  readonly thing?: string;
  /** What a town would do with its readings, in a sentence. */
  readonly fate: string;
}

export const stepKinds = ["format", "memory", "device", "profile", "frame", "bytes", "field", "reading"] as const;
export type StepKind = (typeof stepKinds)[number];

/** One thing that was decided on the way. */
export interface ExplainedStep {
  readonly kind: StepKind;
  /** What it is about: a format, device, profile or field. */
  readonly about: string;
  readonly text: string;
}

export const explainedOutcomes = ["readings", "partial", "skipped", "refused"] as const;

/** What the road makes of a message, whether or not the registry has its device. */
export interface Explanation {
  readonly outcome: (typeof explainedOutcomes)[number];
  /** Absent where none claims the message. */
  readonly format?: string;
  /** Name of the device profile that explained the fields. */
  readonly profile?: string;
  readonly readings: readonly ExplainedReading[];
  readonly refusals: readonly Refusal[];
  /** Why the message measures nothing. */
  readonly skip?: string;
  readonly devices: readonly ExplainedDevice[];
  readonly steps: readonly ExplainedStep[];
  /** How many readings and steps were left out, because there are too many. */
  readonly leftOut: { readonly readings: number; readonly steps: number };
}
