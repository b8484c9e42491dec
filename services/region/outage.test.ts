import { setTimeout as delay } from "node:timers/promises";
import { deviceName, startTrialDevices, tagBase } from "@messnetz/bench";
import { eventually } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isFull, missingServers, openRegionTrial, type RegionTrial } from "./region-trial.fixture.ts";

const outageMs = isFull ? 60_000 : 2500;
const connections = 4;
const rate = isFull ? 1000 : 400;
/** Of a message of the load. */
const observationsEach = 3;
const leastRatio = 3;
const trialMs = outageMs + 90_000;

describe.skipIf(missingServers.length > 0)(`a region (missing: ${missingServers.join(", ") || "nothing"})`, () => {
  let trial: RegionTrial;
  const acknowledged = new Set<number>();

  beforeAll(async () => {
    trial = await openRegionTrial("door");
  }, 90_000);
  afterAll(() => trial?.[Symbol.asyncDispose](), 60_000);

  /** Newest level of a device, as the API tells it. */
  async function latestLevel(device: number): Promise<number> {
    const reply = await trial.ask(
      `/api/v1/latest?thing=${encodeURIComponent(await thingOf(device))}&property=water_level`,
    );
    expect(reply.status).toBe(200);
    const { items } = (await reply.json()) as { items: { result: number }[] };
    return items[0]!.result;
  }

  async function thingOf(device: number): Promise<string> {
    const { items } = (await (await trial.ask("/api/v1/things?limit=1000")).json()) as { items: { id: string }[] };
    return items.find(({ id }) => id.endsWith(deviceName(device).slice(-10)))!.id;
  }

  it(
    `takes everything while InfluxDB is away for ${outageMs / 1000} s, tells so, and then writes the backlog at ${leastRatio} times the input or faster`,
    async () => {
      const { road } = trial;
      const devices = startTrialDevices({ target: road.target, connections, rate, allTimed: true });
      const written = () => trial.metric("writer", "messnetz_writer_observations_written_total");
      await eventually("a load that is written", async () => (await written()) > rate * observationsEach, 30_000);
      const history = `/api/v1/observations?thing=${encodeURIComponent(await thingOf(0))}&limit=5`;
      expect((await trial.ask(history)).status).toBe(200);

      await road.region.part("influxd").kill();
      const atOutage = devices.acknowledged.size;
      const levelBefore = await latestLevel(0);
      const until = performance.now() + outageMs;
      await eventually("the writer and the API to say that InfluxDB is away", async () => {
        const [writer, api] = await Promise.all([trial.readiness("writer"), trial.readiness("api")]);
        return !writer.ok && writer.failing.includes("store") && !api.ok && api.failing.join() === "store";
      });
      expect(await trial.readiness("ingest-water")).toEqual({ ok: true, failing: [] });
      const refused = await trial.ask(history);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      await delay(until - performance.now());
      const meanwhile = devices.acknowledged.size - atOutage;
      expect(meanwhile).toBeGreaterThan((rate * outageMs) / 1000 / 2);
      expect(await latestLevel(0)).toBeGreaterThan(levelBefore);
      const newest = Math.max(...[...devices.acknowledged.keys()].filter((tag) => tag < tagBase)) / 1000;
      await eventually("the newest level of a device, from the bus", async () => (await latestLevel(0)) >= newest);

      const stood = await written();
      const sentTo = { acknowledged: devices.acknowledged.size, at: performance.now() };
      await road.region.part("influxd").restart();
      const back = performance.now();
      const first = await eventually(
        "the first write after the outage",
        async () => (await written()) > stood && performance.now(),
        60_000,
      );
      // What came in the last half second is no backlog.
      await eventually(
        "the backlog to be written",
        async () => (await written()) >= (devices.acknowledged.size - rate / 2) * observationsEach,
        60_000,
      );
      const end = performance.now();
      const drained = (await written()) - stood;
      const seconds = (end - first) / 1000;
      const inputEach = ((devices.acknowledged.size - sentTo.acknowledged) / (end - sentTo.at)) * 1000;
      await devices.finish();
      for (const tag of devices.acknowledged.keys()) acknowledged.add(tag);
      const { duplicate } = await trial.expectEachOnce(acknowledged);
      const ratio = drained / observationsEach / seconds / inputEach;
      process.stdout.write(
        `InfluxDB away for ${outageMs / 1000} s: ${meanwhile} messages acknowledged meanwhile, first write ${((first - back) / 1000).toFixed(1)} s after it was back, ` +
          `then ${drained} observations in ${seconds.toFixed(1)} s: ${ratio.toFixed(1)} times the input; 0 lost, 0 twice, ${duplicate} came again\n`,
      );
      // What a machine with other work reaches in some seconds says nothing.
      if (isFull) expect(ratio).toBeGreaterThan(leastRatio);
    },
    trialMs,
  );

  it(
    `acknowledges nothing while NATS is away for ${outageMs / 1000} s, tells so, and goes on by itself`,
    async () => {
      const { road } = trial;
      const devices = startTrialDevices({ target: road.target, connections, rate, firstDevice: 100 });
      await eventually("a load that is acknowledged", () => devices.acknowledged.size > rate, 30_000);
      const services = ["ingest-water", "writer", "api"];
      const starts = services.map((name) => road.region.part(name).starts);

      await road.region.part("nats").kill();
      // What NATS had said just before may still be on its way to the devices.
      await delay(500);
      const stood = devices.acknowledged.size;
      const until = performance.now() + outageMs;
      for (const name of services) {
        await eventually(
          `${name} to say that NATS is away`,
          async () => {
            const { ok, failing } = await trial.readiness(name);
            return !ok && failing.includes("nats");
          },
          10_000,
        );
      }
      await delay(until - performance.now());
      expect(devices.acknowledged.size).toBe(stood);

      await road.region.part("nats").restart();
      const back = performance.now();
      await eventually("messages to be acknowledged again", () => devices.acknowledged.size > stood + rate, 60_000);
      const resumedMs = performance.now() - back;
      for (const name of services) {
        await eventually(`${name} to be ready again`, async () => (await trial.readiness(name)).ok, 30_000);
      }
      expect(services.map((name) => road.region.part(name).starts)).toEqual(starts);
      await devices.finish();
      for (const tag of devices.acknowledged.keys()) acknowledged.add(tag);
      const { duplicate } = await trial.expectEachOnce(acknowledged);
      process.stdout.write(
        `NATS away for ${outageMs / 1000} s: 0 messages acknowledged meanwhile, ${rate} more ${(resumedMs / 1000).toFixed(1)} s after it was back, ` +
          `${devices.acknowledged.size} in all; 0 lost, 0 twice, ${duplicate} came again\n`,
      );
    },
    trialMs,
  );
});
