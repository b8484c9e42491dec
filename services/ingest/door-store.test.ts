import { eventually } from "@messnetz/testing";
import { expect, it } from "vitest";
import { openTrialDoor, reading } from "./trial-door.fixture.ts";

const publish = {
  cmd: "publish",
  topic: "town/a",
  qos: 1,
  messageId: 1,
  payload: reading(1),
  dup: false,
  retain: false,
} as const;
const config = { MESSNETZ_INTAKE_CLOSE_AFTER_MS: "400" };

it.each(["fail", "hang"] as const)(
  "a store that goes on to %s: nothing is acknowledged, clients are closed, new ones refused, until it is back",
  async (mood) => {
    await using trial = await openTrialDoor({ config });
    const [clean, durable] = [await trial.raw(), await trial.raw()];
    await clean.connect({ clientId: "clean" });
    trial.publisher.become(mood);
    clean.send(publish, { ...publish, qos: 2, messageId: 2 });
    await eventually("the commit to begin", () => trial.publisher.attempts() > 0);
    const answer = durable.connect({ clientId: "durable", clean: false }).catch(String);
    await Promise.all([clean.closed(), durable.closed()]);
    expect(clean.received.map(({ cmd }) => cmd)).toEqual(["connack"]);
    expect(durable.received).toEqual([]);
    expect(await answer).toContain("the connection was closed");

    const refused = [await trial.raw(), await trial.raw()] as const;
    expect(await refused[0].connect()).toMatchObject({ cmd: "connack", returnCode: 3 });
    expect(await refused[1].connect({ protocolVersion: 5 })).toMatchObject({ cmd: "connack", reasonCode: 0x88 });

    trial.publisher.become("commit");
    await eventually("the store to be back", () => trial.intake.isAvailable());
    const back = await trial.raw();
    expect(await back.connect({ clientId: "clean" })).toMatchObject({ returnCode: 0 });
    back.send({ ...publish, dup: true });
    expect(await back.next()).toMatchObject({ cmd: "puback", messageId: 1 });
    // What was in hand is stored after all, and its repeat is known as one.
    const messages = trial.publisher.messages();
    expect(messages).toHaveLength(3);
    expect(messages.filter(({ repeated }) => repeated)).toHaveLength(1);
  },
);

it("a store that fails for a moment: clients wait and lose nothing", async () => {
  await using trial = await openTrialDoor();
  trial.publisher.become("fail");
  const client = await trial.raw();
  await client.connect();
  client.send(publish);
  await eventually("two attempts", () => trial.publisher.attempts() >= 2);
  expect(trial.intake.isPaused()).toBe(true);
  client.send({ ...publish, messageId: 2 });
  trial.publisher.become("commit");
  expect([await client.next(), await client.next()]).toMatchObject([{ messageId: 1 }, { messageId: 2 }]);
  expect(trial.publisher.messages()).toHaveLength(2);
});

it("pending messages are bounded over all connections while the store hangs", async () => {
  await using trial = await openTrialDoor({ config: { MESSNETZ_INTAKE_MAX_PENDING_BYTES: "500000" } });
  trial.publisher.become("hang");
  const clients = await Promise.all(Array.from({ length: 5 }, () => trial.raw()));
  const payload = Buffer.alloc(5000, 0x20);
  for (const [n, client] of clients.entries()) {
    await client.connect({ clientId: `c${n}` });
    for (let id = 1; id <= 200; id++) client.send({ ...publish, messageId: id, payload });
  }
  await eventually("the pause", () => trial.intake.isPaused());
  // Each connection may have brought one piece of 64 KiB before it was paused.
  expect(trial.intake.state().pendingBytes).toBeLessThan(500_000 + 2 * 65_536);
  trial.publisher.become("commit");
  await eventually("all to be taken", () => trial.publisher.messages().length === 1000);
});

it("clients that come back again and again with wills while the store hangs do not fill the memory", async () => {
  await using trial = await openTrialDoor({ config: { MESSNETZ_INTAKE_MAX_PENDING_BYTES: "50000" } });
  trial.publisher.become("hang");
  const will = { topic: "town/will", payload: Buffer.alloc(8000, 0x20), qos: 1, retain: false } as const;
  let refusal: object | undefined;
  for (let n = 0; refusal === undefined && n < 30; n++) {
    const client = await trial.raw();
    const answer = await client.connect({ protocolVersion: 5, clientId: `c${n}`, will });
    if ((answer as { reasonCode?: number }).reasonCode !== 0) refusal = answer;
    client.end();
    await eventually("the client to be gone", () => trial.door.connections() === 0);
  }
  expect(refusal).toMatchObject({ cmd: "connack", reasonCode: 0x88 });
  expect(trial.intake.state().pendingBytes).toBeLessThan(1.25 * 50_000 + 9000);
  trial.publisher.become("commit");
  await eventually("room", () => !trial.intake.isPaused());
  expect(await (await trial.raw()).connect()).toMatchObject({ returnCode: 0 });
});
