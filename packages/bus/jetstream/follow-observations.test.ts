import type { Observation } from "@messnetz/model";
import { eventually, natsServersToTry } from "@messnetz/testing";
import { headers } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batchOf, intakeMessage } from "../batches.fixture.ts";
import type { Bus } from "../port.ts";
import { type FollowedMessage, followObservations } from "./follow-observations.ts";
import { busHeaders, observationStream, observationSubject } from "./observation-stream.ts";
import { openTrialBus, startTrialServer, type TrialServer } from "./trial-bus.fixture.ts";

const servers = natsServersToTry();

describe.skipIf(servers.length === 0)("who follows the observations (skipped: no nats-server is installed)", () => {
  describe.each(servers)("at nats-server $version", ({ version }) => {
    let server: TrialServer;
    let bus: Bus;
    let followed: FollowedMessage[];
    let end: AbortController;
    let following: Promise<void>;

    beforeEach(async () => {
      followed = [];
      end = new AbortController();
      server = await startTrialServer({ version });
      bus = await openTrialBus(server.link, { domainOf: () => "water" });
    });
    afterEach(async () => {
      end.abort();
      await following;
      await bus.close();
      await server[Symbol.asyncDispose]();
    });

    const follow = (from = 1): void => {
      const handle = (message: FollowedMessage) => void followed.push(message);
      following = followObservations({ link: server.link, partition: "water", from, handle, signal: end.signal });
    };
    const results = () => followed.flatMap(({ observations }) => observations.map(({ result }) => result));
    const publish = async (...numbers: readonly number[]): Promise<void> => {
      for (const number of numbers) {
        const batch = batchOf([number]);
        await eventually("a publish to be taken", async () => (await bus.publish(batch)).observations > 0);
      }
    };

    /** A message as the bus makes them, with its body changed after. */
    async function publishChanged(change: (body: Observation[]) => unknown): Promise<void> {
      const messages = [[1, 2], [3], [4, 5]].map((list) => intakeMessage(list));
      await bus.publish({ messages, receipts: [], sessions: [] });
      const { manager, connection } = server.link;
      const { state } = await manager.streams.info(observationStream);
      const sent = (await manager.streams.getMessage(observationStream, { seq: state.last_seq }))!;
      const changed = headers();
      for (const name of [busHeaders.schema, busHeaders.messages]) changed.set(name, sent.header.get(name));
      const body = JSON.stringify(change(sent.json<Observation[]>()));
      await connection.request(observationSubject("water"), body, { timeout: 5000, headers: changed });
    }

    it("gets the good observations of a message with bad ones, and each with the message it came from", async () => {
      await publishChanged((body) => body.map((one, at) => (at === 1 || at === 2 ? { ...one, quality: "odd" } : one)));
      follow(2);
      await eventually("the good ones", () => followed.length === 1);
      expect(results()).toEqual([1, 4, 5]);
      expect(followed[0]!.rows.map(({ observations }) => observations)).toEqual([1, 0, 2]);
    });

    it("passes over what nobody can read", async () => {
      await publishChanged(() => "rubbish");
      await publish(6);
      follow(2);
      await eventually("what comes after", () => followed.length > 0);
      expect(results()).toEqual([6]);
    });

    it("goes on where it was when the server was killed", async () => {
      await publish(1, 2);
      follow();
      await eventually("the first", () => followed.length === 2);
      await server.nats.kill();
      await server.nats.restart();
      await publish(3, 4);
      await eventually("all", () => followed.length === 4);
      expect(results()).toEqual([1, 2, 3, 4]);
    });
  });
});
