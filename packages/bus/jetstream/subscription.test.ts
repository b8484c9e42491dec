import { connectNats, declareStream, type NatsLink } from "@messnetz/nats";
import { eventually, natsServersToTry } from "@messnetz/testing";
import { headers } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { batchOf, intakeMessage } from "../batches.fixture.ts";
import type { Bus } from "../port.ts";
import { decodeBusMessage } from "./decode-bus-message.ts";
import { observationStream } from "./observation-stream.ts";
import { openOneWayRoad } from "./one-way-road.fixture.ts";
import { type BusMessage, createSubscription, type Subscription, type SubscriptionEvent } from "./subscription.ts";
import { emptyServer, openTrialBus, readStream, startTrialServer, type TrialServer } from "./trial-bus.fixture.ts";

const servers = natsServersToTry();

function resultOf(message: BusMessage): unknown {
  const decoded = decodeBusMessage(message);
  return decoded.poison ?? decoded.observations[0]?.result;
}

describe.skipIf(servers.length === 0)("a subscription (skipped: no nats-server is installed)", () => {
  describe.each(servers)("to nats-server $version", ({ version }) => {
    let server: TrialServer;
    let bus: Bus;
    let events: SubscriptionEvent[];
    const opened: Subscription[] = [];
    const never = new AbortController().signal;

    beforeAll(async () => {
      server = await startTrialServer({ version });
    });
    afterAll(() => server[Symbol.asyncDispose]());
    beforeEach(async () => {
      events = [];
      bus = await openTrialBus(server.link, { domainOf: () => "water" });
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((subscription) => subscription.close()));
      await bus.close();
      await emptyServer(server);
    });

    async function subscribe(from: number, link: NatsLink = server.link, maxPending = 20): Promise<Subscription> {
      const onEvent = (event: SubscriptionEvent) => events.push(event);
      const subscription = await createSubscription({ link, partition: "water", from, maxPending, onEvent });
      opened.push(subscription);
      return subscription;
    }

    async function publishUntilTaken(results: readonly number[]): Promise<void> {
      for (const result of results) {
        const batch = batchOf([result]);
        await eventually("a publish to be taken", async () => (await bus.publish(batch)).observations > 0);
      }
    }

    /** Takes and acknowledges until that many have come. */
    async function take(subscription: Subscription, count: number): Promise<unknown[]> {
      const results: unknown[] = [];
      const end = AbortSignal.timeout(60_000);
      while (results.length < count && !end.aborted) {
        for (const message of await subscription.next(end)) {
          results.push(resultOf(message));
          message.ack();
        }
      }
      return results;
    }

    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

    it("gives what is there and what comes, in order, from where it is told, again and again", async () => {
      await publishUntilTaken(range(0, 5));
      const first = await subscribe(1);
      expect(await take(first, 5)).toEqual(range(0, 5));
      const waiting = first.next(never);
      await publishUntilTaken([5]);
      expect((await waiting).map(resultOf)).toEqual([5]);
      await first.close();
      const second = await subscribe(3);
      expect(await take(second, 4)).toEqual([2, 3, 4, 5]);
      await second.close();
      expect(await take(await subscribe(1), 6)).toEqual(range(0, 6));
    });

    it("resolves with nothing when the signal aborts, and rejects when it is closed", async () => {
      const subscription = await subscribe(1);
      const end = new AbortController();
      const waiting = subscription.next(end.signal);
      end.abort();
      expect(await waiting).toEqual([]);
      const open = subscription.next(never).catch((error: unknown) => String(error));
      await subscription.close();
      expect(await open).toMatch(/closed/);
    });

    it("holds no more than it was told for a slow taker, and goes on when there is room", async () => {
      await bus.publish({ messages: [], receipts: [], sessions: [] });
      await publishUntilTaken(range(0, 12));
      const subscription = await subscribe(1, server.link, 5);
      const held: BusMessage[] = [];
      await eventually("five to come", async () => {
        held.push(...(await subscription.next(AbortSignal.timeout(50))));
        return held.length === 5;
      });
      expect(await subscription.next(AbortSignal.timeout(300))).toEqual([]);
      expect(await subscription.lag()).toMatchObject({ messages: 12 });
      for (const message of held) message.working();
      for (const message of held) message.ack();
      expect(await take(subscription, 7)).toEqual(range(5, 12));
      await eventually("no lag", async () => (await subscription.lag()).messages === 0);
    });

    it("keeps the order over kill -9 of the server, without a hole and without a repeat", async () => {
      const subscription = await subscribe(1);
      const results: unknown[] = [];
      const end = new AbortController();
      const taking = (async () => {
        while (!end.signal.aborted) {
          for (const message of await subscription.next(end.signal)) {
            results.push(resultOf(message));
            message.ack();
          }
        }
      })();
      for (let round = 0; round < 3; round++) {
        await publishUntilTaken(range(round * 10, round * 10 + 10));
        await server.nats.kill();
        await server.nats.restart();
      }
      await publishUntilTaken([30]);
      await eventually("all to come", () => results.length >= 31);
      end.abort();
      await taking;
      expect(results).toEqual(range(0, 31));
    });

    it("finds what was lost on its way, and before it nothing newer", async () => {
      const road = await openOneWayRoad(server.nats.port);
      const link = await connectNats({ urls: [road.url], name: "far" });
      const subscription = await subscribe(1, link);
      await publishUntilTaken(range(0, 3));
      expect(await take(subscription, 3)).toEqual([0, 1, 2]);
      road.loseAnswers();
      await publishUntilTaken(range(3, 8));
      await eventually("them to be delivered into nowhere", async () => {
        const { delivered } = await server.link.manager.consumers.info(observationStream, "writer-water");
        return delivered.stream_seq === 8;
      });
      road.cut();
      await publishUntilTaken(range(8, 10));
      expect(await take(subscription, 7)).toEqual(range(3, 10));
      expect(events.some(({ kind }) => kind === "subscription_renewed")).toBe(true);
      await subscription.close();
      await link.close();
      await road[Symbol.asyncDispose]();
    });

    it("leaves the partition to the newest subscription for a while, and does not fall over a second one", async () => {
      const first = await subscribe(1);
      await publishUntilTaken([0]);
      expect(await take(first, 1)).toEqual([0]);
      const second = await subscribe(1);
      expect(await take(second, 1)).toEqual([0]);
      await first.close();
      await publishUntilTaken([1]);
      expect(await take(second, 1)).toEqual([1]);
    });

    it("makes its consumer anew when somebody deletes it", async () => {
      const subscription = await subscribe(1);
      await publishUntilTaken([0, 1]);
      expect(await take(subscription, 2)).toEqual([0, 1]);
      await server.link.manager.consumers.delete(observationStream, "writer-water");
      await publishUntilTaken([2, 3]);
      expect(await take(subscription, 2)).toEqual([2, 3]);
    });

    it("gives what was not taken again after a loss of connection, and does not mind a late acknowledgement", async () => {
      await publishUntilTaken(range(0, 4));
      const subscription = await subscribe(1);
      const held: BusMessage[] = [];
      await eventually(
        "four to come",
        async () => held.push(...(await subscription.next(AbortSignal.timeout(50)))) === 4,
      );
      await server.link.connection.reconnect();
      await eventually("it to begin again", () => events.some(({ kind }) => kind === "subscription_renewed"));
      for (const message of held) message.ack();
      await publishUntilTaken([4]);
      expect(await take(subscription, 1)).toEqual([4]);
    });

    it("says how far it is behind, how full the stream is and when something came, and purges what is written", async () => {
      const before = Date.now() - 1000;
      await publishUntilTaken(range(0, 4));
      const subscription = await subscribe(1);
      const messages: BusMessage[] = [];
      await eventually("four", async () => messages.push(...(await subscription.next(AbortSignal.timeout(50)))) === 4);
      expect(messages.map(({ seq, domain }) => [seq, domain])).toEqual(range(1, 5).map((seq) => [seq, "water"]));
      const lag = await subscription.lag();
      expect(lag.messages).toBe(4);
      expect(lag.oldestMs).toBeGreaterThanOrEqual(0);
      expect(lag.oldestMs).toBeLessThan(10_000);
      expect(await subscription.firstSeqSince(before)).toBe(1);
      expect(await subscription.firstSeqSince(Date.now() + 1000)).toBe(5);
      for (const message of messages.slice(0, 2)) message.ack();
      await subscription.purge(2);
      const { state } = await server.link.manager.streams.info(observationStream);
      expect(state).toMatchObject({ messages: 2, first_seq: 3 });
      expect(await subscription.fill()).toEqual({ bytes: state.bytes, maxBytes: 50_000_000 });
      await eventually("a lag of two", async () => (await subscription.lag()).messages === 2);
    });

    it("purges of its own partition only", async () => {
      const energy = await openTrialBus(server.link, { domainOf: () => "energy" });
      await energy.publish(batchOf([100]));
      await energy.close();
      await publishUntilTaken([0, 1]);
      const subscription = await subscribe(1);
      await take(subscription, 2);
      await subscription.purge(3);
      const left = await readStream(server.link);
      expect(left.map(({ subject }) => subject)).toEqual(["observations.v1.energy"]);
    });

    it("lets a full stream take publishes again when it is purged, and loses nothing of what waits", async () => {
      const { link } = server;
      const { config, state } = await link.manager.streams.info(observationStream);
      await link.manager.streams.update(observationStream, { ...config, max_bytes: state.bytes + 20_000 });
      const subscription = await subscribe(1);
      let published = 0;
      const publishing = (async () => {
        for (; published < 200; published++) await publishUntilTaken([published]);
      })();
      await eventually("the stream to be full", async () => {
        const { bytes, maxBytes } = await subscription.fill();
        return bytes > maxBytes - 1000;
      });
      const results: unknown[] = [];
      while (results.length < 200) {
        const messages = await subscription.next(AbortSignal.timeout(60_000));
        if (messages.length === 0) break;
        for (const message of messages) {
          results.push(resultOf(message));
          message.ack();
        }
        await subscription.purge(messages.at(-1)!.seq);
      }
      await publishing;
      expect(results).toEqual(range(0, 200));
    });

    it("hands over what is no message of ours too, as poison, and goes on", async () => {
      const { link } = server;
      await link.jetstream.publish("observations.v1.water", "not ours");
      const strange = headers();
      strange.set("Messnetz-Schema", "observations.v1");
      strange.set("Messnetz-Messages", "[]");
      await link.jetstream.publish("observations.v1.water", "[]", { headers: strange });
      await publishUntilTaken([1]);
      const results = await take(await subscribe(1), 3);
      expect(results).toEqual([
        expect.stringMatching(/expected the schema observations.v1, came ""/),
        expect.stringMatching(/expected rows/),
        1,
      ]);
    });

    it("gives of the quarantine the headers only", async () => {
      const { link } = server;
      await declareStream(link, {
        name: "QUARANTINE",
        subjects: ["quarantine.v1.>"],
        maxBytes: 1_000_000,
        duplicateWindowMs: 60_000,
        replicas: 1,
      });
      const given = headers();
      given.set("Device", "a");
      await link.jetstream.publish("quarantine.v1.other", "x".repeat(1000), { headers: given });
      const subscription = await createSubscription({ link, partition: "quarantine", from: 1, maxPending: 10 });
      opened.push(subscription);
      const [message] = await subscription.next(AbortSignal.timeout(60_000));
      expect([message?.payload.length, message?.headers.get("Device"), message?.headers.get("Nothing")]).toEqual([
        0,
        "a",
        "",
      ]);
    });

    it.each(["", ", also when it has forgotten the id meanwhile"])(
      "stores a publish once whose answer was lost before the server was killed%s",
      async (late) => {
        const road = await openOneWayRoad(server.nats.port);
        const link = await connectNats({ urls: [road.url], name: "far" });
        const far = await openTrialBus(link, { domainOf: () => "water" });
        const batch = { messages: [intakeMessage([1]), intakeMessage([2])], receipts: [], sessions: [] };
        if (late !== "") {
          const { config } = await server.link.manager.streams.info(observationStream);
          await server.link.manager.streams.update(observationStream, { ...config, duplicate_window: 100_000_000 });
        }
        road.loseAnswers();
        const outcome = far.publish(batch).then(
          () => "resolved",
          (error: unknown) => String(error),
        );
        await eventually("it to be stored", async () => (await readStream(server.link)).length === 1);
        await server.nats.kill();
        road.cut();
        expect(await outcome).toMatch(/UnacknowledgedError/);
        await server.nats.restart();
        await eventually("the publish to be taken", async () => (await far.publish(batch)).observations === 2);
        await eventually("the link to be back", () => server.link.isConnected());
        expect(await readStream(server.link)).toHaveLength(1);
        await far.close();
        await link.close();
        await road[Symbol.asyncDispose]();
      },
    );
  });
});
