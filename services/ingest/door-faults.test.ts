import { eventually } from "@messnetz/testing";
import { expect, it, vi } from "vitest";
import { openTrialDoor, reading, trialSource, type TrialDoor } from "./trial-door.fixture.ts";

const publish = {
  cmd: "publish",
  topic: "town/a",
  qos: 1,
  messageId: 1,
  payload: reading(1),
  dup: false,
  retain: false,
} as const;
const will = { topic: "town/will", payload: reading(9, { time: 1 }), qos: 1, retain: false } as const;

function plant(): never {
  throw new Error("planted");
}

/** What a new client gets for a message. */
async function service(trial: TrialDoor): Promise<string | undefined> {
  const client = await trial.raw();
  await client.connect({ clientId: "healthy" });
  client.send(publish);
  return (await client.next()).cmd;
}

function faults(trial: TrialDoor): number {
  return trial.log.filter(({ level, text }) => level === "error" && text.includes("fault of the software")).length;
}

it("a fault while a packet is read closes its connection, and no other", async () => {
  await using trial = await openTrialDoor();
  const [unlucky, healthy] = [await trial.raw(), await trial.raw()];
  await unlucky.connect({ protocolVersion: 5, clientId: "unlucky", will });
  await healthy.connect({ clientId: "other" });
  vi.spyOn(trial.intake, "receive").mockImplementationOnce(plant);
  unlucky.send(publish, { ...publish, messageId: 2 });
  expect(await unlucky.next()).toMatchObject({ cmd: "disconnect", reasonCode: 0x83 });
  await unlucky.closed();
  healthy.send(publish);
  expect(await healthy.next()).toMatchObject({ cmd: "puback" });
  expect(trial.publisher.messages()).toHaveLength(1);
  expect(faults(trial)).toBe(1);
});

it("a fault while a client is let in closes its connection, and no other", async () => {
  let isBroken = true;
  await using trial = await openTrialDoor({
    door: { authenticator: { authenticate: () => (isBroken ? plant() : trialSource) } },
  });
  await expect((await trial.raw()).connect()).rejects.toThrow("closed");
  isBroken = false;
  expect(await service(trial)).toBe("puback");
  expect(faults(trial)).toBe(1);
});

it("a fault in the sending of a will loses the will alone", async () => {
  await using trial = await openTrialDoor();
  const client = await trial.raw();
  await client.connect({ clientId: "gone", clean: false, will });
  vi.spyOn(trial.intake, "receive").mockImplementationOnce(plant);
  client.end();
  await eventually("the fault", () => faults(trial) === 1);
  await eventually("the session to be closed", () => trial.publisher.changes().some(({ kind }) => kind === "closed"));
  expect(trial.door.connections()).toBe(0);
  expect(await service(trial)).toBe("puback");
});

it("a fault in the parting of a connection leaves nothing of it behind", async () => {
  await using trial = await openTrialDoor();
  const client = await trial.raw();
  await client.connect({ clientId: "gone", clean: false });
  vi.spyOn(trial.intake, "change").mockImplementationOnce(plant);
  client.end();
  await eventually("the fault", () => faults(trial) === 1 && trial.door.connections() === 0);
  expect(await service(trial)).toBe("puback");
});

it("a fault while the door looks around does not end the looking", async () => {
  let version = 1;
  const authenticator = {
    authenticate: () => trialSource,
    isActive: plant,
    get version() {
      return version;
    },
  };
  await using trial = await openTrialDoor({ door: { authenticator } });
  const silent = await trial.raw();
  await silent.connect({ clientId: "silent", keepalive: 1 });
  version = 2;
  await eventually("the fault", () => faults(trial) === 1);
  await silent.closed();
  expect(await service(trial)).toBe("puback");
});
