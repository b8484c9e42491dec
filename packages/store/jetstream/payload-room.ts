import type { NatsLink } from "@messnetz/nats";

/** What a message of ours may hold: the rest is for headers and for sizes that are only estimated. */
const usedShare = 0.8;

export function payloadRoom(link: NatsLink): number {
  return Math.floor(link.maxPayloadBytes * usedShare);
}
