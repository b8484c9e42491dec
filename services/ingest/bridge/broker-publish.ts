import { type Refusal, refusal } from "@messnetz/model";
import type { ProtocolVersion } from "../control-packets.ts";
import type { Frame } from "../framing.ts";
import { type Publish, readPublish } from "../publish-parser.ts";

/** `false`: not a PUBLISH, nothing can be said of the stream any more. */
export type BrokerPublish = { readonly refusal?: Refusal } | false;

const fine: BrokerPublish = {};

/**
 * Reads a PUBLISH that a broker sent. What the broker should have refused is taken with a refusal, for the quarantine: not acknowledged, it
 * would come again for ever and hold up all that is behind it.
 */
export function readBrokerPublish(
  buffer: Buffer,
  frame: Frame,
  into: { publish: Publish; version: ProtocolVersion },
): BrokerPublish {
  const fault = readPublish(buffer, frame, into);
  if (fault === "malformed" || fault === "packet_id_zero") return false;
  const { publish } = into;
  if (fault !== undefined) {
    const payloadAt = readLoosely(buffer, frame, into);
    if (payloadAt === undefined) return false;
    publish.payload = buffer.subarray(payloadAt, frame.end);
    // A topic alias stands for it (MQTT 5.0, 3.3.2.3.4), though none was allowed.
    if (publish.topic === "") return false;
    if (fault === "invalid_topic")
      return { refusal: refusal("malformed", "a topic in UTF-8 without wild cards and NUL", publish.topic) };
  }
  if (frame.cutBytes === 0) return fine;
  const bytes = frame.end - frame.start + frame.cutBytes;
  return {
    refusal: refusal(
      "too_large",
      `a packet of at most ${frame.end - frame.start} bytes (MESSNETZ_MQTT_MAX_PACKET_BYTES); its beginning is kept`,
      `${bytes} bytes`,
    ),
  };
}

/** Topic, packet id and flags as they stand, and where the payload begins; undefined where the packet ends before. */
function readLoosely(
  buffer: Buffer,
  frame: Frame,
  { publish, version }: { publish: Publish; version: ProtocolVersion },
): number | undefined {
  const flags = buffer[frame.start]!;
  const topicAt = frame.bodyStart + 2;
  let at = topicAt + buffer.readUInt16BE(frame.bodyStart);
  if (at > frame.end) return undefined;
  publish.topic = buffer.toString("utf8", topicAt, at);
  publish.qos = ((flags >> 1) & 3) as 0 | 1 | 2;
  publish.isDuplicate = (flags & 8) !== 0;
  publish.isRetained = (flags & 1) !== 0;
  publish.packetId = 0;
  if (publish.qos > 0) {
    if (at + 2 > frame.end) return undefined;
    publish.packetId = buffer.readUInt16BE(at);
    if (publish.packetId === 0) return undefined;
    at += 2;
  }
  if (version === 4) return at;
  // A variable byte integer of at most four bytes (MQTT 5.0, 1.5.5), and the properties, of which none says where a reading belongs.
  let length = 0;
  for (let shift = 1, byte = 0x80; byte >= 0x80; shift *= 0x80) {
    if (at >= frame.end || shift > 0x200000) return undefined;
    byte = buffer[at++]!;
    length += (byte & 0x7f) * shift;
  }
  return at + length > frame.end ? undefined : at + length;
}
