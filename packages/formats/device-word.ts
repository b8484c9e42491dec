import { isChannel } from "@messnetz/model";

export const maxChannelLength = 64;

/** A device's own word as a channel: what is not `A-Z a-z 0-9 _ -` becomes `_`, an empty one too; at most 64 characters. */
export function channelOf(word: string): string {
  return isChannel(word) ? word : word.replaceAll(/[^A-Za-z0-9_-]+/gu, "_").slice(0, maxChannelLength) || "_";
}

/** A topic or name as a device id, which holds no white space. */
export function deviceIdOf(scheme: string, name: string): string {
  return `${scheme}:${name.replaceAll(/\s+/gu, "_")}`;
}
