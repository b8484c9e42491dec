import { type EpochMs, type RawMessage, type Reading, type Refusal, refusal } from "@messnetz/model";
import type { DecodedFrame, RawFrame } from "./frame-decoder.ts";
import type { DeviceProfile } from "./profile.ts";

/** A message as a format sees it. Text and JSON are read once, however many formats look at it. */
export interface Message extends RawMessage {
  readonly levels: readonly string[];
  /** The payload as text; undefined where it cannot be read, `problem` says why. */
  text(): string | undefined;
  /** The payload as JSON, never `undefined` but where it cannot be read; `problem` says why. */
  json(): unknown;
  /** Why `text` or `json` gave nothing: `too_large`, `invalid_utf8`, `too_deep` or `malformed`. */
  problem(): Refusal | undefined;
}

/** The refusal of a message whose content is not as specified; where its bytes could not even be read, for that reason. */
export function malformed(message: Message, expected: string, came: unknown): Refusal {
  return message.problem() ?? refusal("malformed", expected, came);
}

/** What a format may ask of the world: answers at once and is the same for the same question. */
export interface DecodeContext {
  /** The profile that matches what the network server says of the device (profile or brand/model names, port). */
  profile(query: ProfileQuery): DeviceProfile | undefined;
  /** What the registry says of the device's profile and of its own words. */
  device(id: string): KnownDevice | undefined;
  /** Decodes what the network server has left undecoded. */
  decodeFrame(frame: RawFrame): DecodedFrame;
  /** What the format asked to be remembered under this key, of the same source; absent: nothing is remembered. */
  state?(key: string): JsonValue | undefined;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What a format wants to know of this message when the next one comes: bounded by the caller, per source and format. */
export interface Remembered {
  readonly key: string;
  /** null: forgotten. */
  readonly value: JsonValue;
  /** Not worth a write to the disk: forgotten when the process ends. */
  readonly isTransient?: true;
}

/** A message that the format would like the device to get: published where a broker can pass it on. */
export interface DeviceRequest {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** For the log. */
  readonly why: string;
}

/** What may come of a message beside readings and refusals. */
export interface Aftermath {
  /** Kept before the message is acknowledged, so that it is known after a restart too. */
  readonly remember?: readonly Remembered[];
  readonly request?: DeviceRequest;
}

export interface KnownDevice {
  readonly profile?: string | undefined;
  /** The device's own words that the registry explains; what they mean is looked up later on the road. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

export interface ProfileQuery {
  /** Names that may tell the model: device profile name, `brand/model`, the registry's `profile`. The first one known wins. */
  readonly names: readonly string[];
  readonly port?: number;
  /** The field names found, for profiles that are told by them. */
  readonly fields?: readonly string[];
}

/** Readings, with refusals of single readings beside them; or a valid message that measures nothing. */
export type Decoded =
  | ({
      readonly readings: readonly Reading[];
      readonly refusals?: readonly Refusal[];
      /** Where a profile has a revision of its own; else the format's. */
      readonly revision?: number;
    } & Aftermath)
  | ({ readonly skip: string; readonly device?: string } & Aftermath);

/** How a network tells one delivery from another: a second message with the same is a copy of the first. */
export interface NetworkDelivery {
  /** External id. */
  readonly device: string;
  /** Counter and session, or the network's own id, and the content: two contents are never one delivery. */
  readonly id: string;
  /**
   * When the network took it, where the id may come again: a counter begins anew when a device restarts that never joins. Copies lie within
   * some minutes. Absent: the id is unique.
   */
  readonly at?: EpochMs;
}

/** How a family of devices writes its payloads. Pure; gives a refusal for what it cannot read, never throws, never guesses a unit. */
export interface PayloadFormat {
  readonly name: string;
  /** Grows when the same bytes give other readings than before. */
  readonly revision: number;
  /** MQTT topic filters of the family; what it is offered first. `#` where topics say nothing. */
  readonly topics: readonly string[];
  /** Where the format is specified. */
  readonly specification: string;
  /** A cheap look at topic and content: is it ours? Wrong answers are cured by order in the list. */
  recognises(message: Message): boolean;
  /** What the network knows the delivery by, whatever is to come of it; undefined where it says nothing of the kind. Asked before `decode`. */
  delivery?(message: Message): NetworkDelivery | undefined;
  decode(message: Message, context: DecodeContext): Decoded | Refusal;
}
