import type { RawMessage, Reading, Refusal } from "@messnetz/model";
import type { DeviceProfile } from "./profile.ts";

/** A message as a format sees it. Text and JSON are read once, however many formats look at it. */
export interface Message extends RawMessage {
  readonly levels: readonly string[];
  /** The payload as text, or the refusal (`invalid_utf8`). */
  text(): string | Refusal;
  /** The payload as JSON, or the refusal (`invalid_utf8`, `malformed`, `too_deep`). */
  json(): unknown;
}

/** What a format may ask of the world: answers at once and is the same for the same question. */
export interface DecodeContext {
  /** The profile that matches what the network server says of the device (profile or brand/model names, port). */
  profile(query: ProfileQuery): DeviceProfile | undefined;
  /** What the registry says of the device's own words and of its profile. */
  device(id: string): { readonly profile?: string | undefined } | undefined;
}

export interface ProfileQuery {
  /** Names that may tell the model: device profile name, `brand/model`, the registry's `profile`. */
  readonly names: readonly string[];
  readonly port?: number;
  /** The field names found, for profiles that are told by them. */
  readonly fields?: readonly string[];
}

/** Readings, with refusals of single readings beside them; or a valid message that measures nothing. */
export type Decoded =
  | { readonly readings: readonly Reading[]; readonly refusals?: readonly Refusal[]; readonly deliveryId?: string; /** Where a profile has a revision of its own; else the format's. */ readonly revision?: number }
  | { readonly skip: string; readonly device?: string };

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
  decode(message: Message, context: DecodeContext): Decoded | Refusal;
}
