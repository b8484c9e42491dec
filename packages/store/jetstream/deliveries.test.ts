import type { DeliveryReceipt, SessionChange } from "@messnetz/model";
import { eventually } from "@messnetz/testing";
import { expect, it } from "vitest";
import { deliveryLimits } from "../kept-deliveries.ts";
import { start } from "../samples.fixture.ts";
import { InstanceTakenError, openJetStreamDeliveries } from "./deliveries.ts";
import { toDoorMessages } from "./door-message.ts";
import { describeOnNats } from "./nats-trial.fixture.ts";

const receipt = (client: string, packetId: number): DeliveryReceipt => ({
  client,
  packetId,
  payloadHash: `hash-${packetId}`,
  receivedAt: start + packetId,
  qos: 1,
});
const opened = (client: string): SessionChange => ({ kind: "opened", client, expiryMs: 3_600_000, at: start });

describeOnNats("what the door remembers on JetStream", ({ server, connect, closing }) => {
  const open = async (options: { instance?: string; foldAtEvents?: number } = {}) => {
    const link = await connect();
    const common = { link, instance: "ingest-1", replicas: 1, clock: () => start + 1000 };
    return { link, ...(await closing(openJetStreamDeliveries({ ...common, ...options }))) };
  };

  it("is each instance's own", async () => {
    const one = await open();
    const other = await open({ instance: "ingest-2" });
    await one.sessions([opened("a/1")]);
    await other.receipts([receipt("b/1", 1)]);
    expect(await (await open()).load()).toMatchObject({ sessions: [{ client: "a/1" }], receipts: [] });
    expect(await (await open({ instance: "ingest-2" })).load()).toMatchObject({
      sessions: [],
      receipts: [{ client: "b/1" }],
    });
  });

  it("has one writer: a second process of the same name takes it over", async () => {
    const old = await open();
    await old.sessions([opened("a/1")]);
    const next = await open();
    await expect(old.sessions([opened("a/2")])).rejects.toThrow(InstanceTakenError);
    await next.sessions([opened("a/3")]);
    expect((await (await open()).load()).sessions.map(({ client }) => client)).toEqual(["a/1", "a/3"]);
  });

  it("wants a name that a subject can hold", async () => {
    await expect(open({ instance: "a.b" })).rejects.toThrow('came "a.b"');
  });

  it("stays small, however much happens", async () => {
    const door = await open({ foldAtEvents: 200 });
    for (let n = 0; n < 300; n++) {
      await door.sessions([opened(`a/${n % 10}`), { kind: "received", client: `a/${n % 10}`, packetId: n % 50 }]);
      await door.receipts([receipt("a/1", (n % 40) + 1), receipt("a/2", (n % 40) + 1)]);
    }
    const before = await door.load();
    await eventually("the history to be folded", async () => {
      const { state } = await door.link.manager.streams.info("DOOR");
      return state.messages < 320;
    });
    expect(await (await open()).load()).toEqual(before);
    expect(before.sessions).toHaveLength(10);
    expect(before.receipts).toHaveLength(80);
  });

  it("remembers deliveries that networks name, also in a snapshot, for two days", async () => {
    const door = await open({ foldAtEvents: 50 });
    const seen = (n: number) => ({
      high: n,
      low: 4_294_967_295 - n,
      receivedAt: start - n,
      ...(n % 2 === 0 && { at: start }),
    });
    const old = { high: 7, low: 7, receivedAt: start + 1000 - deliveryLimits.maxAgeMs };
    for (let n = 200; n > 0; n--) await door.seen(n === 200 ? [old, seen(n)] : [seen(n)]);
    await eventually("the history to be folded", async () => {
      const { state } = await door.link.manager.streams.info("DOOR");
      return state.messages < 150;
    });
    const { deliveries } = await (await open()).load();
    expect(deliveries).toEqual(Array.from({ length: 200 }, (_, n) => seen(200 - n)));
  });

  it("takes a snapshot without its end for nothing", async () => {
    const door = await open();
    await door.sessions([opened("a/1"), opened("a/2")]);
    const history = { sessions: [opened("a/1"), opened("a/9")], receipts: [], deliveries: [] };
    const [begun] = toDoorMessages(history, 1, "killed");
    await door.link.jetstream.publish("door.v1.ingest-1", begun);
    const again = await open();
    await again.sessions([opened("a/3")]);
    expect((await (await open()).load()).sessions.map(({ client }) => client)).toEqual(["a/1", "a/2", "a/3"]);
  });

  it("keeps a batch that is larger than a message", async () => {
    const door = await open();
    const many = Array.from({ length: 30_000 }, (_, n) => receipt(`a/${"x".repeat(60)}${n % 100}`, n));
    await door.receipts(many);
    expect((await (await open()).load()).receipts).toHaveLength(30_000);
  });

  it("takes what is repeated after the server was killed once", async () => {
    const door = await open({ foldAtEvents: 100 });
    const clients: string[] = [];
    for (let n = 0; n < 60; n++) {
      const change = [opened(`a/${n}`)];
      clients.push(`a/${n}`);
      const killed = n % 20 === 19 ? server().kill() : undefined;
      const first = door.sessions(change).then(
        () => true,
        () => false,
      );
      await killed;
      if (killed !== undefined) await server().restart();
      if (await first) continue;
      await eventually(`session ${n} to be kept`, () => door.sessions(change).then(() => true));
    }
    const before = await door.load();
    expect(before.sessions.map(({ client }) => client)).toEqual(clients);
    expect(await (await open()).load()).toEqual(before);
  }, 60_000);
});
