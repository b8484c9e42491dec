import { randomUUID } from "node:crypto";
import { neverExpiresMs } from "@messnetz/model";
import type { IConnectPacket, IDisconnectPacket } from "mqtt-packet";
import type { ControlPackets, ProtocolVersion } from "./control-packets.ts";
import { reason, type ReasonCode } from "./reason-codes.ts";

/** A message that the client left to be sent when it is lost (MQTT 5.0, 3.1.2.5). */
export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly delayMs: number;
}

/** What a CONNECT asks for, checked. */
export interface ConnectRequest {
  readonly version: ProtocolVersion;
  readonly clientId: string;
  /** The client gave none, and is told which it got. */
  readonly isAssigned: boolean;
  readonly isClean: boolean;
  /** As asked for; 0 ends the session with the connection. */
  readonly expiryMs: number;
  /** After this silence the client is lost; 0: never. */
  readonly keepAliveMs: number;
  readonly username?: string;
  readonly password?: Uint8Array;
  readonly will?: Will;
}

export interface ConnectFault {
  readonly code: ReasonCode;
  readonly detail: string;
  /** A malformed packet gets no answer in 3.1.1 (4.8); a refusal does. */
  readonly isMalformed: boolean;
}

/** MQTT 5.0, 3.1.2.11.2. */
const neverExpiresSeconds = 0xffff_ffff;
/** MQTT 5.0, 3.1.2.10. */
const keepAliveFactor = 1.5;
const maxClientIdLength = 256;

/** The protocol version that a CONNECT's body begins with (MQTT 5.0, 3.1.2.1 and 2); 3.1 counts as 3.1.1. */
function readVersion(body: Buffer): ProtocolVersion | "other" | "none" {
  const isNamed = body.length >= 7 && body.toString("latin1", 0, 6) === "\0\u0004MQTT";
  // A bridge sets the highest bit of the level: mosquitto's way to say "do not send my own messages back".
  if (isNamed) return (body[6]! & 0x7f) === 4 ? 4 : body[6] === 5 ? 5 : "other";
  const isOld = body.length >= 9 && body.toString("latin1", 0, 8) === "\0\u0006MQIsdp";
  return isOld && (body[8]! & 0x7f) === 3 ? 4 : "none";
}

/** Reads a CONNECT packet whose body begins at `bodyAt`. */
export function readConnect(control: ControlPackets, bytes: Buffer, bodyAt: number): ConnectRequest | VersionedFault {
  const version = readVersion(bytes.subarray(bodyAt));
  if (version === "none") return { ...malformed(reason.protocolError, "not MQTT"), version: 4 };
  if (version === "other")
    return { ...refuse(reason.unsupportedProtocolVersion, "not MQTT 3.1, 3.1.1 or 5"), version: 4 };
  const packet = control.read(bytes, version);
  if (typeof packet === "string") return { ...malformed(reason.malformedPacket, packet), version };
  const request = check(packet as IConnectPacket, version);
  return "code" in request ? { ...request, version } : request;
}

type VersionedFault = ConnectFault & { readonly version: ProtocolVersion };

/** Checks what mqtt-packet leaves unchecked. */
function check(packet: IConnectPacket, version: ProtocolVersion): ConnectRequest | ConnectFault {
  const { properties } = packet;
  if (properties?.authenticationMethod !== undefined || properties?.authenticationData !== undefined)
    return refuse(reason.badAuthenticationMethod, "user name and password are the only way in");
  const expiry: unknown = properties?.sessionExpiryInterval ?? 0;
  const receiveMaximum: unknown = properties?.receiveMaximum ?? 1;
  const maximumPacketSize: unknown = properties?.maximumPacketSize ?? 1;
  // mqtt-packet makes a list of a property that is given twice, which is a protocol error (MQTT 5.0, 3.1.2.11), as is 0 for the latter two.
  if (typeof expiry !== "number" || typeof receiveMaximum !== "number" || typeof maximumPacketSize !== "number")
    return malformed(reason.protocolError, "a property is given twice");
  if (receiveMaximum < 1 || maximumPacketSize < 1) return malformed(reason.protocolError, "a maximum of 0");
  if (version === 4 && packet.username === undefined && packet.password !== undefined)
    return malformed(reason.malformedPacket, "a password without a user name (3.1.1, 3.1.2.9)");
  const will = readWill(packet);
  if (will !== undefined && "code" in will) return will;
  const { clientId } = packet;
  const clean = packet.clean === true;
  if (!isPlainText(clientId) || !isPlainText(packet.username ?? ""))
    return malformed(reason.malformedPacket, "text that is not UTF-8, or has control characters");
  if (clientId.length > maxClientIdLength)
    return refuse(
      reason.clientIdNotValid,
      `a client id of ${clientId.length} characters, at most ${maxClientIdLength}`,
    );
  if (clientId === "" && version === 4 && !clean)
    return refuse(reason.clientIdNotValid, "a session needs a client id (3.1.1, 3.1.3.1)");
  return {
    version,
    clientId: clientId === "" ? randomUUID() : clientId,
    isAssigned: clientId === "",
    isClean: clean,
    expiryMs: version === 4 ? (clean ? 0 : neverExpiresMs) : expiryMs(expiry),
    keepAliveMs: (packet.keepalive ?? 0) * 1000 * keepAliveFactor,
    ...(packet.username !== undefined && { username: packet.username }),
    ...(packet.password !== undefined && { password: packet.password }),
    ...(will !== undefined && { will }),
  };
}

function expiryMs(seconds: number): number {
  return seconds === neverExpiresSeconds ? neverExpiresMs : seconds * 1000;
}

/**
 * The expiry with which DISCONNECT leaves a session that had `before`. Undefined where it may not ask for what it asks (MQTT 5.0,
 * 3.14.2.2.2): a session that was to end with the connection cannot be prolonged.
 */
export function expiryAtEnd(packet: IDisconnectPacket, before: number): number | undefined {
  const expiry: unknown = packet.properties?.sessionExpiryInterval;
  if (expiry === undefined) return before;
  return typeof expiry !== "number" || (before === 0 && expiry > 0) ? undefined : expiryMs(expiry);
}

function readWill(packet: IConnectPacket): Will | ConnectFault | undefined {
  const { will } = packet;
  if (will === undefined) return undefined;
  if ((will.qos ?? 0) > 2) return malformed(reason.malformedPacket, "a will of QoS 3");
  if (will.topic === "" || !isPlainText(will.topic) || /[+#]/.test(will.topic))
    return malformed(reason.malformedPacket, "a will to no valid topic");
  const delay: unknown = will.properties?.willDelayInterval ?? 0;
  if (typeof delay !== "number") return malformed(reason.protocolError, "a will property is given twice");
  // A copy: the will outlives the bytes it came in.
  return { topic: will.topic, payload: Uint8Array.from(Buffer.from(will.payload)), delayMs: delay * 1000 };
}

/** No U+FFFD either: the decoder puts it where the bytes are no UTF-8. */
function isPlainText(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\u0000-\u001f\u007f-\u009f\ufffd]/.test(text);
}

function refuse(code: ReasonCode, detail: string): ConnectFault {
  return { code, detail, isMalformed: false };
}

function malformed(code: ReasonCode, detail: string): ConnectFault {
  return { code, detail, isMalformed: true };
}
