import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@messnetz/testing";
import { expect, it } from "vitest";
import { openTrialDoor, reading } from "./trial-door.fixture.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const publish = {
  cmd: "publish",
  topic: "town/a",
  qos: 1,
  messageId: 1,
  payload: reading(1),
  dup: false,
  retain: false,
} as const;

it("takes no more connections per address and in all than it may, and takes the next when one goes", async () => {
  await using trial = await openTrialDoor({ config: { MESSNETZ_MQTT_MAX_CONNECTIONS_PER_ADDRESS: "2" } });
  const [first, second] = [await trial.raw(), await trial.raw()];
  await first.connect({ clientId: "1" });
  await second.connect({ clientId: "2" });
  await (await trial.raw()).closed();
  first.end();
  await eventually("a free place", () => trial.door.connections() === 1);
  expect(await (await trial.raw()).connect({ clientId: "3" })).toMatchObject({ returnCode: 0 });
});

it(
  `stands ${isFull ? "10,000" : "500"} connections that say nothing: they are cut off, and others are served meanwhile`,
  { timeout: 150_000 },
  async () => {
    const count = isFull ? 10_000 : 500;
    const config = {
      MESSNETZ_MQTT_CONNECT_TIMEOUT_MS: isFull ? "5000" : "600",
      MESSNETZ_MQTT_MAX_CONNECTIONS_PER_ADDRESS: "12000",
    };
    await using trial = await openTrialDoor({ config });
    const healthy = await trial.client({ clientId: "healthy" });
    const sockets = Array.from({ length: count }, () => connect(trial.port, "127.0.0.1"));
    let [opened, closed] = [0, 0];
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.on("connect", () => opened++);
      socket.on("close", () => closed++);
    }
    await eventually("all to be connected", () => opened === count, 60_000);
    await healthy.publishAsync("town/a", reading(1), { qos: 1 });
    await eventually("all to be cut off", () => closed === count && trial.door.connections() === 1, 60_000);
    await healthy.publishAsync("town/a", reading(2), { qos: 1 });
    expect(trial.publisher.messages()).toHaveLength(2);
  },
);

it("cuts off a client that is silent for one and a half keep-alives, not one that pings", async () => {
  await using trial = await openTrialDoor();
  const [silent, alive] = [await trial.raw(), await trial.raw()];
  await silent.connect({ protocolVersion: 5, clientId: "silent", keepalive: 1 });
  await alive.connect({ clientId: "alive", keepalive: 1 });
  const pinging = setInterval(() => alive.send({ cmd: "pingreq" }), 300);
  await silent.closed();
  clearInterval(pinging);
  expect(await silent.next()).toMatchObject({ cmd: "disconnect", reasonCode: 0x8d });
  expect(alive.isClosed()).toBe(false);
});

it("does not take a client for silent that it does not read itself", async () => {
  const config = { MESSNETZ_MQTT_MAX_IN_FLIGHT_BYTES: "1" };
  await using trial = await openTrialDoor({ config });
  trial.publisher.become("hang");
  const [held, silent] = [await trial.raw(), await trial.raw()];
  await held.connect({ clientId: "held", keepalive: 1 });
  await silent.connect({ clientId: "silent", keepalive: 1 });
  held.send(publish);
  await silent.closed();
  expect(held.isClosed()).toBe(false);
  trial.publisher.become("commit");
  expect(await held.next()).toMatchObject({ cmd: "puback" });
});

