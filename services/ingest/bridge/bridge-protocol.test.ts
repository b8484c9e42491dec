import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { eventually } from "@messnetz/testing";
import { reading } from "../trial-door.fixture.ts";
import { createTrialPublisher } from "../trial-publisher.fixture.ts";
import { openFakeBroker } from "./fake-broker.fixture.ts";
import { bridgeSource, createTrialSources, openTrialBridge, planFor } from "./trial-bridge.fixture.ts";

/** CONNACK as an old broker says it, whatever the client speaks (MQTT 3.1.1, 3.2.2.3: unacceptable protocol version). */
const unacceptableVersion = Buffer.from([0x20, 2, 0, 1]);
/** MQTT 5.0, 3.2.2.2. */
const unsupportedVersion = Buffer.from([0x20, 3, 0, 0x84, 0]);

/** What is still in use after a collection. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

describe("the versions", () => {
  it.each([
    ["reason 0x84 of MQTT 5", unsupportedVersion],
    ["return code 1 of 3.1.1", unacceptableVersion],
  ])("a broker that refuses MQTT 5 with %s is spoken to in 3.1.1 at once", async (_, refusal) => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    const first = await broker.connection();
    expect(first.connect).toMatchObject({ protocolVersion: 5, clean: false, clientId: "trial" });
    expect(first.connect.properties).toMatchObject({ receiveMaximum: 1024, sessionExpiryInterval: 604_800 });
    first.send(refusal);
    const second = await broker.connection();
    expect(second.connect).toMatchObject({ protocolVersion: 4, clean: false, clientId: "trial" });
    second.accept();
    second.publish(1, reading(1));
    await eventually("the PUBACK", () => second.acknowledged().length === 1);
    // The broker may be brought up to date meanwhile.
    second.cut();
    expect((await broker.connection()).connect.protocolVersion).toBe(5);
    expect(trial.told(/does not take MQTT 5/)).toBe(true);
  });

  it("a broker that cuts MQTT 5 without a word twice is spoken to in 3.1.1, and stays so", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    (await broker.connection()).cut();
    (await broker.connection()).cut();
    const third = await broker.connection();
    expect(third.connect.protocolVersion).toBe(4);
    third.accept();
    await eventually("the subscription", () => trial.bridge.troubles().length === 0);
    third.cut();
    expect((await broker.connection()).connect.protocolVersion).toBe(4);
  });

  it("a broker that has taken MQTT 5 once is never spoken to in another", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    const first = await broker.connection();
    first.accept();
    await eventually("the subscription", () => trial.bridge.troubles().length === 0);
    first.cut();
    for (let n = 0; n < 3; n++) {
      const next = await broker.connection();
      expect(next.connect.protocolVersion).toBe(5);
      next.cut();
    }
  });

  it("a version that the file names is kept to", async () => {
    await using broker = await openFakeBroker();
    await using _trial = openTrialBridge({ plans: [planFor(broker.url, { broker: { version: "3.1.1" } })] });
    const first = await broker.connection();
    expect(first.connect.protocolVersion).toBe(4);
    first.send(unacceptableVersion);
    expect((await broker.connection()).connect.protocolVersion).toBe(4);
  });
});

describe("acknowledgements", () => {
  it("come after the commit, in the order of the publishes, and in one piece", async () => {
    const publisher = createTrialPublisher();
    await using broker = await openFakeBroker();
    await using _trial = openTrialBridge({ plans: [planFor(broker.url)], publisher });
    const connection = await broker.connection();
    connection.accept();
    publisher.become("hang");
    const ids = [5, 3, 9, 1, 65_535, 2];
    for (const id of ids) connection.publish(id, reading(id));
    await eventually("the commit to begin", () => publisher.attempts() === 1);
    expect(connection.acknowledged()).toEqual([]);
    publisher.become("commit");
    await eventually("all PUBACKs", () => connection.acknowledged().length === ids.length);
    expect(connection.acknowledged()).toEqual(ids);
  });

  it("of an earlier connection are never sent on a later one", async () => {
    const publisher = createTrialPublisher();
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)], publisher });
    const first = await broker.connection();
    first.accept();
    publisher.become("hang");
    first.publish(1, reading(1));
    first.publish(2, reading(2));
    await eventually("the commit to begin", () => publisher.attempts() === 1);
    first.cut();
    const second = await broker.connection();
    second.accept({ sessionPresent: true });
    await eventually("the subscription", () => trial.bridge.troubles().length === 0);
    publisher.become("commit");
    await eventually("the commits", () => trial.intake.state().pendingMessages === 0);
    second.publish(7, reading(7));
    await eventually("the PUBACK of the new one", () => second.acknowledged().includes(7));
    expect(second.acknowledged()).toEqual([7]);
    // The broker repeats what was not acknowledged: it keeps its first time and is known as a repeat.
    const before = trial.publisher.messages().find(({ observations: [one] }) => one?.result === 1)!;
    second.publish(1, reading(1), { dup: true });
    await eventually("the PUBACK of the repeat", () => second.acknowledged().includes(1));
    const after = trial.publisher.messages().at(-1)!;
    expect(after).toMatchObject({ repeated: true });
    expect(after.observations).toEqual(before.observations);
  });

  it("are withheld, and the connection is left, while the store fails; it comes back with the store", async () => {
    const publisher = createTrialPublisher();
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({
      plans: [planFor(broker.url)],
      publisher,
      config: { MESSNETZ_INTAKE_CLOSE_AFTER_MS: "200" },
    });
    const first = await broker.connection();
    first.accept();
    publisher.become("fail");
    first.publish(1, reading(1));
    await eventually("the connection to be left", () => first.isClosed());
    expect(first.acknowledged()).toEqual([]);
    expect(first.received.at(-1)).toMatchObject({ cmd: "disconnect" });
    await eventually("the bridge to wait", () => trial.told(/waits before it connects/));
    expect(trial.bridge.troubles()).toEqual(["trial: the store does not take messages at the moment"]);
    expect(broker.connections).toHaveLength(1);
    publisher.become("commit");
    const second = await broker.connection();
    second.accept({ sessionPresent: true });
    second.publish(1, reading(1), { dup: true });
    await eventually("the PUBACK", () => second.acknowledged().length === 1);
    expect(trial.distinct()).toBe(1);
  });

  it("a broker that knows no window is not read while too many are unacknowledged", async () => {
    const publisher = createTrialPublisher();
    await using broker = await openFakeBroker();
    const plan = planFor(broker.url, { broker: { version: "3.1.1", receiveMaximum: 10 } });
    await using trial = openTrialBridge({ plans: [plan], publisher });
    const connection = await broker.connection();
    connection.accept();
    await eventually("the subscription", () => trial.bridge.troubles().length === 0);
    publisher.become("hang");
    const payload = Buffer.concat([reading(1), Buffer.alloc(60_000, 0x20)]);
    for (let id = 1; id <= 300; id++) connection.publish(id, payload);
    await eventually("the window to be full", () => trial.intake.state().pendingMessages > 10);
    const held = trial.intake.state().pendingMessages;
    expect(held).toBeLessThan(30);
    publisher.become("commit");
    await eventually("all PUBACKs", () => connection.acknowledged().length === 300);
    expect(connection.acknowledged()).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
  });

  it("a paused intake holds the reading, and the connection is kept up by pings meanwhile", async () => {
    const publisher = createTrialPublisher();
    await using broker = await openFakeBroker();
    const plan = planFor(broker.url, { broker: { keepAliveSeconds: 5 } });
    await using trial = openTrialBridge({
      plans: [plan],
      publisher,
      config: { MESSNETZ_INTAKE_MAX_PENDING_BYTES: "2000" },
    });
    const connection = await broker.connection();
    connection.accept();
    publisher.become("hang");
    for (let id = 1; id <= 10; id++) connection.publish(id, reading(id));
    await eventually("the intake to be paused", () => trial.intake.isPaused());
    await eventually("a ping", () => connection.received.some(({ cmd }) => cmd === "pingreq"));
    publisher.become("commit");
    await eventually("all PUBACKs", () => connection.acknowledged().length === 10);
    expect(connection.isClosed()).toBe(false);
  });
});

describe("odd brokers", () => {
  it("one that never answers is given up and tried again", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)], answerWithinMs: 100 });
    const first = await broker.connection();
    await eventually("the first to be given up", () => first.isClosed());
    await broker.connection();
    expect(trial.log.some(({ fields }) => fields["detail"] === "connack timeout")).toBe(true);
  });

  it("one that never grants the subscription is given up and tried again", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)], answerWithinMs: 100 });
    const first = await broker.connection();
    first.send({ cmd: "connack", sessionPresent: false, reasonCode: 0 });
    await eventually("SUBSCRIBE", () => first.received.some(({ cmd }) => cmd === "subscribe"));
    expect(trial.bridge.troubles()).toEqual(["trial: the broker has not granted the subscription yet"]);
    await eventually("the first to be given up", () => first.isClosed());
    await broker.connection();
  });

  it("one that refuses a filter is told of, and the others are received", async () => {
    await using broker = await openFakeBroker();
    const plan = planFor(broker.url, { session: { topics: ["town/#", "secret/#"] } });
    await using trial = openTrialBridge({ plans: [plan] });
    const connection = await broker.connection();
    connection.accept({ granted: (topic) => (topic === "secret/#" ? 0x87 : 1) });
    await eventually("it to be told", () => trial.told(/refuses topic filters/));
    expect(trial.bridge.troubles()).toEqual(["trial: the broker refuses secret/#"]);
    connection.publish(1, reading(1));
    await eventually("the PUBACK", () => connection.acknowledged().length === 1);
  });

  it("one that speaks no MQTT, sends before CONNACK, or what cannot be read, is cut off and tried again", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url, { broker: { version: 5 } })] });
    (await broker.connection()).send(
      Buffer.from(`HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n${"no".repeat(50)}`),
    );
    (await broker.connection()).publish(1, reading(1));
    const third = await broker.connection();
    third.accept();
    third.send(Buffer.from([0x32, 2, 0, 9]));
    const fourth = await broker.connection();
    fourth.accept();
    // Packet id 0 (MQTT 5.0, 2.2.1).
    fourth.send(Buffer.from([0x32, 6, 0, 1, 0x61, 0, 0, 0]));
    const fifth = await broker.connection();
    fifth.accept();
    fifth.publish(1, reading(1));
    await eventually("the PUBACK", () => fifth.acknowledged().length === 1);
    expect(trial.values()).toEqual([1]);
  });

  it("a message too large to be taken is kept without its end and acknowledged, so that it does not come for ever", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({
      plans: [planFor(broker.url)],
      config: { MESSNETZ_MQTT_MAX_PACKET_BYTES: "1000" },
    });
    const connection = await broker.connection();
    connection.accept();
    connection.publish(1, Buffer.alloc(300_000, 0x20));
    connection.publish(2, reading(2));
    await eventually("both PUBACKs", () => connection.acknowledged().length === 2);
    expect(connection.acknowledged()).toEqual([1, 2]);
    const [large, small] = trial.publisher.messages();
    expect(large!.refusals).toMatchObject([{ code: "too_large", came: "300015 bytes" }]);
    expect(large!.message.payload.length).toBeLessThan(1000);
    expect(small!.observations).toMatchObject([{ result: 2 }]);
  });

  it("a topic that no broker should let through goes to the quarantine and is acknowledged", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url, { broker: { version: "3.1.1" } })] });
    const connection = await broker.connection();
    connection.accept();
    connection.send(Buffer.from([0x32, 6, 0, 2, 0x61, 0xff, 0, 8]));
    connection.send(Buffer.from([0x32, 7, 0, 2, 0x61, 0x23, 0, 9, 0x78]));
    await eventually("both PUBACKs", () => connection.acknowledged().length === 2);
    expect(trial.publisher.messages().map(({ refusals }) => refusals[0]!.code)).toEqual(["malformed", "malformed"]);
  });

  it("properties of MQTT 5 are passed over", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    const connection = await broker.connection();
    connection.accept();
    const userProperties = { unit: "x".repeat(200) };
    connection.publish(1, reading(41), {
      properties: { userProperties, contentType: "application/json", messageExpiryInterval: 60 },
    });
    await eventually("the PUBACK", () => connection.acknowledged().length === 1);
    expect(trial.values()).toEqual([41]);
  });

  it("retained messages are left out and acknowledged in their turn, unless the file asks for them", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    const connection = await broker.connection();
    connection.accept();
    connection.publish(1, reading(1));
    connection.publish(2, reading(2), { retain: true });
    connection.publish(3, reading(3));
    await eventually("all PUBACKs", () => connection.acknowledged().length === 3);
    expect(connection.acknowledged()).toEqual([1, 2, 3]);
    expect(trial.values()).toEqual([1, 3]);
    await using other = openTrialBridge({ plans: [planFor(broker.url, { session: { retained: "take" } })] });
    const taking = await broker.connection();
    taking.accept();
    taking.publish(1, reading(2), { retain: true });
    await eventually("the PUBACK", () => taking.acknowledged().length === 1);
    expect(other.values()).toEqual([2]);
  });

  it("QoS 0 is taken, and QoS 2 finished, though QoS 1 was asked for", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    const connection = await broker.connection();
    connection.accept();
    connection.publish(0, reading(1), { qos: 0, messageId: undefined });
    connection.publish(4, reading(2), { qos: 2 });
    await eventually("PUBREC", () => connection.received.some(({ cmd }) => cmd === "pubrec"));
    connection.publish(4, reading(2), { qos: 2, dup: true });
    await eventually("the second PUBREC", () => connection.received.filter(({ cmd }) => cmd === "pubrec").length === 2);
    connection.send({ cmd: "pubrel", messageId: 4 });
    await eventually("PUBCOMP", () =>
      connection.received.some(({ cmd, messageId }) => cmd === "pubcomp" && messageId === 4),
    );
    expect(trial.values()).toEqual([1, 2, 2]);
    expect(trial.repeated()).toBe(1);
    expect(await trial.metric('messnetz_bridge_messages_received_total{session="trial",qos="0"}')).toBe(1);
  });

  it("says which messages come by a subscription that is not in the file, takes them, and can end it", async () => {
    await using broker = await openFakeBroker();
    const plan = planFor(broker.url, { session: { unsubscribe: ["old/#"] } });
    await using trial = openTrialBridge({ plans: [plan] });
    const connection = await broker.connection();
    connection.accept({ sessionPresent: true });
    connection.publish(1, reading(5), { topic: "old/thing" });
    await eventually("the PUBACK", () => connection.acknowledged().length === 1);
    expect(trial.values()).toEqual([5]);
    expect(trial.told(/a subscription that the session has at the broker/)).toBe(true);
    expect(connection.received).toContainEqual(
      expect.objectContaining({ cmd: "unsubscribe", unsubscriptions: ["old/#"] }),
    );
  });

  it("says that the broker has forgotten the session, and that another took it over", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    const first = await broker.connection();
    first.accept();
    await eventually("the subscription", () => trial.bridge.troubles().length === 0);
    first.cut();
    const second = await broker.connection();
    second.accept({ sessionPresent: false });
    await eventually("it to be told", () => trial.told(/has forgotten the session/));
    second.send({ cmd: "disconnect", reasonCode: 0x8e });
    await eventually("the end", () => second.isClosed());
    await eventually("it to be told", () => trial.told(/Another client has connected under the session's name/));
    expect(await trial.metric('messnetz_bridge_connection_failures_total{session="trial"}')).toBe(2);
  });

  it("says that the broker has forgotten the session also where both were started anew", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)], keptSessions: [{ client: "field/trial" }] });
    (await broker.connection()).accept({ sessionPresent: false });
    await eventually("it to be told", () => trial.told(/has forgotten the session/));
    expect(await trial.metric('messnetz_bridge_sessions_forgotten_total{session="trial"}')).toBe(1);
  });

  it("of a broker that has forgotten the session nothing is taken for a repeat of what came before", async () => {
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)] });
    const first = await broker.connection();
    first.accept();
    first.publish(1, reading(50));
    await eventually("the PUBACK", () => first.acknowledged().length === 1);
    first.cut();
    const second = await broker.connection();
    second.accept({ sessionPresent: false });
    // Its first sending got lost with a connection in between: a new message, which looks the same.
    second.publish(1, reading(50), { dup: true });
    await eventually("the PUBACK", () => second.acknowledged().length === 1);
    expect(trial.repeated()).toBe(0);
  });

  it("thousands of endless topics take no memory that stays", async () => {
    const publisher = createTrialPublisher();
    await using broker = await openFakeBroker();
    await using trial = openTrialBridge({ plans: [planFor(broker.url)], publisher });
    const connection = await broker.connection();
    connection.accept();
    const before = heapBytes();
    for (let n = 0; n < 1000; n++) {
      connection.publish(0, reading(1), { qos: 0, messageId: undefined, topic: `town/${n}/${"x".repeat(60_000)}` });
      if (n % 50 !== 49) continue;
      await eventually("all so far", () => publisher.messages().length === 50);
      publisher.batches.length = 0;
    }
    expect(heapBytes() - before).toBeLessThan(20_000_000);
    expect(trial.intake.state().pendingMessages).toBe(0);
  });
});

describe("the credential", () => {
  it("is waited for, and the bridge leaves when it is revoked", async () => {
    await using broker = await openFakeBroker();
    const sources = createTrialSources([]);
    await using trial = openTrialBridge({ plans: [planFor(broker.url)], sources });
    await eventually("it to be told", () => trial.told(/waits before it connects/));
    expect(trial.bridge.troubles()[0]).toContain("the registry has no credential field");
    expect(broker.connections).toHaveLength(0);
    sources.put(bridgeSource);
    const first = await broker.connection();
    first.accept();
    await eventually("the subscription", () => trial.bridge.troubles().length === 0);
    // Its rights may change while the connection stands.
    sources.put({ ...bridgeSource, topics: ["elsewhere/#"] });
    await eventually("the change to be seen", () => {
      first.publish(1, reading(1));
      return trial.publisher.messages().at(-1)?.refusals[0]?.code === "foreign_device";
    });
    sources.revoke("field");
    await eventually("the connection to be left", () => first.isClosed());
    // The broker may see the end before the bridge has looked at its credential again.
    await eventually("the reason to be told", () => /revoked/.test(trial.bridge.troubles()[0] ?? ""));
    sources.put(bridgeSource);
    (await broker.connection()).accept({ sessionPresent: true });
    await eventually("the subscription again", () => trial.bridge.troubles().length === 0);
  });
});
