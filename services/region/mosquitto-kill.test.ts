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
/** With `autosave_interval 1` Mosquitto saves when two seconds of a coarse clock are over; the rest is for a busy machine. */
const savedWithinMs = 3500;
const awayMs = savedWithinMs + (isFull ? 10_000 : 1000);
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

const regions = "the region's settings (autosave_interval 1, queue of 64 MB)";
const defaults = "Mosquitto's defaults (persistence false, queue of 1,000 messages)";

interface Kill {
  readonly moment: "while ingest reads" | "while ingest is away";
  readonly settings: string;
  /** Added to the configuration before. */
  readonly lines: readonly string[];
}

const kills: readonly Kill[] = [
  // The first: its session is a new one, of which nothing is on the disk before Mosquitto saves.
  { moment: "while ingest is away", settings: regions, lines: [] },
  { moment: "while ingest reads", settings: regions, lines: [] },
  // What others run: the long form counts what it loses.
  ...(isFull ? [{ moment: "while ingest is away" as const, settings: defaults, lines: mosquittosOwn }] : []),
];

interface Acknowledged {
  /** Tags of all that Mosquitto acknowledged. */
  readonly all: readonly number[];
  /** Of those that it must have saved before it was killed. */
  readonly saved: readonly number[];
}

interface Loss extends Acknowledged {
  readonly what: string;
  readonly isSaving: boolean;
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
        const all: number[] = [];
        const saved: number[] = [];
        for (let round = 0; round < rounds; round++) {
          const firstDevice = devicesOfLoad * (losses.length * rounds + round);
          const acknowledged = await killUnderLoad(trial, { moment, firstDevice });
          all.push(...acknowledged.all);
          saved.push(...acknowledged.saved);
          await stream.quiet();
        }
        losses.push({ what: `${moment}, with ${settings}`, isSaving: settings === regions, all, saved });
      }

      const onBus = await stream.tags();
      const { duplicate } = await trial.expectEachOnce(onBus.keys());
      const { tags } = await trial.stored();
      expect(tags.size).toBe(onBus.size);
      const lost = (of: readonly number[]): number => of.filter((tag) => !tags.has(tag)).length;
      for (const { what, all } of losses)
        process.stdout.write(
          `Mosquitto killed ${rounds} times ${what}: ${all.length} messages acknowledged by it, ${lost(all)} lost by it\n`,
        );
      process.stdout.write(`on the bus: ${onBus.size} messages, 0 lost, 0 twice, ${duplicate} came again\n`);
      for (const { isSaving, saved, all } of losses) {
        expect(saved.length).toBeGreaterThan((rate * rounds) / 2);
        expect(all.length).toBeGreaterThan(saved.length);
        // What is older than a save is there; without saving it is not, else the settings are not worth their time.
        if (isSaving) expect(lost(saved)).toBe(0);
        else expect(lost(saved)).toBeGreaterThan(0);
      }
    },
    isFull ? 600_000 : 120_000,
  );
});

/** Of two values for one setting the later stands. */
async function setMosquitto({ road }: RegionTrial, lines: readonly string[]): Promise<void> {
  await appendFile(join(road.dataDirectory, "mosquitto", "mosquitto.conf"), `\n${lines.join("\n")}\n`);
  await road.region.part("mosquitto").restart();
}

async function killUnderLoad(
  trial: RegionTrial,
  { moment, firstDevice }: { readonly moment: Kill["moment"]; readonly firstDevice: number },
): Promise<Acknowledged> {
  const { road } = trial;
  const ingest = road.region.part("ingest-water");
  await eventually("the bridge to be there", async () => (await trial.readiness("ingest-water")).ok);
  // A session that Mosquitto has not saved it forgets.
  await delay(savedWithinMs);
  const isAway = moment === "while ingest is away";
  if (isAway) await ingest.kill();
  const devices = startTrialDevices({ target: road.target, connections, rate, allTimed: true, firstDevice });
  await eventually("a load that is acknowledged", () => devices.acknowledged.size > rate);
  await delay(isAway ? awayMs - savedWithinMs : trial.random() * 1000);
  const saved = [...devices.acknowledged.keys()];
  await delay(isAway ? savedWithinMs : trial.random() * 1000);
  await road.region.part("mosquitto").kill();
  await road.region.part("mosquitto").restart();
  if (!ingest.isRunning) await ingest.restart();
  await delay(500);
  await devices.finish();
  return { all: [...devices.acknowledged.keys()], saved };
}
