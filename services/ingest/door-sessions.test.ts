import type { IConnackPacket } from "mqtt-packet";
import { createFakeClock, eventually } from "@messnetz/testing";
import { expect, it } from "vitest";
import { openTrialDoor, type RawClient, reading, type TrialDoor } from "./trial-door.fixture.ts";
import { createTrialPublisher } from "./trial-publisher.fixture.ts";

async function isPresent(client: RawClient, differences: Parameters<RawClient["connect"]>[0]): Promise<boolean> {
  return ((await client.connect(differences)) as IConnackPacket).sessionPresent;
}

const publish = (messageId: number, more: object = {}) =>
  ({
    cmd: "publish",
    topic: "town/gauge",
    qos: 2,
    messageId,
    payload: reading(1),
    dup: false,
    retain: false,
    ...more,
  }) as const;

it("tells the truth about sessions of 3.1.1, also after the process was killed", async () => {
  const publisher = createTrialPublisher();
  {
    await using trial = await openTrialDoor({ publisher });
    expect(await isPresent(await trial.raw(), { clean: false })).toBe(false);
    expect(await isPresent(await trial.raw(), { clean: false })).toBe(true);
    expect(await isPresent(await trial.raw(), { clean: true })).toBe(false);
    expect(await isPresent(await trial.raw(), { clean: false })).toBe(false);
  }
  await using trial = await openTrialDoor({ publisher });
  expect(await isPresent(await trial.raw(), { clean: false })).toBe(true);
  expect(await isPresent(await trial.raw(), { clean: false, clientId: "other" })).toBe(false);
});

it("tells the truth about sessions of MQTT 5 and their expiry", async () => {
  const clock = createFakeClock();
  await using trial = await openTrialDoor({ clock: clock.now });
  const connect = async (clean: boolean, seconds?: number): Promise<boolean> => {
    const client = await trial.raw();
    const properties = seconds === undefined ? {} : { properties: { sessionExpiryInterval: seconds } };
    const present = await isPresent(client, { protocolVersion: 5, clean, ...properties });
    client.send({ cmd: "disconnect", reasonCode: 0 });
    await client.closed();
    return present;
  };
  expect(await connect(false, 60)).toBe(false);
  clock.advance(59_000);
  expect(await connect(false, 60)).toBe(true);
  clock.advance(60_000);
  expect(await connect(false, 60)).toBe(false);
  expect(await connect(true, 60)).toBe(false);
  expect(await connect(false)).toBe(true);
  expect(await connect(false)).toBe(false);
});

it("sends CONNACK of a durable session after the session is durable, of a clean one at once", async () => {
  await using trial = await openTrialDoor();
  trial.publisher.become("hang");
  const durable = await trial.raw();
  const answer = durable.connect({ clean: false, clientId: "durable" });
  const clean = await trial.raw();
  await clean.connect({ clientId: "clean" });
  expect(durable.received).toEqual([]);
  trial.publisher.become("commit");
  expect(await answer).toMatchObject({ cmd: "connack", returnCode: 0 });
  expect(trial.publisher.changes()).toMatchObject([{ kind: "opened", client: "trial/durable" }]);
});

it("nothing goes before CONNACK, whatever the client sends meanwhile", async () => {
  await using trial = await openTrialDoor();
  trial.publisher.become("hang");
  const client = await trial.raw();
  const answer = client.connect({ clean: false });
  client.send({ cmd: "pingreq" }, publish(1, { qos: 1 }), {
    cmd: "subscribe",
    messageId: 2,
    subscriptions: [{ topic: "#", qos: 0 }],
  });
  trial.publisher.become("commit");
  expect(await answer).toMatchObject({ cmd: "connack" });
  expect([await client.next(), await client.next(), await client.next()].map(({ cmd }) => cmd)).toEqual([
    "pingresp",
    "puback",
    "suback",
  ]);
});

