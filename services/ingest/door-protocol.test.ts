import { generate, type IConnackPacket, type IConnectPacket, type Packet } from "mqtt-packet";
import { eventually } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { openTrialDoor, type RawClient, reading, type TrialDoor } from "./trial-door.fixture.ts";

const publish = {
  cmd: "publish",
  topic: "town/a",
  qos: 1,
  messageId: 1,
  payload: reading(1),
  dup: false,
  retain: false,
} as const;

function bytesOf(packet: Packet, change: (bytes: Buffer) => void): Buffer {
  const bytes = generate(packet, { protocolVersion: 5 });
  change(bytes);
  return bytes;
}

async function connected(trial: TrialDoor, version: 4 | 5): Promise<RawClient> {
  const client = await trial.raw();
  await client.connect({ protocolVersion: version });
  return client;
}

describe("CONNECT", () => {
  const rejected: [string, Partial<IConnectPacket>, number, number][] = [
    ["a wrong password", { password: Buffer.from("wrong") }, 4, 0x86],
    ["an unknown user", { username: "nobody" }, 4, 0x86],
    ["a client id that is too long", { clientId: "x".repeat(257) }, 2, 0x85],
  ];
  it.each(rejected)("refuses %s, in both versions", async (_what, differences, returnCode, reasonCode) => {
    await using trial = await openTrialDoor();
    const [old, five] = [await trial.raw(), await trial.raw()];
    expect(await old.connect(differences)).toMatchObject({ cmd: "connack", returnCode, sessionPresent: false });
    expect(await five.connect({ ...differences, protocolVersion: 5 })).toMatchObject({ cmd: "connack", reasonCode });
    await old.closed();
    await five.closed();
    await eventually("nobody to be left", () => trial.door.connections() === 0);
  });

  it.each([
    ["anonymous clients", [0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x61], 5],
    ["versions of MQTT that it does not speak", [0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 6, 2, 0, 0, 0, 1, 0x61], 1],
    ["a durable session without a client id", [0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0, 0, 0, 0, 0], 2],
  ])("refuses %s with the return code", async (_what, bytes, returnCode) => {
    await using trial = await openTrialDoor();
    const client = await trial.raw();
    client.send(Buffer.from(bytes));
    expect(await client.next()).toMatchObject({ cmd: "connack", returnCode });
    await client.closed();
  });

  it("gives a client without an id one, and tells MQTT 5 which", async () => {
    await using trial = await openTrialDoor();
    const five = await trial.raw();
    const answer = (await five.connect({ protocolVersion: 5, clientId: "" })) as IConnackPacket;
    expect(answer.properties?.assignedClientIdentifier).toMatch(/^[0-9a-f-]{36}$/);
    const old = await trial.raw();
    expect(await old.connect({ clientId: "" })).toMatchObject({ returnCode: 0 });
  });

  it("announces its limits to MQTT 5 clients, and that it takes RETAIN but no subscriptions", async () => {
    await using trial = await openTrialDoor({
      config: {
        MESSNETZ_MQTT_MAX_PACKET_BYTES: "5000",
        MESSNETZ_MQTT_RECEIVE_MAXIMUM: "7",
        MESSNETZ_MQTT_TOPIC_ALIAS_MAXIMUM: "3",
      },
    });
    const client = await trial.raw();
    const answer = (await client.connect({ protocolVersion: 5 })) as IConnackPacket;
    expect(answer.properties).toEqual({
      receiveMaximum: 7,
      maximumPacketSize: 5000,
      topicAliasMaximum: 3,
      wildcardSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
    });
  });

  it.each([
    ["a first packet that is not CONNECT", Buffer.from([0xc0, 0])],
    ["a protocol name of its own", Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x58, 4, 2, 0, 0, 0, 0])],
    ["a reserved flag", Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 3, 0, 0, 0, 0])],
    [
      "a will of QoS 3",
      Buffer.from([0x10, 18, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0x1e, 0, 0, 0, 1, 0x61, 0, 1, 0x61, 0, 0]),
    ],
    [
      "a password without a user name",
      Buffer.from([0x10, 16, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0x42, 0, 0, 0, 1, 0x61, 0, 1, 0x61]),
    ],
    [
      "a client id that is no UTF-8",
      Buffer.from([0x10, 14, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 2, 0xc3, 0x28]),
    ],
    ["more than a CONNECT may hold", Buffer.from([0x10, 0xff, 0xff, 0x03])],
  ])("cuts off %s without CONNACK of success", async (_what, bytes) => {
    await using trial = await openTrialDoor();
    const client = await trial.raw();
    client.send(bytes);
    await client.closed();
    expect(client.received).toEqual([]);
    expect(trial.publisher.messages()).toEqual([]);
  });
});

