import { Buffer } from "node:buffer";
import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
import type { Decoded, DecodeContext } from "./format.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { createProfileReader } from "./profile-reader.ts";
import { remember } from "./remember.ts";

/** What a LoRaWAN network server hands over, whichever it is. */
export interface LorawanUplink {
  /** External id. */
  readonly device: string;
  /** Names that may tell the model. */
  readonly names: readonly string[];
  readonly port: number;
  readonly time: EpochMs | undefined;
  /** What the network server's codec made of the frame. */
  readonly decoded: JsonObject;
  readonly signal: Signal | undefined;
  readonly formatRevision: number;
}

/** As the gateway with the strongest signal heard it. */
export interface Signal {
  readonly rssi: number;
  readonly snr: number | undefined;
}

/**
 * The readings of the decoded object by the device's profile, or by its words in the registry, with the signal beside them; undefined
 * where there is neither.
 */
export function readUplink(uplink: LorawanUplink, context: DecodeContext): Decoded | undefined {
  const { device, port, time, decoded } = uplink;
  const known = context.device(device);
  const names = known?.profile === undefined ? uplink.names : [known.profile, ...uplink.names];
  const fields = Object.keys(decoded);
  const profile = context.profile({ names, port, fields });
  const explained = known?.fields;
  const isExplained = explained !== undefined && fields.some((field) => Object.hasOwn(explained, field));
  if (profile === undefined && !isExplained) return undefined;
  const read = profile?.read ?? readExplained;
  const { readings, refusals, skip } = read(decoded, { device, time, explained });
  if (skip !== undefined) return { skip, device };
  if (readings.length === 0 && refusals.length === 0) return { skip: "no field has a value", device };
  const all = readings.length === 0 ? readings : [...readings, ...signalReadings(uplink)];
  // Both grow, so their sum grows when either does.
  const revision = uplink.formatRevision + (profile?.revision ?? 0);
  return refusals.length > 0 ? { readings: all, refusals, revision } : { readings: all, revision };
}

/** Where there is no profile: what the registry explains becomes readings, all else is refused. */
const readExplained = createProfileReader({
  profile: "(none)",
  skip: {},
  times: [],
  lists: [],
  fields: {},
  choices: {},
  ignore: {},
});

/** Without any other reading there is no signal either: a message that measures nothing stays one. */
export function signalReadings({ device, time, signal }: Pick<LorawanUplink, "device" | "time" | "signal">): Reading[] {
  if (signal === undefined) return [];
  const rssi: SettableTime = { device, name: "rssi", value: signal.rssi, property: "rssi", unit: "dB[mW]" };
  if (time !== undefined) rssi.time = { instant: time };
  if (signal.snr === undefined) return [rssi];
  const snr: SettableTime = { device, name: "snr", value: signal.snr, property: "snr", unit: "dB" };
  if (rssi.time !== undefined) snr.time = rssi.time;
  return [rssi, snr];
}

type SettableTime = Omit<Reading, "time"> & { time?: NonNullable<Reading["time"]> };

/** Of what the gateways say, `rssi` in dBm and `snr` in dB; undefined where none says it. */
export function strongest(gateways: unknown): Signal | undefined {
  if (!Array.isArray(gateways)) return undefined;
  let best: Signal | undefined;
  for (const gateway of gateways) {
    if (!isJsonObject(gateway)) continue;
    const { rssi, snr } = gateway;
    // A missing or 0 dBm strength is a gateway that did not tell it: no radio hears a milliwatt.
    if (typeof rssi !== "number" || !(rssi < 0) || rssi === -Infinity) continue;
    if (best !== undefined && best.rssi >= rssi) continue;
    best = { rssi, snr: typeof snr === "number" && Number.isFinite(snr) ? snr : undefined };
  }
  return best;
}

/** What tells one delivery's content from another's: the frame as it is written, else what was made of it. */
export function contentOf(frame: unknown, decoded: unknown): string {
  return typeof frame === "string" ? frame : (JSON.stringify(decoded) ?? "");
}

/** A frame as its network server writes it. */
export interface WrittenFrame {
  readonly text: string;
  readonly as: "base64" | "hex";
  readonly receivedAt: EpochMs;
}

/** The readings of a frame that the network server has not decoded. */
export function readFrame(
  uplink: Omit<LorawanUplink, "decoded">,
  frame: WrittenFrame,
  context: DecodeContext,
): Decoded | Refusal {
  const { device, names, port, time = frame.receivedAt } = uplink;
  const isWritten = frame.as === "hex" ? hex.test(frame.text) : base64.test(frame.text);
  if (!isWritten) return { ...refusal("malformed", `the frame in ${writing[frame.as]}`, frame.text), device };
  const bytes = Buffer.from(frame.text, frame.as);
  const result = context.decodeFrame({ device, names, port, bytes, time });
  if ("code" in result) return { ...result, device };
  if ("skip" in result) return { skip: result.skip, device };
  const decoded = { ...uplink, decoded: result.decoded };
  return readUplink(decoded, context) ?? noProfile(decoded, Object.keys(result.decoded));
}

const writing = { base64: "base64", hex: "hexadecimal digits, two a byte" } as const;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/u;
const hex = /^(?:[0-9A-Fa-f]{2})*$/u;

const eui = /^[0-9A-Fa-f]{16}$/u;
const separatedEui = /^[0-9A-Fa-f]{2}(?:[-:][0-9A-Fa-f]{2}){7}$/u;

/** The external id of an EUI of 16 hexadecimal digits, perhaps in pairs; undefined for all else. */
export function deviceOfEui(text: unknown): string | undefined {
  return typeof text === "string" ? deviceOfText(text) : undefined;
}

const deviceOfText = remember((text: string): string | undefined => {
  if (eui.test(text)) return `lorawan:${text.toLowerCase()}`;
  return separatedEui.test(text) ? `lorawan:${text.toLowerCase().replaceAll(/[-:]/gu, "")}` : undefined;
});

const shownFields = 12;

/** Decoded fields that nobody explains: tells which, and what to do. */
export function noProfile(uplink: Pick<LorawanUplink, "device" | "names">, fields: readonly string[]): Refusal {
  const model = uplink.names.length === 0 ? "this model" : uplink.names.map((name) => `"${name}"`).join(" or ");
  const shown = fields.slice(0, shownFields).join(", ");
  return {
    ...refusal(
      "no_profile",
      `a device profile for ${model}: add profiles/<maker>/<model>.yaml (messnetz profile new proposes one), or name one in the device's registry entry, and replay`,
      fields.length > shownFields ? `fields ${shown} and ${fields.length - shownFields} more` : `fields ${shown}`,
    ),
    device: uplink.device,
  };
}