it("a client that connects again takes over: the old connection is closed first, and told why", async () => {
  await using trial = await openTrialDoor();
  const old = await trial.raw();
  await old.connect({ protocolVersion: 5, clientId: "bus" });
  const next = await trial.raw();
  await next.connect({ protocolVersion: 5, clientId: "bus" });
  await old.closed();
  expect(await old.next()).toMatchObject({ cmd: "disconnect", reasonCode: 0x8e });
  expect(next.isClosed()).toBe(false);
});

it("a client of another credential takes over nothing, and sees no session", async () => {
  await using trial = await openTrialDoor();
  const mine = await trial.raw();
  await mine.connect({ clientId: "bus", clean: false });
  const foreign = await trial.raw();
  expect(await isPresent(foreign, { clientId: "bus", clean: false, username: "other" })).toBe(false);
  expect(mine.isClosed()).toBe(false);
});

it("acknowledgements of the connection that was taken over do not reach the next", async () => {
  await using trial = await openTrialDoor();
  trial.publisher.become("hang");
  const old = await trial.raw();
  await old.connect();
  old.send(publish(77, { qos: 1 }));
  const next = await trial.raw();
  await next.connect();
  await old.closed();
  trial.publisher.become("commit");
  next.send(publish(78, { qos: 1 }));
  expect(await next.next()).toMatchObject({ cmd: "puback", messageId: 78 });
});

async function openIdOf(trial: TrialDoor): Promise<void> {
  const client = await trial.raw();
  await client.connect({ clean: false, clientId: "two" });
  client.send(publish(5));
  expect(await client.next()).toMatchObject({ cmd: "pubrec", messageId: 5 });
  client.send(publish(5, { dup: true }));
  expect(await client.next()).toMatchObject({ cmd: "pubrec", messageId: 5 });
}

it("a QoS 2 message is taken once, over repeats, reconnects and kill -9, until it is released", async () => {
  const publisher = createTrialPublisher();
  {
    await using trial = await openTrialDoor({ publisher });
    await openIdOf(trial);
  }
  await using trial = await openTrialDoor({ publisher });
  const client = await trial.raw();
  expect(await isPresent(client, { clean: false, clientId: "two" })).toBe(true);
  client.send(publish(5, { dup: true }));
  expect(await client.next()).toMatchObject({ cmd: "pubrec", messageId: 5 });
  expect(publisher.messages()).toHaveLength(1);

  trial.publisher.become("hang");
  client.send({ cmd: "pubrel", messageId: 5 });
  client.send({ cmd: "pingreq" });
  expect(await client.next()).toMatchObject({ cmd: "pingresp" });
  trial.publisher.become("commit");
  expect(await client.next()).toMatchObject({ cmd: "pubcomp", messageId: 5 });
  expect(publisher.changes()).toContainEqual({ kind: "released", client: "trial/two", packetId: 5 });
  client.send(publish(5));
  expect(await client.next()).toMatchObject({ cmd: "pubrec", messageId: 5 });
  expect(publisher.messages()).toHaveLength(2);
});

it.each(["", " and kill -9"])(
  "after a clean start%s a QoS 2 packet id is free, but a DUP of the delivery is still a repeat",
  async (kill) => {
    const publisher = createTrialPublisher();
    await using trial = await openTrialDoor({ publisher });
    await openIdOf(trial);
    await using next = kill === "" ? trial : await openTrialDoor({ publisher });
    const client = await next.raw();
    await client.connect({ clean: true, clientId: "two" });
    client.send(publish(5, { dup: true }));
    expect(await client.next()).toMatchObject({ cmd: "pubrec" });
    const [first, second] = publisher.messages();
    expect(second).toMatchObject({ repeated: true, message: { receivedAt: first!.message.receivedAt } });
  },
);

