import { cp, rm } from "node:fs/promises";
import { createTemporaryFolder, eventually, natsServersToTry } from "@messnetz/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { batchOf } from "../batches.fixture.ts";
import { decodeBusMessage } from "./decode-bus-message.ts";
import { followObservations } from "./follow-observations.ts";
import { declareObservationStream, observationStream } from "./observation-stream.ts";
import { StreamReplacedError } from "./stream-lineage.ts";
import { createSubscription, type Subscription } from "./subscription.ts";
import { emptyServer, openTrialBus, startTrialServer, type TrialServer } from "./trial-bus.fixture.ts";

const servers = natsServersToTry();
const maxBytes = 50_000_000;

describe.skipIf(servers.length === 0)("a stream that was replaced (skipped: no nats-server is installed)", () => {
  describe.each(servers)("at nats-server $version", ({ version }) => {
    let server: TrialServer;
    const opened: Subscription[] = [];

    beforeAll(async () => {
      server = await startTrialServer({ version });
    });
    afterAll(() => server[Symbol.asyncDispose]());
    beforeEach(async () => {
      await declareObservationStream({ link: server.link, replicas: 1, maxBytes });
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((subscription) => subscription.close()));
      await emptyServer(server);
    });

    async function publish(...results: readonly number[]): Promise<void> {
      await eventually("the connection to be back", () => server.link.isConnected());
      const bus = await openTrialBus(server.link, { domainOf: () => "water" });
      for (const result of results) {
        const batch = batchOf([result]);
        await eventually("a publish to be taken", async () => (await bus.publish(batch)).observations > 0);
      }
      await bus.close();
    }

    async function subscribe(from: number, newestAt?: number): Promise<Subscription> {
      const done = newestAt === undefined ? {} : { newestAt };
      const options = { link: server.link, partition: "water", from, maxPending: 20, ...done };
      const subscription = await createSubscription(options);
      opened.push(subscription);
      return subscription;
    }

    /** Takes and acknowledges that many; gives their results, and how far they went. */
    async function take(subscription: Subscription, count: number) {
      const results: unknown[] = [];
      let seq = 0;
      let newestAt = 0;
      while (results.length < count) {
        const messages = await subscription.next(AbortSignal.timeout(60_000));
        if (messages.length === 0) throw new Error(`expected ${count} messages, came ${results.length}`);
        for (const message of messages) {
          const decoded = decodeBusMessage(message);
          results.push(decoded.poison ?? decoded.observations[0]?.result);
          ({ seq } = message);
          newestAt = Math.max(newestAt, message.publishedAt);
          message.ack();
        }
      }
      return { results, from: seq + 1, newestAt };
    }

    async function makeAnew(): Promise<void> {
      await server.link.manager.streams.delete(observationStream);
      await declareObservationStream({ link: server.link, replicas: 1, maxBytes });
    }

    it("ends a subscription that is reading, instead of leaving out what is new", async () => {
      await publish(1, 2, 3);
      const subscription = await subscribe(1);
      await take(subscription, 3);
      const waiting = subscription.next(AbortSignal.timeout(60_000));
      await makeAnew();
      await publish(4);
      // Old servers do not say that the consumer is gone: else it is noticed when the pull expires.
      await server.link.connection.reconnect();
      await expect(waiting).rejects.toThrow(/made anew or put back/);
      await expect(waiting).rejects.toMatchObject({ resumeAt: 1 });
    });

    it("is found at the start where it is behind, and where it has grown beyond what was done with", async () => {
      await publish(1, 2, 3);
      const { from, newestAt } = await take(await subscribe(1), 3);
      await makeAnew();
      for (const done of [undefined, newestAt])
        await expect(subscribe(from, done)).rejects.toThrow(/is at 0: it was made anew/);
      await publish(4, 5, 6, 7, 8);
      const error = await subscribe(from, newestAt).catch((cause: unknown) => cause as StreamReplacedError);
      expect(error).toMatchObject({ name: "StreamReplacedError", resumeAt: 1 });
      const again = await subscribe((error as StreamReplacedError).resumeAt, newestAt);
      expect((await take(again, 5)).results).toEqual([4, 5, 6, 7, 8]);
    });

    it("is read from what is new in it by who follows", async () => {
      await publish(1, 2, 3);
      const results: unknown[] = [];
      const causes: unknown[] = [];
      const end = new AbortController();
      const following = followObservations({
        link: server.link,
        from: 1,
        handle: ({ observations }) => void results.push(...observations.map(({ result }) => result)),
        signal: end.signal,
        onInterrupted: (cause) => causes.push(cause),
      });
      await eventually("the old ones to come", () => results.length === 3);
      await makeAnew();
      await publish(4, 5);
      await server.link.connection.reconnect();
      await eventually("the new ones to come", () => results.length === 5);
      expect(results).toEqual([1, 2, 3, 4, 5]);
      expect(causes).toContainEqual(expect.any(StreamReplacedError));
      end.abort();
      await following;
    });

    it("is found where a copy was put back and has grown, and what is new in it begins where it says", async () => {
      await publish(1, 2);
      const { nats } = server;
      const copy = await createTemporaryFolder();
      await nats.kill();
      await cp(nats.dataFolder, copy.path, { recursive: true });
      await nats.restart();
      await publish(3, 4);
      const { from, newestAt } = await take(await subscribe(1), 4);
      await nats.kill();
      await rm(nats.dataFolder, { recursive: true });
      await cp(copy.path, nats.dataFolder, { recursive: true });
      await copy.remove();
      await nats.restart();
      await publish(5, 6, 7);
      await expect(opened[0]!.next(AbortSignal.timeout(60_000))).rejects.toMatchObject({ resumeAt: 3 });
      await expect(subscribe(from, newestAt)).rejects.toMatchObject({ resumeAt: 3 });
      expect((await take(await subscribe(3, newestAt), 3)).results).toEqual([5, 6, 7]);
    });

    it("is not suspected where messages of others came later, or where everything was purged", async () => {
      await publish(1, 2);
      const { from, newestAt } = await take(await subscribe(1), 2);
      const other = await openTrialBus(server.link, { domainOf: () => "energy" });
      await other.publish(batchOf([100]));
      await other.close();
      await subscribe(from, newestAt);
      await server.link.manager.streams.purge(observationStream);
      const subscription = await subscribe(from, newestAt);
      await publish(3);
      expect((await take(subscription, 1)).results).toEqual([3]);
    });
  });
});
