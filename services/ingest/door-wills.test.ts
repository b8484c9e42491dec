import { eventually } from "@messnetz/testing";
import type { IConnectPacket } from "mqtt-packet";
import { expect, it } from "vitest";
import { openTrialDoor, reading, type TrialDoor } from "./trial-door.fixture.ts";

const will: NonNullable<IConnectPacket["will"]> = {
  topic: "town/will",
  payload: reading(9, { time: 1 }),
  qos: 1,
  retain: true,
};

function topics(trial: TrialDoor): string[] {
  return trial.publisher.messages().map(({ message }) => message.topic);
}

it("sends the will of a client that vanishes down the road like any message", async () => {
  await using trial = await openTrialDoor();
  const client = await trial.raw();
  await client.connect({ will });
  client.end();
  await eventually("the will", () => topics(trial).length === 1);
  expect(trial.publisher.messages()).toMatchObject([
    { message: { topic: "town/will" }, observations: [{ result: 9 }] },
  ]);
});

it("forgets the will of a client that says goodbye, sends it where DISCONNECT asks for it", async () => {
  await using trial = await openTrialDoor();
  const [polite, asking] = [await trial.raw(), await trial.raw()];
  await polite.connect({ will, clientId: "polite" });
  await asking.connect({ protocolVersion: 5, will: { ...will, topic: "town/asked" }, clientId: "asking" });
  polite.send({ cmd: "disconnect" });
  await polite.closed();
  asking.send({ cmd: "disconnect", reasonCode: 4 });
  await eventually("the will", () => topics(trial).length > 0);
  expect(topics(trial)).toEqual(["town/asked"]);
});

it("sends the will of a client that breaks the protocol or is taken over", async () => {
  await using trial = await openTrialDoor();
  const [wrong, old] = [await trial.raw(), await trial.raw()];
  await wrong.connect({ will, clientId: "wrong" });
  wrong.send(Buffer.from([0xf3, 0]));
  await old.connect({ will: { ...will, topic: "town/old" }, clientId: "same" });
  await (await trial.raw()).connect({ clientId: "same" });
  await eventually("both wills", () => topics(trial).length === 2);
  expect(topics(trial).sort()).toEqual(["town/old", "town/will"]);
});

it("waits for the will's delay, and not if the session is resumed", async () => {
  await using trial = await openTrialDoor();
  const properties = { sessionExpiryInterval: 3600 };
  const delayed = { ...will, properties: { willDelayInterval: 1 } };
  const [lost, back] = [await trial.raw(), await trial.raw()];
  await lost.connect({ protocolVersion: 5, properties, will: { ...delayed, topic: "town/lost" }, clientId: "lost" });
  await back.connect({ protocolVersion: 5, properties, will: { ...delayed, topic: "town/back" }, clientId: "back" });
  lost.end();
  back.end();
  await lost.closed();
  await (await trial.raw()).connect({ protocolVersion: 5, clean: false, properties, clientId: "back" });
  expect(topics(trial)).toEqual([]);
  await eventually("the will", () => topics(trial).length > 0);
  expect(topics(trial)).toEqual(["town/lost"]);
});

it("sends a waiting will when the session ends, by expiry or clean start", async () => {
  await using trial = await openTrialDoor();
  const delayed = { ...will, properties: { willDelayInterval: 3600 } };
  const client = await trial.raw();
  await client.connect({ protocolVersion: 5, will: { ...delayed, topic: "town/short" }, clientId: "short" });
  client.end();
  await eventually("the will of the session without expiry", () => topics(trial).includes("town/short"));
  const long = await trial.raw();
  const properties = { sessionExpiryInterval: 7200 };
  await long.connect({ protocolVersion: 5, properties, will: { ...delayed, topic: "town/long" }, clientId: "long" });
  long.end();
  await (await trial.raw()).connect({ protocolVersion: 5, clean: true, clientId: "long" });
  await eventually("the will of the session that was thrown away", () => topics(trial).includes("town/long"));
  expect(topics(trial)).toEqual(["town/short", "town/long"]);
});

it("a will to a topic that is not the credential's goes to the quarantine", async () => {
  await using trial = await openTrialDoor();
  const client = await trial.raw();
  await client.connect({ will: { ...will, topic: "bus/1" } });
  client.end();
  await eventually("the will", () => topics(trial).length === 1);
  expect(trial.publisher.messages()).toMatchObject([{ observations: [], refusals: [{ code: "foreign_device" }] }]);
});

it("says of no device that it is gone because the door closes", async () => {
  const trial = await openTrialDoor();
  const client = await trial.raw();
  await client.connect({ will });
  await trial.door.close();
  await trial.intake.close();
  expect(topics(trial)).toEqual([]);
});