it("a session that ends in the commit of its last QoS 2 message leaves no packet id open to the next", async () => {
  const publisher = createTrialPublisher();
  {
    await using trial = await openTrialDoor({ publisher });
    const first = await trial.raw();
    await first.connect({ clean: false, clientId: "two" });
    publisher.become("hang");
    first.send(publish(1, { qos: 1 }));
    await eventually("the commit to begin", () => publisher.attempts() === 2);
    first.send(publish(5), { cmd: "pubrel", messageId: 5 }, publish(6));
    await eventually("all to be heard", () => trial.intake.state().pendingMessages === 3);
    const [clean, second] = [await trial.raw(), await trial.raw()];
    const answers = [clean.connect({ clean: true, clientId: "two" }).catch(String)];
    await first.closed();
    answers.push(second.connect({ clean: false, clientId: "two" }).catch(String));
    await clean.closed();
    publisher.become("commit");
    expect(await Promise.all(answers)).toMatchObject([expect.stringContaining("closed"), { sessionPresent: false }]);
  }
  const ofOne = publisher.batches.find(({ messages }) => messages.length === 2)!;
  expect(ofOne.sessions.map(({ kind }) => kind)).toEqual([
    "received",
    "released",
    "received",
    "closed",
    "ended",
    "opened",
  ]);
  expect(publisher.snapshot().sessions).toMatchObject([{ client: "trial/two", openPacketIds: [] }]);
});

it("the repeat of a QoS 2 message is not answered before the message itself is durable", async () => {
  await using trial = await openTrialDoor();
  const client = await trial.raw();
  await client.connect();
  trial.publisher.become("hang");
  client.send(publish(5), publish(5, { dup: true }), { cmd: "pingreq" });
  expect(await client.next()).toMatchObject({ cmd: "pingresp" });
  trial.publisher.become("commit");
  expect([await client.next(), await client.next()]).toMatchObject([{ cmd: "pubrec" }, { cmd: "pubrec" }]);
  expect(trial.publisher.messages()).toHaveLength(1);
});

it("a release of an unknown packet id is completed, and MQTT 5 is told that it was unknown", async () => {
  await using trial = await openTrialDoor();
  const [old, five] = [await trial.raw(), await trial.raw()];
  await old.connect({ clientId: "old" });
  await five.connect({ protocolVersion: 5, clientId: "five" });
  old.send({ cmd: "pubrel", messageId: 9 });
  five.send({ cmd: "pubrel", messageId: 9 });
  expect(await old.next()).toMatchObject({ cmd: "pubcomp", messageId: 9 });
  expect(await five.next()).toMatchObject({ cmd: "pubcomp", messageId: 9, reasonCode: 0x92 });
});

it("clean reconnects cost nothing durable", async () => {
  await using trial = await openTrialDoor();
  for (let n = 0; n < 50; n++) {
    const client = await trial.raw();
    await client.connect({ clientId: `c${n}` });
    client.end();
  }
  await using other = await openTrialDoor({ publisher: trial.publisher });
  expect(other.door.sessions()).toBe(0);
  expect(trial.publisher.attempts()).toBe(0);
});

it("DISCONNECT of MQTT 5 changes the expiry, but not from nothing", async () => {
  await using trial = await openTrialDoor();
  const client = await trial.raw();
  await client.connect({ protocolVersion: 5, clean: false, properties: { sessionExpiryInterval: 60 } });
  client.send({ cmd: "disconnect", reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  await client.closed();
  expect(trial.door.sessions()).toBe(0);
  const short = await trial.raw();
  await short.connect({ protocolVersion: 5, clean: true });
  short.send({ cmd: "disconnect", reasonCode: 0, properties: { sessionExpiryInterval: 60 } });
  expect(await short.next()).toMatchObject({ cmd: "disconnect", reasonCode: 0x82 });
});

it("announces the expiry that it grants, where it is shorter than asked for", async () => {
  await using trial = await openTrialDoor({ config: { MESSNETZ_MQTT_MAX_SESSION_EXPIRY_S: "100" } });
  const answer = async (seconds: number): Promise<number | undefined> => {
    const client = await trial.raw();
    const properties = { sessionExpiryInterval: seconds };
    return ((await client.connect({ protocolVersion: 5, properties })) as IConnackPacket).properties
      ?.sessionExpiryInterval;
  };
  expect(await answer(0xffff_ffff)).toBe(100);
  expect(await answer(99)).toBeUndefined();
});