describe("what a client may not send", () => {
  const wrongs: [string, Buffer, number][] = [
    [
      "a second CONNECT",
      generate({ cmd: "connect", clientId: "x", protocolId: "MQTT", protocolVersion: 5, clean: true, keepalive: 0 }),
      0x82,
    ],
    ["QoS 3", bytesOf(publish, (bytes) => void (bytes[0] = 0x36)), 0x81],
    ["packet id 0", bytesOf({ ...publish, topic: "a" }, (bytes) => void (bytes[6] = 0)), 0x82],
    ["a wild card in a topic", bytesOf({ ...publish, topic: "a" }, (bytes) => void (bytes[4] = 0x23)), 0x81],
    ["a NUL in a topic", bytesOf({ ...publish, topic: "a" }, (bytes) => void (bytes[4] = 0)), 0x81],
    ["a topic that is no UTF-8", bytesOf({ ...publish, topic: "a" }, (bytes) => void (bytes[4] = 0xff)), 0x81],
    [
      "SUBSCRIBE with wrong flags",
      bytesOf(
        { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "#", qos: 0 }] },
        (bytes) => void (bytes[0] = 0x80),
      ),
      0x81,
    ],
    ["SUBSCRIBE without a filter", Buffer.from([0x82, 3, 0, 1, 0]), 0x82],
    ["PUBREL with packet id 0", Buffer.from([0x62, 2, 0, 0]), 0x82],
    ["a packet for clients", Buffer.from([0xd0, 0]), 0x82],
    ["AUTH", Buffer.from([0xf0, 2, 0x18, 0]), 0x82],
    ["the reserved type 0", Buffer.from([0x00, 0]), 0x81],
    ["a remaining length of five bytes", Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]), 0x81],
    ["a packet of 256 MB", Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), 0x95],
    [
      "a topic alias beyond the limit",
      generate({ ...publish, properties: { topicAlias: 33 } }, { protocolVersion: 5 }),
      0x94,
    ],
    [
      "an alias that was never given a topic",
      generate({ ...publish, topic: "", properties: { topicAlias: 3 } }, { protocolVersion: 5 }),
      0x82,
    ],
  ];
  it.each(wrongs)("MQTT 5: %s ends the connection with a reason", async (_what, bytes, reasonCode) => {
    await using trial = await openTrialDoor();
    const client = await connected(trial, 5);
    client.send(bytes);
    expect(await client.next()).toMatchObject({ cmd: "disconnect", reasonCode });
    await client.closed();
    expect(trial.publisher.messages()).toEqual([]);
  });

  it("3.1.1: it ends the connection without a word", async () => {
    await using trial = await openTrialDoor();
    const client = await connected(trial, 4);
    client.send(Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1]));
    await client.closed();
    expect(client.received).toHaveLength(1);
  });

  it("more unacknowledged messages than MQTT 5 was told", async () => {
    await using trial = await openTrialDoor({ config: { MESSNETZ_MQTT_RECEIVE_MAXIMUM: "3" } });
    trial.publisher.become("hang");
    const client = await connected(trial, 5);
    for (let id = 1; id <= 4; id++) client.send({ ...publish, qos: id % 2 === 0 ? 2 : 1, messageId: id });
    expect(await client.next()).toMatchObject({ cmd: "disconnect", reasonCode: 0x93 });
  });
});

describe("what the door answers", () => {
  it.each([4, 5] as const)("refuses subscriptions and keeps the connection (version %d)", async (version) => {
    await using trial = await openTrialDoor();
    const client = await connected(trial, version);
    const code = version === 5 ? 0x87 : 0x80;
    client.send({
      cmd: "subscribe",
      messageId: 7,
      subscriptions: [
        { topic: "#", qos: 2 },
        { topic: "a/+", qos: 0 },
      ],
    });
    expect(await client.next()).toMatchObject({ cmd: "suback", messageId: 7, granted: [code, code] });
    client.send({ cmd: "unsubscribe", messageId: 8, unsubscriptions: ["#"] });
    expect(await client.next()).toMatchObject({
      cmd: "unsuback",
      messageId: 8,
      ...(version === 5 && { granted: [0x11] }),
    });
    client.send({ cmd: "pingreq" });
    expect(await client.next()).toMatchObject({ cmd: "pingresp" });
    client.send(publish);
    expect(await client.next()).toMatchObject({ cmd: "puback", messageId: 1 });
  });

  it("takes RETAIN, and topics by alias", async () => {
    await using trial = await openTrialDoor();
    const client = await connected(trial, 5);
    client.send({ ...publish, retain: true, properties: { topicAlias: 3, userProperties: { a: "b" } } });
    client.send({ ...publish, topic: "", messageId: 2, properties: { topicAlias: 3 } });
    expect([await client.next(), await client.next()]).toMatchObject([{ messageId: 1 }, { messageId: 2 }]);
    expect(trial.publisher.messages().map(({ message }) => message.topic)).toEqual(["town/a", "town/a"]);
  });

  it("PUBACKs in the order of the publishes, whatever becomes of the messages", async () => {
    await using trial = await openTrialDoor();
    const client = await connected(trial, 4);
    const ids = Array.from({ length: 300 }, (_, n) => ((n * 7919) % 65_535) + 1);
    client.send(
      ...ids.map((messageId, n): Packet => ({
        ...publish,
        messageId,
        payload: n % 3 === 0 ? "rubbish" : reading(n),
        topic: n % 5 === 0 ? "bus/1" : "town/a",
      })),
    );
    const acknowledged: (number | undefined)[] = [];
    for (let n = 0; n < ids.length; n++) acknowledged.push((await client.next()).messageId);
    expect(acknowledged).toEqual(ids);
    expect(trial.publisher.messages()).toHaveLength(300);
  });

  it("a topic beyond the limits goes to the quarantine and does not stop its device", async () => {
    await using trial = await openTrialDoor({
      config: { MESSNETZ_MQTT_MAX_TOPIC_LEVELS: "3", MESSNETZ_MQTT_MAX_TOPIC_BYTES: "20" },
    });
    const client = await connected(trial, 4);
    client.send(
      { ...publish, topic: "town/1/2/3" },
      { ...publish, messageId: 2, topic: `town/${"x".repeat(20)}` },
      { ...publish, messageId: 3 },
    );
    for (const messageId of [1, 2, 3]) expect(await client.next()).toMatchObject({ cmd: "puback", messageId });
    expect(trial.publisher.messages().map(({ refusals }) => refusals[0]?.code)).toEqual([
      "too_deep",
      "too_large",
      undefined,
    ]);
  });
});