it("reads no further from a client whose bytes in flight are too many, and serves the others", async () => {
  await using trial = await openTrialDoor({ config: { MESSNETZ_MQTT_MAX_IN_FLIGHT_BYTES: "50000" } });
  trial.publisher.become("hang");
  const [greedy, modest] = [await trial.raw(), await trial.raw()];
  await greedy.connect({ clientId: "greedy" });
  await modest.connect({ clientId: "modest" });
  const payload = Buffer.alloc(10_000, 0x20);
  for (let id = 1; id <= 1000; id++) greedy.send({ ...publish, messageId: id, payload });
  const pending = await eventually("the reading to stop", async () => {
    const before = trial.intake.state().pendingBytes;
    await delay(50);
    return before > 50_000 && trial.intake.state().pendingBytes === before && before;
  });
  // What was read at once may go beyond the limit: 64 KiB.
  expect(pending).toBeLessThan(50_000 + 2 * 65_536);
  modest.send(publish);
  await eventually("the modest client to be heard", () => trial.intake.state().pendingBytes > pending);
  trial.publisher.become("commit");
  expect(await modest.next()).toMatchObject({ cmd: "puback", messageId: 1 });
  await eventually("all to be taken", () => trial.publisher.messages().length === 1001);
});

it("cuts off a client that never reads its acknowledgements, with bounded memory", async () => {
  const config = { MESSNETZ_MQTT_WRITE_TIMEOUT_MS: "300" };
  await using trial = await openTrialDoor({ config });
  const client = await trial.raw();
  await client.connect({ clientId: "deaf" });
  client.pause();
  const packets = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from([0xc0, 0])));
  const feeding = setInterval(() => client.send(packets), 2);
  await eventually("the deaf client to be cut off", () => trial.door.connections() === 0);
  clearInterval(feeding);
  expect(trial.log.some(({ fields }) => (fields as { reason?: string }).reason === "not_reading")).toBe(true);
});

it("cuts off a CONNECT that comes byte by byte, in time", async () => {
  await using trial = await openTrialDoor({ config: { MESSNETZ_MQTT_CONNECT_TIMEOUT_MS: "200" } });
  const client = await trial.raw();
  const drip = setInterval(() => client.send(Buffer.from([0x10])), 50);
  await client.closed();
  clearInterval(drip);
  expect(client.received).toEqual([]);
});

it("unfinished packets hold together no more than the limit", async () => {
  const config = { MESSNETZ_INTAKE_MAX_PENDING_BYTES: "300000" };
  await using trial = await openTrialDoor({ config });
  const hoarders = await Promise.all(Array.from({ length: 5 }, () => trial.raw()));
  for (const [n, hoarder] of hoarders.entries()) {
    await hoarder.connect({ clientId: `h${n}` });
    hoarder.send(Buffer.from([0x30, 0xff, 0xff, 0x0f]), Buffer.alloc(100_000));
  }
  await eventually("hoarders to be cut off", () => trial.door.connections() <= 1);
  expect(hoarders.filter((hoarder) => hoarder.isClosed()).length).toBeGreaterThanOrEqual(4);
});

it("a credential that is revoked loses its connections", async () => {
  let isActive = true;
  let version = 1;
  const sources = { id: "trial", operator: "town", topics: ["#"], adopt: [] };
  await using trial = await openTrialDoor({
    door: {
      authenticator: {
        authenticate: () => sources,
        isActive: () => isActive,
        get version() {
          return version;
        },
      },
    },
  });
  const client = await trial.raw();
  await client.connect({ protocolVersion: 5 });
  isActive = false;
  version = 2;
  expect(await client.next()).toMatchObject({ cmd: "disconnect", reasonCode: 0x98 });
});

it("closes in order: what was sent is taken and acknowledged, then the client is told", async () => {
  const trial = await openTrialDoor();
  const client = await trial.raw();
  await client.connect({ protocolVersion: 5 });
  client.send(publish);
  await eventually("the message", () => trial.publisher.messages().length === 1);
  await trial.door.close();
  expect(await client.next()).toMatchObject({ cmd: "puback" });
  expect(await client.next()).toMatchObject({ cmd: "disconnect", reasonCode: 0x8b });
  await client.closed();
  const late = connect(trial.port, "127.0.0.1");
  await expect(once(late, "connect")).rejects.toThrow("ECONNREFUSED");
  await trial.intake.close();
});

it("says so when it cannot listen", async () => {
  await using trial = await openTrialDoor();
  await expect(openTrialDoor({ config: { MESSNETZ_MQTT_PORT: String(trial.port) } })).rejects.toThrow("EADDRINUSE");
});
