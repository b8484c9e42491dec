import { generate, type IConnackPacket } from "mqtt-packet";
import type { ProtocolVersion } from "./control-packets.ts";
import { reason, type ReasonCode, returnCode } from "./reason-codes.ts";

export interface Announcement {
  readonly maximumPacketSize: number;
  readonly receiveMaximum: number;
  readonly topicAliasMaximum: number;
  readonly sessionExpirySeconds?: number;
  readonly assignedClientId?: string;
}

/** MQTT 3.1.1, 3.12 and 3.13. */
export const pingResponse = Buffer.from([0xd0, 0]);

export function acceptance(version: ProtocolVersion, isPresent: boolean, announce: Announcement): Buffer {
  if (version === 4) return Buffer.from([0x20, 2, isPresent ? 1 : 0, 0]);
  const properties: NonNullable<IConnackPacket["properties"]> = {
    receiveMaximum: announce.receiveMaximum,
    maximumPacketSize: announce.maximumPacketSize,
    topicAliasMaximum: announce.topicAliasMaximum,
    // RETAIN is accepted and nothing is retained: announced as unavailable, a client that sets it would have to be thrown out.
    wildcardSubscriptionAvailable: false,
    subscriptionIdentifiersAvailable: false,
    sharedSubscriptionAvailable: false,
  };
  if (announce.sessionExpirySeconds !== undefined) properties.sessionExpiryInterval = announce.sessionExpirySeconds;
  if (announce.assignedClientId !== undefined) properties.assignedClientIdentifier = announce.assignedClientId;
  return generate(
    { cmd: "connack", sessionPresent: isPresent, reasonCode: reason.success, properties },
    { protocolVersion: 5 },
  );
}

/** CONNACK with an error: the connection ends after it. */
export function rejection(version: ProtocolVersion, code: ReasonCode): Buffer {
  return version === 5 ? Buffer.from([0x20, 3, 0, code, 0]) : Buffer.from([0x20, 2, 0, returnCode(code)]);
}

/** MQTT 5.0, 3.14. 3.1.1 has no such word from a server. */
export function farewell(code: ReasonCode): Buffer {
  return Buffer.from([0xe0, 2, code, 0]);
}

/** MQTT 5.0, 3.7.2.1: the reason may be left out where it is success. */
export function completion(packetId: number, isUnknown: boolean): Buffer {
  return isUnknown
    ? Buffer.from([0x70, 3, packetId >> 8, packetId & 0xff, reason.packetIdNotFound])
    : Buffer.from([0x70, 2, packetId >> 8, packetId & 0xff]);
}

/** PUBREC for a packet id that is already open. */
export function received(packetId: number): Buffer {
  return Buffer.from([0x50, 2, packetId >> 8, packetId & 0xff]);
}

/** Every subscription is refused: the door only takes. */
export function subscriptionRefusal(version: ProtocolVersion, packetId: number, count: number): Buffer {
  const code = version === 5 ? reason.notAuthorized : reason.unspecified;
  return generate(
    { cmd: "suback", messageId: packetId, granted: new Array<number>(count).fill(code) },
    { protocolVersion: version },
  );
}

export function unsubscription(version: ProtocolVersion, packetId: number, count: number): Buffer {
  const granted = version === 5 ? new Array<number>(count).fill(reason.noSubscriptionExisted) : [];
  return generate({ cmd: "unsuback", messageId: packetId, granted }, { protocolVersion: version });
}
