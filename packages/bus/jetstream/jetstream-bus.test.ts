import { eventually, natsServersToTry } from "@messnetz/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { batchOf, intakeMessage } from "../batches.fixture.ts";
import { describeBus } from "../contract.ts";
import type { LiveEvent } from "../live-queue.ts";
import type { Bus } from "../port.ts";
import { busHeaders, observationStream } from "./observation-stream.ts";
import { emptyServer, openTrialBus, readStream, startTrialServer, type TrialServer } from "./trial-bus.fixture.ts";

const servers = natsServersToTry();
const range = (count: number) => Array.from({ length: count }, (_, n) => n);
const refusal = { code: "malformed" as const, expected: "e", came: "c" };

describe.skipIf(servers.length === 0)("JetStream (skipped: no nats-server is installed)", () => {
  describe.each(servers)("nats-server $version", ({ version }) => {
    describeBus("the JetStream bus", {
      async open() {
        const server = await startTrialServer({ version });
        const { nats, link } = server;
        const bus = await openTrialBus(link);
        return {
          bus,
          async hold() {
            await nats.pause();
            return async () => nats.resume();
          },
          /** The stream is full to its last byte. */
          async refuse() {
            const { config, state } = await link.manager.streams.info(observationStream);
            await link.manager.streams.update(observationStream, { ...config, max_bytes: state.bytes });
            return {
              message: /takes no more/,
              relent: async () => void (await link.manager.streams.update(observationStream, config)),
            };
          },
          async durable() {
            const found = await readStream(link);
            return found.flatMap(({ observations }) => observations.map(({ result }) => result));
          },
          async [Symbol.asyncDispose]() {
            await bus.close();
            await server[Symbol.asyncDispose]();
          },
        };
      },
    });

    describe("as JetStream's own", () => {
      let server: TrialServer;
      let bus: Bus | undefined;
      beforeAll(async () => {
        server = await startTrialServer({ version });
      });
      afterAll(() => server[Symbol.asyncDispose]());
      afterEach(async () => {
        await bus?.close();
        bus = undefined;
        await emptyServer(server);
      });

      it("sends the observations of each domain together, with the messages that they came from", async () => {
        bus = await openTrialBus(server.link);
        await bus.publish({
          messages: [
            intakeMessage([1, 2], { device: "water:1" }),
            intakeMessage([3], { device: "energy:1", repeated: true }),
            intakeMessage([], { device: "water:ü 2" }),
            intakeMessage([4], { device: "water:1" }),
            intakeMessage([5], { device: "no domain > * ä:1" }),
          ],
          receipts: [],
          sessions: [],
        });
        const found = await readStream(server.link);
        const byDomain = Object.fromEntries(found.map((message) => [message.subject, message]));
        expect(Object.keys(byDomain).toSorted()).toEqual([
          "observations.v1.energy",
          "observations.v1.other",
          "observations.v1.water",
        ]);
        const water = byDomain["observations.v1.water"]!;
        expect(water.observations).toEqual([1, 2, 4].map((n) => intakeMessage([n]).observations[0]));
        const row = { day: "2026-03-01", source: "s", flags: 0 };
        expect(water.rows).toEqual([
          { ...row, device: "water:1", observations: 2 },
          { ...row, device: "water:ü 2", observations: 0 },
          { ...row, device: "water:1", observations: 1 },
        ]);
        expect(water.headers.get(busHeaders.messages)).toMatch(/^[\x20-\x7e]+$/);
        expect(water.headers.get(busHeaders.traceparent)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
        expect(water.headers.get(busHeaders.contentType)).toBe("application/json");
        expect(byDomain["observations.v1.energy"]!.rows).toMatchObject([{ flags: 1 }]);
      });

      it("says of each message what the quarantine said, and leaves out what is counted there", async () => {
        const fates = { a: "kept", b: "kept", c: "known", d: "full" } as const;
        bus = await openTrialBus(server.link, {
          domainOf: () => "water",
          quarantine: {
            keep: (messages) => Promise.resolve(messages.map(({ device }) => fates[device as keyof typeof fates])),
          },
        });
        const result = await bus.publish({
          messages: [
            intakeMessage([], { device: "a", refusals: [refusal] }),
            intakeMessage([1], { device: "b", refusals: [refusal] }),
            intakeMessage([], { device: "c", refusals: [refusal] }),
            intakeMessage([2], { device: "d", refusals: [refusal] }),
            intakeMessage([], { device: "e" }),
          ],
          receipts: [],
          sessions: [],
        });
        expect(result).toEqual({
          outcomes: { stored: 0, partial: 1, skipped: 1, duplicate: 1, quarantined: 1, refused: 1 },
          observations: 2,
          ends: ["quarantined", "partial", "duplicate", "refused", "skipped"],
        });
        const [message] = await readStream(server.link);
        expect(message?.rows.map(({ device, flags }) => [device, flags])).toEqual([
          ["b", 2],
          ["c", 8],
          ["d", 4],
          ["e", 0],
        ]);
      });

      it("does receipts first, and deliveries and sessions last, and what is durable not again", async () => {
        const calls: string[] = [];
        let failing = true;
        bus = await openTrialBus(server.link, {
          domainOf: () => "water",
          quarantine: {
            async keep(messages) {
              calls.push(`keep after ${(await readStream(server.link)).length}`);
              return messages.map(() => "kept" as const);
            },
          },
          deliveries: {
            receipts: () => Promise.resolve(void calls.push("receipts")),
            async sessions() {
              calls.push(`sessions after ${(await readStream(server.link)).length}`);
              if (failing) throw new Error("not now");
            },
            async seen(list) {
              calls.push(`${list.length} seen after ${(await readStream(server.link)).length}`);
            },
          },
        });
        const batch = {
          messages: [intakeMessage([1], { refusals: [refusal] })],
          receipts: [{ client: "c", packetId: 1, payloadHash: "h", receivedAt: 1, qos: 1 as const }],
          sessions: [{ kind: "ended" as const, client: "c" }],
          deliveries: [{ high: 1, low: 2, receivedAt: 3 }],
        };
        await expect(bus.publish(batch)).rejects.toThrow("not now");
        failing = false;
        await bus.publish(batch);
        const last = ["1 seen after 1", "sessions after 1"];
        expect(calls).toEqual(["receipts", "keep after 0", ...last, ...last]);
        expect(await readStream(server.link)).toHaveLength(1);
      });

      it("takes thousands of devices with long and strange names in one batch", async () => {
        bus = await openTrialBus(server.link, { domainOf: () => "water" });
        const devices = Array.from({ length: 5000 }, (_, n) => `x:${"ü".repeat(n % 60)} > * "${n}"`);
        await bus.publish({
          messages: devices.map((device, n) => intakeMessage([n], { device })),
          receipts: [],
          sessions: [],
        });
        const found = await readStream(server.link);
        expect(found.flatMap(({ rows }) => rows.map(({ device }) => device))).toEqual(devices);
        expect(found.flatMap(({ observations }) => observations.map(({ result }) => result))).toEqual([
          ...devices.keys(),
        ]);
        expect(Math.max(...found.map(({ headers }) => headers.get(busHeaders.messages).length))).toBeLessThan(60_001);
      });

      it("splits what is larger than the server takes, and counts a message once", async () => {
        await using small = await startTrialServer({ version, lines: ["max_payload: 100000"] });
        const ofSmall = await openTrialBus(small.link, { domainOf: () => "water" });
        const strangers = range(1000).map((n) => intakeMessage([n], { device: `x:${"€".repeat(100)}${n}` }));
        const many = range(2000);
        await ofSmall.publish({
          messages: [intakeMessage([-1]), intakeMessage(many), intakeMessage([-2]), ...strangers],
          receipts: [],
          sessions: [],
        });
        const found = await readStream(small.link);
        expect(found.length).toBeGreaterThan(2);
        expect(Math.max(...found.map(({ bytes }) => bytes))).toBeLessThanOrEqual(80_000);
        expect(found.flatMap(({ observations }) => observations.map(({ result }) => result))).toEqual([
          -1,
          ...many,
          -2,
          ...range(1000),
        ]);
        const rows = found.flatMap((message) => message.rows);
        expect(rows.filter(({ flags }) => (flags & 16) === 0)).toHaveLength(1003);
        await ofSmall.close();
      });

      it("stores a batch once that was cut off by kill -9 again and again", async () => {
        const { nats, link } = server;
        bus = await openTrialBus(link);
        for (let round = 0; round < 3; round++) {
          const batch = {
            messages: [intakeMessage([round], { device: "water:1" }), intakeMessage([round], { device: "energy:1" })],
            receipts: [],
            sessions: [],
          };
          const first = bus.publish(batch).catch((error: unknown) => error);
          await nats.kill();
          await first;
          await expect(bus.publish(batch)).rejects.toThrow(/NATS/);
          await nats.restart();
          await eventually("the connection to be back", () => link.isConnected());
          const again = bus;
          await eventually(
            "the batch to be taken",
            async () => (await again.publish(batch)).observations === 2,
            20_000,
          );
        }
        const found = await readStream(link);
        for (const domain of ["water", "energy"]) {
          const results = found
            .filter(({ subject }) => subject.endsWith(domain))
            .flatMap(({ observations }) => observations.map(({ result }) => result));
          expect(results).toEqual([0, 1, 2]);
        }
      });

      it("keeps the order within a domain when the stream is full in between", async () => {
        const { link } = server;
        bus = await openTrialBus(link, { domainOf: () => "water" });
        await bus.publish(batchOf([0]));
        const { config, state } = await link.manager.streams.info(observationStream);
        // Room for the small second parcel, not for the large first one.
        await link.manager.streams.update(observationStream, { ...config, max_bytes: state.bytes + 20_000 });
        const large = Array.from({ length: 1000 }, (_, n) => intakeMessage([n + 1]));
        const batch = { messages: [...large, intakeMessage([1001])], receipts: [], sessions: [] };
        await expect(bus.publish(batch)).rejects.toThrow(/takes no more/);
        await link.manager.streams.update(observationStream, config);
        await bus.publish(batch);
        const found = await readStream(link);
        expect(found.flatMap(({ observations }) => observations.map(({ result }) => result))).toEqual(range(1002));
      });

      it("publishes as ever while a listener hangs, and lets it miss the oldest", async () => {
        const events: LiveEvent[] = [];
        bus = await openTrialBus(server.link, { onEvent: (event) => events.push(event) });
        let calls = 0;
        let last: unknown;
        bus.listen((observations) => {
          // The listener is far behind: what comes meanwhile has to wait for it.
          if (calls++ === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
          last = observations.at(-1)?.result;
        }, new AbortController().signal);
        for (let n = 0; n < 20; n++)
          await bus.publish({ messages: [intakeMessage(range(1500))], receipts: [], sessions: [] });
        await bus.publish(batchOf([7]));
        await eventually("the newest to come", () => last === 7);
        expect(events.every(({ kind }) => kind === "live_dropped")).toBe(true);
        expect(await readStream(server.link)).toHaveLength(21);
      });

      it("tells listeners of another process, also after the server was killed", async () => {
        const { nats, link } = server;
        bus = await openTrialBus(link);
        const heard: unknown[] = [];
        const other = await openTrialBus(link);
        other.listen(
          (observations) => heard.push(...observations.map(({ result }) => result)),
          new AbortController().signal,
        );
        const publishing = bus;
        let n = 0;
        await eventually("the listener to hear", async () => {
          await publishing.publish(batchOf([n++]));
          return heard.length > 0;
        });
        await nats.kill();
        await nats.restart();
        await eventually("the connection to be back", () => link.isConnected());
        const last = n;
        await eventually(
          "the batch to be taken",
          async () => (await publishing.publish(batchOf([last]))).observations === 1,
        );
        await eventually("the listener to hear again", () => heard.at(-1) === last);
        expect(heard).toEqual([...new Set(heard)]);
        await other.close();
      });
    });
  });
});
