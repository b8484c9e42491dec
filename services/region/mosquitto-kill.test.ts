import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startTrialDevices } from "@messnetz/bench";
import { eventually } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { isFull, missingServers, openRegionTrial, type RegionTrial } from "./region-trial.fixture.ts";
import { openStreamTrial } from "./stream-trial.fixture.ts";

const rounds = isFull ? 5 : 1;
const connections = 4;
const rate = isFull ? 2000 : 800;
const awayMs = isFull ? 10_000 : 1000;
/** Autosave_interval of infra/mosquitto/messnetz.conf. */
const changesOfSave = 1000;
/** A load's devices are its own, so that each loss is told by itself. */
const devicesOfLoad = 100;

/** mosquitto.conf(5): what stands when nothing is said. */
const mosquittosOwn = [
  "persistence false",
  "autosave_on_changes false",
  "autosave_interval 1800",
  "max_queued_messages 1000",
  "max_queued_bytes 0",
  "max_inflight_messages 20",
];

const regions = "the region's settings (autosave_on_changes true, autosave_interval 1000, queue of 64 MB)";
const defaults = "Mosquitto's defaults (persistence false, queue of 1,000 messages)";

interface Kill {
  readonly moment: "while ingest reads" | "while ingest is away";
  readonly settings: string;
  /** Added to the configuration before. */
  readonly lines: readonly string[];
}

const kills: readonly Kill[] = [
  { moment: "while ingest reads", settings: regions, lines: [] },
  { moment: "while ingest is away", settings: regions, lines: [] },
  { moment: "while ingest is away", settings: defaults, lines: mosquittosOwn },
];

interface Loss {
  readonly what: string;
  readonly acknowledged: readonly number[];
}

describe.skipIf(missingServers.length > 0)(`a region (missing: ${missingServers.join(", ") || "nothing"})`, () => {
  it(
    "stores once all that stands on the bus while Mosquitto is killed; what Mosquitto had acknowledged and lost is counted",
    async () => {
      await using trial = await openRegionTrial("mosquitto", { lines: {} });
      await using stream = await openStreamTrial(trial.road.region);
      const losses: Loss[] = [];
      for (const { moment, settings, lines } of kills) {
        if (lines.length > 0) await setMosquitto(trial, lines);
        const acknowledged: number[] = [];
        for (let round = 0; round < rounds; round++) {
          const firstDevice = devicesOfLoad * (losses.length * rounds + round);
          acknowledged.push(...(await killUnderLoad(trial, { moment, firstDevice })));
          await stream.quiet();
        }
        losses.push({ what: `${moment}, with ${settings}`, acknowledged });
      }

      const onBus = await stream.tags();
      const { duplicate } = await trial.expectEachOnce(onBus.keys());
      const { tags } = await trial.stored();
      expect(tags.size).toBe(onBus.size);
      const lost = losses.map((loss) => loss.acknowledged.filter((tag) => !tags.has(tag)).length);
      for (const [at, { what, acknowledged }] of losses.entries())
        process.stdout.write(
          `Mosquitto killed ${rounds} times ${what}: ${acknowledged.length} messages acknowledged by it, ${lost[at]} lost by it\n`,
        );
      process.stdout.write(`on the bus: ${onBus.size} messages, 0 lost, 0 twice, ${duplicate} came again\n`);
      // What saves the region's messages must save some: else the settings are not worth their time.
      expect(lost[1]).toBeLessThan(lost[2]!);
      expect(losses.every(({ acknowledged }) => acknowledged.length > (rate * rounds) / 2)).toBe(true);
    },
    isFull ? 600_000 : 120_000,
  );
});

/** Of two values for one setting the later stands. */
async function setMosquitto({ road }: RegionTrial, lines: readonly string[]): Promise<void> {
  await appendFile(join(road.dataDirectory, "mosquitto", "mosquitto.conf"), `\n${lines.join("\n")}\n`);
  await road.region.part("mosquitto").restart();
}

/** Resolves to the tags that Mosquitto acknowledged. */
async function killUnderLoad(
  trial: RegionTrial,
  { moment, firstDevice }: { readonly moment: Kill["moment"]; readonly firstDevice: number },
): Promise<readonly number[]> {
  const { road } = trial;
  const ingest = road.region.part("ingest-water");
  await eventually("the bridge to be there", async () => (await trial.readiness("ingest-water")).ok, 20_000);
  const devices = startTrialDevices({ target: road.target, connections, rate, allTimed: true, firstDevice });
  // So many that Mosquitto has saved once since the session was made: a session that it has not saved it forgets.
  await eventually("a load that is acknowledged", () => devices.acknowledged.size > changesOfSave * 1.5, 20_000);
  if (moment === "while ingest is away") {
    await ingest.kill();
    await delay(awayMs);
  } else await delay(trial.random() * 1000);
  await road.region.part("mosquitto").kill();
  await road.region.part("mosquitto").restart();
  if (!ingest.isRunning) await ingest.restart();
  await delay(500);
  await devices.finish();
  return [...devices.acknowledged.keys()];
}
