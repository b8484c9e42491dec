import { setTimeout as delay } from "node:timers/promises";
import { createRemoteEraser, type Eraser, openJetStreamAuditLog, openJetStreamQuarantine } from "@messnetz/store";
import { eventually, findInfluxServers, findNatsServers } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { numbered, startTrialRegion, type TrialRegion } from "./trial-region.fixture.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const found = new Set(findInfluxServers().map(({ generation }) => generation));
/** The short form is run with the newest that is there. */
const generations = isFull ? ([1, 2] as const) : [found.has(2) ? (2 as const) : (1 as const)];
const hasNats = findNatsServers().length > 0;
const patienceMs = 30_000;
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

describe.each(generations)("removal from InfluxDB %d", (generation) => {
  const missing = !hasNats || !found.has(generation);
  describe.skipIf(missing)(`through the writer${missing ? " (SKIPPED: no nats-server or influxd)" : ""}`, () => {
    let region: TrialRegion;
    let eraser: Eraser;
    const opened = new AsyncDisposableStack();

    beforeAll(async () => {
      region = opened.use(await startTrialRegion({ influx: generation, nats: generation === 1 ? "debian" : "newest" }));
      const quarantine = await openJetStreamQuarantine({
        link: region.link,
        replicas: 1,
        maxBytes: 64_000_000,
        limits: { maxBytes: 2 ** 24, maxAgeMs: 90 * 86_400_000 },
      });
      opened.defer(() => quarantine.close());
      const places = { observations: { count: async () => 0, latest: async () => [] }, quarantine };
      eraser = createRemoteEraser({ link: region.link, places, silenceMs: 2500 });
    });
    afterAll(() => opened.disposeAsync());

    async function publish(property: string, count: number): Promise<void> {
      const elements = Array.from({ length: count }, (_, n) => numbered(property, n));
      for (let from = 0; from < count; from += 500)
        await region.publish("water", [{ source: "door", elements: elements.slice(from, from + 500) }]);
    }
    const erase = async (things: readonly string[], property: string) =>
      eraser.erase({ observations: { things, properties: [property] }, quarantine: {} });
    const allThings = Array.from({ length: 7 }, (_, n) => `gauge-${n}`);

    it("without a writer nothing is done, and that is what is said", async () => {
      await expect(erase(["gauge-1"], "level")).rejects.toThrow(/none runs, and nothing was done/);
    });

    it("what the bus has is written first, the receipt counts what went, nothing else goes, and what is told is durable", async () => {
      await publish("level", 7000);
      const writer = await region.startWriter();
      await writer.sees(/The writer runs/, patienceMs);
      const receipt = await erase(["gauge-1"], "level");
      expect(receipt).toMatchObject({ observations: 1000, datastreams: 1, quarantined: 0 });
      expect((await region.link.manager.streams.info("OBSERVATIONS")).state.messages).toBe(0);
      expect(await writer.sees(/"observations":1000,"datastreams":1,"quarantined":0,"msg":"Erased/)).toBeTruthy();
      await region.influx.kill();
      await region.influx.restart();
      await eventually("InfluxDB to answer", async () => (await region.count("level")) >= 0, patienceMs);
      expect(new Set((await region.rows("level")).map(({ thing }) => thing))).toEqual(
        new Set(allThings.filter((thing) => thing !== "gauge-1")),
      );
      expect(await region.count("level")).toBe(6000);
      expect(
        await eventually("InfluxDB for the writer", async () => erase(["gauge-1"], "level").catch(() => undefined)),
      ).toMatchObject({
        observations: 0,
      });
      await writer.stop();
    });

    it("killed in the middle no receipt is given, and asked again all of it is gone", async () => {
      const rounds = isFull ? 6 : 2;
      let cut = 0;
      for (let round = 0; round < rounds; round++) {
        const property = `level_${round}`;
        await publish(property, 2100);
        const writer = await region.startWriter();
        await writer.sees(/The writer runs/, patienceMs);
        await eventually("all to be written", async () => (await region.count(property)) === 2100, patienceMs);
        const begun = Promise.withResolvers<void>();
        const tap = region.link.connection.subscribe("_INBOX.>", { callback: () => begun.resolve() });
        const asked = erase(allThings, property).then(
          () => "receipt" as const,
          () => "none" as const,
        );
        // What the writer says first, or something of JetStream before: both are in the middle.
        await begun.promise;
        await delay(round * 15);
        await writer.kill();
        const outcome = await asked;
        tap.unsubscribe();
        if (outcome === "none") cut++;
        else expect(await region.count(property)).toBe(0);

        const again = await region.startWriter();
        await again.sees(/The writer runs/, patienceMs);
        const before = await region.count(property);
        expect(await erase(allThings, property)).toMatchObject({ observations: before });
        expect(await region.count(property)).toBe(0);
        await again.stop();
      }
      // Otherwise none was cut short.
      expect(cut).toBeGreaterThan(0);
    });

    it("the rules of retention hold for each partition of a writer, with receipts in its log and the audit log", async () => {
      await publish("kept_level", 700);
      const now = Date.now() - 5 * 60_000;
      const young = numbered("kept_level", 0, { phenomenonTime: now, resultTime: now, result: 7 });
      await region.publish("water", [{ source: "door", elements: [young] }]);
      await region.publish("traffic", [
        { source: "door", elements: [numbered("speed", 0, { datastream: "loop-1/speed" })] },
      ]);
      const first = await region.startWriter();
      await eventually("all to be written", async () => (await region.count("kept_level")) === 701, patienceMs);
      await eventually("traffic to be written", async () => (await region.count("speed")) === 1, patienceMs);
      await first.stop();

      const writer = await region.startWriter({ env: { MESSNETZ_RETENTION: "water=1mo,traffic=keep" } });
      await writer.sees(/"rule":"water\/\*=1mo".*are removed/, patienceMs);
      expect(await region.count("kept_level")).toBe(1);
      expect(await region.count("speed")).toBe(1);
      const audit = await openJetStreamAuditLog({ link: region.link, replicas: 1, maxBytes: 1_100_000_000 });
      opened.defer(() => audit.close());
      const entry = await eventually("the entry", async () => (await audit.list({ limit: 10 }))[0], patienceMs);
      expect(entry).toMatchObject({
        principal: "messnetz",
        action: "retention",
        outcome: "done",
        subject: expect.stringMatching(/^water\/\*=1mo before 20\d\d-\d\d-01T00:00:00.000Z$/),
      });
      expect(entry?.rows).toBeGreaterThanOrEqual(700);
      await writer.stop();
    });
  });
});
