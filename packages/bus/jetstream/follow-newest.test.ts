import type { Observation } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import { eventually, natsServersToTry } from "@messnetz/testing";
import { headers } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batchOf, observation } from "../batches.fixture.ts";
import type { Bus } from "../port.ts";
import { followNewest, type NewestFollowing } from "./follow-newest.ts";
import { busHeaders, observationSchemaName, observationStream, observationSubject } from "./observation-stream.ts";
import { openTrialBus, startTrialServer, type TrialServer } from "./trial-bus.fixture.ts";

const servers = natsServersToTry();

describe.skipIf(servers.length === 0)("who follows newest values (skipped: no nats-server is installed)", () => {
  describe.each(servers)("at nats-server $version", ({ version }) => {
    let server: TrialServer;
    let bus: Bus;
    let handed: Observation[];
    let gaps: number;
    let end: AbortController;
    let isAway: boolean;
    let loseConnection: () => void;
    let following: NewestFollowing;

    beforeEach(async () => {
      handed = [];
      gaps = 0;
      end = new AbortController();
      server = await startTrialServer({ version });
      bus = await openTrialBus(server.link, { domainOf: () => "water" });
      isAway = false;
      following = followNewest({
        link: forgetful(server.link),
        partition: "water",
        from: 1,
        handle: (observations) => void handed.push(...observations),
        signal: end.signal,
        onGap: () => void gaps++,
      });
    });
    afterEach(async () => {
      end.abort();
      await following.ended;
      await bus.close();
      await server[Symbol.asyncDispose]();
    });

    /** The link as it is, but that it says what a lost connection would. */
    const forgetful = (link: NatsLink): NatsLink => ({
      ...link,
      isConnected: () => !isAway && link.isConnected(),
      onReconnect(listener) {
        loseConnection = listener;
        return link.onReconnect(listener);
      },
    });
    const whileAway = async (act: () => Promise<void>): Promise<void> => {
      isAway = true;
      loseConnection();
      await act();
      isAway = false;
    };
    const publish = async (...numbers: readonly number[]): Promise<void> => {
      for (const number of numbers)
        await eventually("a publish to be taken", async () => {
          const { observations } = await bus.publish(batchOf([number]));
          return observations > 0;
        });
    };
    const newest = () => handed.map(({ result }) => result).at(-1);
    const purge = async (): Promise<void> => {
      await server.link.manager.streams.purge(observationStream, { filter: observationSubject("water") });
    };

    it("gets them without asking, and at once when it asks", async () => {
      await publish(1, 2);
      await eventually("the newest", () => newest() === 2);
      await publish(3);
      await eventually("the newest, asked for", () => {
        following.catchUp();
        return newest() === 3;
      });
      expect(gaps).toBe(0);
    });

    it("reads what somebody else wrote after the schema, and passes over what is broken", async () => {
      const send = async (body: string, rows: string): Promise<void> => {
        const told = headers();
        told.set(busHeaders.schema, observationSchemaName);
        told.set(busHeaders.messages, rows);
        await server.link.connection.request(observationSubject("water"), body, { timeout: 5000, headers: told });
      };
      const rows = '{"days":["2026-03-01"],"sources":["s"],"devices":["d"],"rows":[[0,0,0,1,0]]}';
      const { result, ...rest } = observation(7);
      await send(JSON.stringify([{ result, ...rest }], undefined, 1), rows);
      await send(JSON.stringify([observation(9)]), "{}");
      await send("rubbish", rows);
      await publish(6);
      await eventually("what can be read", () => {
        following.catchUp();
        return newest() === 7;
      });
      expect(gaps).toBe(0);
      await send('[{"datastream":"gauge-1/water_level","phenomenonTime":9900000000000,"result":}]', rows);
      await eventually("it to tell that it may have missed something", () => {
        following.catchUp();
        return gaps === 1;
      });
    });

    it("tells when something was taken out of the stream while it could not follow, and else nothing", async () => {
      await publish(1);
      await eventually("the first", () => newest() === 1);
      await whileAway(() => publish(2));
      await eventually("the second", () => newest() === 2);
      expect(gaps).toBe(0);
      await whileAway(async () => {
        await publish(3);
        await purge();
      });
      await eventually("the gap", () => gaps === 1);
      await publish(4);
      await eventually("the fourth", () => newest() === 4);
      expect(gaps).toBe(1);
    });
  });
});
