import { isUtf8 } from "node:buffer";
import type { Frame } from "./framing.ts";

/** A PUBLISH as it stands in its frame. One object per connection, overwritten by the next. */
export interface Publish {
  qos: 0 | 1 | 2;
  isDuplicate: boolean;
  isRetained: boolean;
  /** Empty only where a topic alias stands for it (MQTT 5.0, 3.3.2.3.4). */
  topic: string;
  /** 0 with QoS 0. */
  packetId: number;
  /** A view of the frame's buffer. */
  payload: Buffer;
}

/** `properties`: a valid beginning, but MQTT 5 properties follow, which mqtt-packet has to read. */
export type PublishFault = "malformed" | "invalid_topic" | "packet_id_zero" | "properties";

export function createPublish(): Publish {
  return { qos: 0, isDuplicate: false, isRetained: false, topic: "", packetId: 0, payload: Buffer.alloc(0) };
}

/**
 * Reads a PUBLISH (MQTT 3.1.1, 3.3; MQTT 5.0, 3.3) by hand, at a third of the cost of the general parser: it is nearly all that a door sees.
 * Undefined where `into` holds the packet; a property test holds it against mqtt-packet.
 */
export function readPublish(buffer: Buffer, frame: Frame, into: PublishTarget): PublishFault | undefined {
  const flags = buffer[frame.start]!;
  const qos = (flags >> 1) & 3;
  // MQTT 5.0, 3.3.1.2: QoS 3 is malformed; 3.3.1.1: DUP must be 0 with QoS 0.
  if (qos === 3 || (qos === 0 && (flags & 8) !== 0)) return "malformed";
  let at = frame.bodyStart + 2;
  if (at > frame.end) return "malformed";
  const topicEnd = at + ((buffer[at - 2]! << 8) | buffer[at - 1]!);
  if (topicEnd > frame.end) return "malformed";
  const topic = buffer.toString("utf8", at, topicEnd);
  if (!isTopicText(topic, buffer, at)) return "invalid_topic";
  at = topicEnd;
  let packetId = 0;
  if (qos > 0) {
    if (at + 2 > frame.end) return "malformed";
    packetId = (buffer[at]! << 8) | buffer[at + 1]!;
    if (packetId === 0) return "packet_id_zero";
    at += 2;
  }
  const { publish } = into;
  publish.qos = qos as 0 | 1 | 2;
  publish.isDuplicate = (flags & 8) !== 0;
  publish.isRetained = (flags & 1) !== 0;
  publish.topic = topic;
  publish.packetId = packetId;
  if (into.version === 5) {
    if (at >= frame.end) return "malformed";
    if (buffer[at] !== 0) return "properties";
    at += 1;
  }
  if (topic === "") return "invalid_topic";
  publish.payload = buffer.subarray(at, frame.end);
  return undefined;
}

export interface PublishTarget {
  readonly publish: Publish;
  readonly version: 4 | 5;
}

/** MQTT 5.0, 1.5.4 (UTF-8, no NUL) and 3.3.2.1 (no wild cards). */
function isTopicText(topic: string, buffer: Buffer, start: number): boolean {
  let isDoubtful = false;
  for (let at = 0; at < topic.length; at++) {
    const unit = topic.charCodeAt(at);
    if (unit === 0x23 || unit === 0x2b || unit === 0) return false;
    if (unit === 0xfffd) isDoubtful = true;
  }
  // The decoder puts U+FFFD where the bytes are no UTF-8; they may also say U+FFFD themselves.
  return !isDoubtful || isUtf8(buffer.subarray(start, start + ((buffer[start - 2]! << 8) | buffer[start - 1]!)));
}
