import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startTrialDevices, type TrialDevices } from "@messnetz/bench";
import { createTemporaryFolder, eventually } from "@messnetz/testing";
import { describe, expect, it, type TestContext } from "vitest";
import { isFull, missingServers, openRegionTrial, type RegionTrial } from "./region-trial.fixture.ts";
import { mountSmallDisk } from "./small-disk.fixture.ts";
import { openStreamTrial } from "./stream-trial.fixture.ts";

const connections = 4;
const rate = 1500;
/** Unacknowledged messages of each connection at most: what ingest may have in hand. */
const window = 1000;
const refusedMs = isFull ? 60_000 : 2000;
const streamMb = 2;
const trialMs = refusedMs + 150_000;
/** A Node process that holds 4,000 messages of 200 bytes more than before has not grown by this. */
const mostGrowthMb = 150;
const ingest = { MESSNETZ_INTAKE_CLOSE_AFTER_MS: "2000" };

function leaveOut(context: TestContext): never {
  console.warn(`LEFT OUT: ${context.task.name}; mounting a small disk needs root`);
  return context.skip("mounting a small disk needs root");
}

/** While a part has no room: nothing is acknowledged, ingest says so and grows no more. Resolves to how many messages were acknowledged. */
async function expectRefusal(trial: RegionTrial, devices: TrialDevices, memoryMb: number): Promise<number> {
  await eventually(
    "nothing to be acknowledged for a second, and ingest to say so",
    async () => {
      const before = devices.acknowledged.size;
      await delay(1000);
      return devices.acknowledged.size === before && !(await trial.readiness("ingest-water")).ok;
    },
    60_000,
  );
  const stood = devices.acknowledged.size;
  const { failing } = await trial.readiness("ingest-water");
  expect(failing).not.toEqual([]);
  await delay(refusedMs);
  expect(devices.acknowledged.size).toBe(stood);
  expect((await trial.memory("ingest-water")) - memoryMb).toBeLessThan(mostGrowthMb);
  return stood;
}

describe.skipIf(missingServers.length > 0)(`a region (missing: ${missingServers.join(", ") || "nothing"})`, () => {
  it(
    "acknowledges nothing that a full stream does not take, and goes on without a restart when the writer is back",
    async () => {
      await using trial = await openRegionTrial("door", {
        variables: { all: { MESSNETZ_NATS_OBSERVATIONS_MB: String(streamMb) }, ingest },
      });
      await using stream = await openStreamTrial(trial.road.region);
      const { region, target } = trial.road;
      const devices = startTrialDevices({ target, connections, rate, window });
      await eventually("a load that is acknowledged", () => devices.acknowledged.size > 100, 30_000);
      const memoryMb = await trial.memory("ingest-water");
      const { starts } = region.part("ingest-water");

      await region.part("writer").kill("SIGTERM");
      const stood = await expectRefusal(trial, devices, memoryMb);
      const { bytes, maxBytes } = await stream.size();
      expect(maxBytes).toBe(streamMb * 1_000_000);
      expect(bytes).toBeGreaterThan(maxBytes / 2);

      await region.part("writer").restart();
      await eventually("messages to be acknowledged again", () => devices.acknowledged.size > stood + 100, 60_000);
      await devices.finish();
      await eventually("ingest to be ready again", async () => (await trial.readiness("ingest-water")).ok, 30_000);
      const { duplicate } = await trial.expectEachOnce(devices.acknowledged.keys());
      expect(region.part("ingest-water").starts).toBe(starts);
      process.stdout.write(
        `a full stream of ${streamMb} MB: full after ${stood} messages, nothing acknowledged for ${refusedMs / 1000} s, ` +
          `then ${devices.acknowledged.size} in all; 0 lost, 0 twice, ${duplicate} came again\n`,
      );
    },
    trialMs,
  );

  it(
    "refuses to start where the streams do not fit on NATS' disk, and says what to do",
    async (context) => {
      await using folder = await createTemporaryFolder();
      await using disk = (await mountSmallDisk(join(folder.path, "nats"), 96)) ?? leaveOut(context);
      expect(disk).toBeDefined();
      await expect(openRegionTrial("door", { dataDirectory: folder.path })).rejects.toThrow(/max_file_store/);
    },
    trialMs,
  );

  it.skipIf(!isFull)(
    "loses nothing acknowledged when NATS' disk is full, and goes on when NATS is started again with room",
    async (context) => {
      await using folder = await createTemporaryFolder();
      await using disk = (await mountSmallDisk(join(folder.path, "nats"), 96)) ?? leaveOut(context);
      await using trial = await openRegionTrial("door", {
        dataDirectory: folder.path,
        variables: { ingest },
        // More than there is. A region allows JetStream less than the disk has: then a stream is full before the disk is.
        lines: { nats: ["JETSTREAM_MAX_FILE: 32GB"] },
      });
      const { region, target } = trial.road;
      const devices = startTrialDevices({ target, connections, rate, window });
      await eventually("a load that is acknowledged", () => devices.acknowledged.size > 100, 30_000);
      const memoryMb = await trial.memory("ingest-water");
      await disk.fill(1_000_000);
      const stood = await expectRefusal(trial, devices, memoryMb);

      // Room alone does not help: JetStream takes nothing until nats-server is started again (docs/operating.md).
      await disk.relieve();
      await region.part("nats").kill();
      await region.part("nats").restart();
      await eventually("messages to be acknowledged again", () => devices.acknowledged.size > stood + rate, 60_000);
      await devices.finish();
      expect(devices.acknowledged.size).toBeGreaterThan(stood + rate);
      const { duplicate } = await trial.expectEachOnce(devices.acknowledged.keys());
      process.stdout.write(
        `NATS' disk full: ${stood} messages acknowledged before, ${devices.acknowledged.size} after NATS was started again with room; ` +
          `0 lost, 0 twice, ${duplicate} came again\n`,
      );
    },
    trialMs,
  );

  it.skipIf(!isFull)(
    "writes nothing off when InfluxDB's disk is full, and goes on when InfluxDB is started again with room",
    async (context) => {
      await using folder = await createTemporaryFolder();
      await using disk = (await mountSmallDisk(join(folder.path, "influxdb"), 128)) ?? leaveOut(context);
      await using trial = await openRegionTrial("door", { dataDirectory: folder.path });
      const { region, target } = trial.road;
      const devices = startTrialDevices({ target, connections, rate, window });
      await eventually(
        "a load that is written",
        async () => (await trial.metric("writer", "messnetz_writer_observations_total")) > rate,
        30_000,
      );
      await disk.fill(500_000);
      await eventually(
        "the writer to say that InfluxDB takes nothing",
        async () => !(await trial.readiness("writer")).ok,
        60_000,
      );
      const stood = devices.acknowledged.size;
      await eventually("more to be acknowledged meanwhile", () => devices.acknowledged.size > stood + rate, 30_000);

      await disk.relieve();
      // Room alone does not help: influxd (1.6.7 and 2.7) keeps the error of its log until it is started again (docs/operating.md).
      await region.part("influxd").restart();
      await eventually("the writer to be ready again", async () => (await trial.readiness("writer")).ok, 60_000);
      await devices.finish();
      expect(devices.acknowledged.size).toBeGreaterThan(stood + rate);
      const { duplicate } = await trial.expectEachOnce(devices.acknowledged.keys());
      process.stdout.write(
        `InfluxDB ${region.influx.version} with a full disk: ${devices.acknowledged.size} messages acknowledged, ` +
          `${stood} of them before it was told; 0 lost, 0 twice, ${duplicate} came again\n`,
      );
    },
    trialMs,
  );
});
