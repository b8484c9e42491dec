import * as fc from "fast-check";
import { generate, type IPublishPacket } from "mqtt-packet";
import { expect, it } from "vitest";
import { createControlPackets } from "./control-packets.ts";
import { createFraming } from "./framing.ts";
import { createPublish, type Publish, type PublishFault, readPublish } from "./publish-parser.ts";

const control = createControlPackets();
const versions = [4, 5] as const;

function read(bytes: Buffer, version: 4 | 5): Publish | PublishFault | "no frame" {
  const publish = createPublish();
  let outcome: Publish | PublishFault | "no frame" = "no frame";
  createFraming(
    () => 100_000,
    (buffer, frame) => {
      outcome = readPublish(buffer, frame, { publish, version }) ?? publish;
      return false;
    },
  ).push(bytes);
  return outcome;
}

const publishes = fc
  .record({
    cmd: fc.constant("publish" as const),
    topic: fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
      .filter((text) => !/[#+\0\ufffd]/.test(text) && text.isWellFormed()),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
    retain: fc.boolean(),
    dup: fc.boolean(),
    messageId: fc.integer({ min: 1, max: 65_535 }),
  })
  .map((packet): IPublishPacket => Object.assign(packet, { dup: packet.dup && packet.qos > 0 }));

it.each(versions)("reads what mqtt-packet writes, as mqtt-packet reads it (version %d)", (version) => {
  fc.assert(
    fc.property(publishes, (packet) => {
      const bytes = generate(packet, { protocolVersion: version });
      const reference = control.read(bytes, version) as IPublishPacket;
      expect(read(bytes, version)).toEqual({
        qos: reference.qos,
        isDuplicate: reference.dup,
        isRetained: reference.retain,
        topic: reference.topic,
        packetId: reference.messageId ?? 0,
        payload: reference.payload,
      });
    }),
  );
});

it.each(versions)("accepts nothing damaged that mqtt-packet would not read the same way (version %d)", (version) => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
  fc.assert(
    fc.property(publishes, damage, fc.nat({ max: 20 }), (packet, changes, cut) => {
      const bytes = generate(packet, { protocolVersion: version });
      for (const [at, byte] of changes) bytes[1 + (at % (bytes.length - 1))] = byte;
      const damaged = bytes.subarray(0, Math.max(2, bytes.length - cut));
      const outcome = read(damaged, version);
      if (typeof outcome === "string") return;
      // Bytes behind the packet belong to the next one: mqtt-packet is asked about this one alone.
      const whole = damaged.subarray(0, damaged.length - bytesBehind(damaged));
      expect(control.read(whole, version)).toMatchObject({
        cmd: "publish",
        topic: outcome.topic,
        payload: outcome.payload,
      });
    }),
  );
});

/** After the first packet of the bytes. */
function bytesBehind(bytes: Buffer): number {
  let behind = 0;
  createFraming(
    () => 100_000,
    (buffer, frame) => {
      behind = buffer.length - frame.end;
      return false;
    },
  ).push(bytes);
  return behind;
}

function topicBytes(topic: readonly number[]): Buffer {
  return Buffer.from([0x30, 2 + topic.length, 0, topic.length, ...topic]);
}

it.each([
  ["a multi-level wild card", [0x61, 0x2f, 0x23], "invalid_topic"],
  ["a single-level wild card", [0x2b], "invalid_topic"],
  ["a NUL", [0x61, 0], "invalid_topic"],
  ["bytes that are no UTF-8", [0xc3, 0x28], "invalid_topic"],
  ["an encoded surrogate", [0xed, 0xa0, 0x80], "invalid_topic"],
  ["nothing", [], "invalid_topic"],
])("refuses a topic of %s", (_what, topic, fault) => {
  expect(read(topicBytes(topic), 4)).toBe(fault);
});

it("takes a topic that says U+FFFD itself", () => {
  expect(read(topicBytes([0xef, 0xbf, 0xbd]), 4)).toMatchObject({ topic: "\ufffd" });
});

it.each([
  ["QoS 3", [0x36, 5, 0, 1, 0x61, 0, 1], "malformed"],
  ["DUP with QoS 0", [0x38, 3, 0, 1, 0x61], "malformed"],
  ["packet id 0", [0x32, 5, 0, 1, 0x61, 0, 0], "packet_id_zero"],
  ["half a packet id", [0x32, 4, 0, 1, 0x61, 0], "malformed"],
  ["no topic length", [0x30, 1, 0], "malformed"],
  ["a topic beyond the end", [0x30, 3, 0, 9, 0x61], "malformed"],
])("refuses %s", (_what, bytes, fault) => {
  expect(read(Buffer.from(bytes), 4)).toBe(fault);
});

it("leaves MQTT 5 properties to mqtt-packet, and misses them where there are none", () => {
  const bytes = generate(
    { cmd: "publish", topic: "a", payload: "x", qos: 0, dup: false, retain: false, properties: { topicAlias: 1 } },
    { protocolVersion: 5 },
  );
  expect(read(bytes, 5)).toBe("properties");
  expect(read(Buffer.from([0x30, 3, 0, 1, 0x61]), 5)).toBe("malformed");
});
