import { natsServersToTry, eventually } from "@messnetz/testing";
import { AckPolicy } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchOf } from "../batches.fixture.ts";
import { observationStream, observationSubject } from "./observation-stream.ts";
import { isSettledTo, lastPublished } from "./settled-to.ts";
import { createSubscription } from "./subscription.ts";
import { openTrialBus, startTrialServer, type TrialServer } from "./trial-bus.fixture.ts";

const servers = natsServersToTry();

describe.skipIf(servers.length === 0)("what is settled (skipped: no nats-server is installed)", () => {
  describe.each(servers)("on nats-server $version", ({ version }) => {
    let server: TrialServer;
    beforeAll(async () => {
      server = await startTrialServer({ version });
    });
    afterAll(() => server[Symbol.asyncDispose]());

    it("is what the writer has acknowledged, whatever others who follow the stream acknowledge for themselves", async () => {
      const { link } = server;
      const bus = await openTrialBus(link, { domainOf: () => "water" });
      expect(await lastPublished(link, "water")).toBe(0);
      await bus.publish(batchOf([1]));
      const seq = await lastPublished(link, "water");
      const name = "reports";
      await link.manager.consumers.add(observationStream, {
        durable_name: name,
        ack_policy: AckPolicy.Explicit,
        filter_subject: observationSubject("water"),
      });
      const foreign = await link.jetstream.consumers.get(observationStream, name);
      await (await foreign.next())?.ackAck();
      expect((await foreign.info()).ack_floor.stream_seq).toBe(seq);
      expect(await isSettledTo(link, "water", seq)).toBe(false);

      const writer = await createSubscription({ link, partition: "water", from: 1, maxPending: 20 });
      const [message] = await writer.next(AbortSignal.timeout(60_000));
      expect(await isSettledTo(link, "water", seq)).toBe(false);
      message?.ack();
      await eventually("the acknowledgement to be known", async () => isSettledTo(link, "water", seq));
      await writer.close();
      await bus.close();
    });
  });
});
