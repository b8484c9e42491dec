import { isChannel } from "@messnetz/model";

const maxChannelLength = 64;

/** A device's own word as a channel: what is not `A-Z a-z 0-9 _ -` becomes `_`, at most 64 characters. */
export function channelOf(word: string): string {
  return isChannel(word) ? word : word.replaceAll(/[^A-Za-z0-9_-]+/gu, "_").slice(0, maxChannelLength);
}

const maxDeviceIdLength = 120;

/** A part of a device id: white space becomes `_`, at most 120 characters. */
export function deviceIdPart(word: string): string {
  return word.replaceAll(/\s+/gu, "_").slice(0, maxDeviceIdLength);
}
