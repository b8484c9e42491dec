import { setTimeout as delay } from "node:timers/promises";
import { type Entrance, startTrialDevices } from "@messnetz/bench";
import { describe, expect, it } from "vitest";
import { isFull, missingServers, openRegionTrial } from "./region-trial.fixture.ts";

/** Each part so often. */
const rounds = isFull ? 20 : 1;
const all = ["ingest-water", "writer", "nats", "influxd"];
const connections = 4;
const rate = 400;

/**
 * The promise of promises on the servers: what was acknowledged is in InfluxDB once, whichever process was ended with SIGKILL at whatever
 * moment. InfluxDB is asked directly, past our code.
 */
describe.skipIf(missingServers.length > 0)(`a region (missing: ${missingServers.join(", ") || "nothing"})`, () => {
  it.each<{ readonly entrance: Entrance; readonly victims: readonly string[] }>([
    // NATS and InfluxDB are killed under load by `outage.test.ts`, and behind the bridge, whose ingest `mosquitto-kill.test.ts` kills, the road is the same.
    { entrance: "door" as const, victims: isFull ? all : ["ingest-water", "writer"] },
    ...(isFull ? [{ entrance: "mosquitto" as const, victims: all }] : []),
  ])(
    `keeps every message acknowledged by the $entrance while each other part is killed ${rounds} times, none twice, and its ledger balances`,
    async ({ entrance, victims }) => {
      await using trial = await openRegionTrial(entrance);
      const { road, seed } = trial;
      const devices = startTrialDevices({ target: road.target, connections, rate });
      const order = Array.from({ length: rounds }, () => victims)
        .flat()
        .map((name) => ({ name, at: trial.random() }))
        .toSorted((a, b) => a.at - b.at);
      for (const { name } of order) {
        const part = road.region.part(name);
        await delay(500 + trial.random() * 2000);
        await part.kill();
        await delay(trial.random() * 500);
        await part.restart();
      }
      await delay(1000);
      await devices.finish();
      const { acknowledged } = devices;
      await trial.settled(acknowledged.keys(), 60_000);

      const { tags, points } = await trial.stored();
      const lost = [...acknowledged.keys()].filter((tag) => !tags.has(tag));
      const twice = [...tags].filter(([, count]) => count > 1).map(([tag]) => tag);
      expect({ seed, lost, twice }).toEqual({ seed, lost: [], twice: [] });
      expect(acknowledged.size).toBeGreaterThan(order.length * 10);

      const ledger = await trial.ledger();
      expect(ledger).toMatchObject({ stored: tags.size, observations: points });
      expect(ledger.partial + ledger.skipped + ledger.quarantined + ledger.refused).toBe(0);
      process.stdout.write(
        `kill trial of a region by the ${entrance}: seed ${seed}, ${order.length} kills (${rounds} of each of ${victims.join(", ")}), ` +
          `${acknowledged.size} messages acknowledged, 0 lost, 0 twice, ${ledger.duplicate} came again and were recognised\n`,
      );
    },
    isFull ? 1_200_000 : 150_000,
  );
});
