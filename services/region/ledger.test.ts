import { setTimeout as delay } from "node:timers/promises";
import { startTrialDevices } from "@messnetz/bench";
import { eventually } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { isFull, missingServers, openRegionTrial } from "./region-trial.fixture.ts";

const rounds = isFull ? 5 : 1;
const connections = 2;
const rate = isFull ? 400 : 200;
const faults = { repeated: 0.02, undecodable: 0.02, allTimed: true };
const restarted = ["ingest-water", "writer", "ingest-energy", "writer-2"];
const energyPartitions = ["energy", "quarantine"];
const otherPartitions = ["traffic", "transit", "water", "wastewater", "waste", "environment", "other"];

describe.skipIf(missingServers.length > 0)(`a region (missing: ${missingServers.join(", ") || "nothing"})`, () => {
  it(
    "counts in its ledger what was sent to two doors and written by two writers while each is restarted under load",
    async () => {
      let secret = "";
      await using trial = await openRegionTrial("door", {
        sectors: [
          { name: "water", domains: ["water"] },
          { name: "energy", domains: ["energy"] },
        ],
        writers: [otherPartitions, energyPartitions],
        async prepare(registry) {
          const adopt = [{ format: "*", domain: "energy" as const }];
          const source = { id: "bench-energy", operator: "bench", topics: ["#"], adopt };
          secret = (await registry.issueCredential(source)).secret;
        },
      });
      const { region, target } = trial.road;
      const { port } = new URL(region.doors.get("energy")!);
      const loads = [
        { source: "bench", target, firstDevice: 0 },
        {
          source: "bench-energy",
          target: { ...target, port: Number(port), username: "bench-energy", password: secret },
          firstDevice: 100,
        },
      ].map((load) => ({ ...load, devices: startTrialDevices({ ...load, ...faults, connections, rate }) }));
      for (const { devices } of loads)
        await eventually("a load that is acknowledged", () => devices.acknowledged.size > rate, 30_000);

      for (let round = 0; round < rounds; round++) {
        for (const name of restarted) {
          await region.part(name).restart();
          await delay(trial.random() * 1000);
        }
      }
      for (const { devices } of loads) await devices.finish();
      const all = loads.flatMap(({ devices }) => [...devices.acknowledged.keys()]);
      await trial.settled(all, 60_000);

      const { tags } = await trial.stored();
      expect(all.filter((tag) => !tags.has(tag))).toEqual([]);
      expect(tags.size).toBe(all.length);
      for (const { source, devices } of loads) {
        const { good, repeated, undecodable } = devices.sent;
        const ledger = await trial.ledger(source);
        expect(ledger, source).toMatchObject({
          stored: good,
          quarantined: undecodable,
          partial: 0,
          skipped: 0,
          refused: 0,
        });
        // Beside what was sent twice on purpose: what was on its way when its door closed, and came again.
        expect(ledger.duplicate, source).toBeGreaterThanOrEqual(repeated);
        process.stdout.write(
          `ledger of ${source} after ${rounds * restarted.length} restarts: ${good} sent and stored, ${undecodable} unreadable and in quarantine, ` +
            `${repeated} sent twice and ${ledger.duplicate - repeated} that came again, all counted as duplicates\n`,
        );
      }
    },
    rounds * 60_000 + 120_000,
  );
});
