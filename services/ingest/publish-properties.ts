import type { ControlPackets } from "./control-packets.ts";
import type { Publish } from "./publish-parser.ts";
import { reason, type ReasonCode } from "./reason-codes.ts";

/** The topics that a client has given numbers (MQTT 5.0, 3.3.2.3.4), for one connection. */
export type TopicAliases = Map<number, string>;

export interface AliasLimits {
  readonly maxTopicAlias: number;
  /** Of a topic that is remembered. */
  readonly maxTopicBytes: number;
}

/**
 * Completes a PUBLISH that has MQTT 5 properties: its payload, and its topic where an alias stands for it. Returns the reason to close
 * where it breaks a rule. No property but the alias means anything to the door.
 */
export function readPublishProperties(
  packet: { readonly bytes: Buffer; readonly publish: Publish; readonly control: ControlPackets },
  aliases: TopicAliases,
  limits: AliasLimits,
): ReasonCode | undefined {
  const { publish } = packet;
  const read = packet.control.read(packet.bytes, 5);
  if (typeof read === "string" || read.cmd !== "publish") return reason.malformedPacket;
  publish.payload = read.payload as Buffer;
  const { properties } = read;
  // Only a server sends these (MQTT 5.0, 3.3.4).
  if (properties?.subscriptionIdentifier !== undefined) return reason.protocolError;
  const alias: unknown = properties?.topicAlias;
  if (alias === undefined) return publish.topic === "" ? reason.protocolError : undefined;
  if (typeof alias !== "number") return reason.protocolError;
  if (alias < 1 || alias > limits.maxTopicAlias) return reason.topicAliasInvalid;
  if (publish.topic !== "") {
    if (Buffer.byteLength(publish.topic) > limits.maxTopicBytes) return reason.topicNameInvalid;
    aliases.set(alias, publish.topic);
    return undefined;
  }
  const topic = aliases.get(alias);
  if (topic === undefined) return reason.protocolError;
  publish.topic = topic;
  return undefined;
}
