import { setTimeout as delay } from "node:timers/promises";
import { eventually, findInfluxServers, findNatsServers } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { faultsOf, numbered, startTrialRegion, type TrialRegion } from "./trial-region.fixture.ts";

const generations = [1, 2] as const;
const found = new Set(findInfluxServers().map(({ generation }) => generation));
const hasNats = findNatsServers().length > 0;
const isFull = process.env["MESSNETZ_TRIALS"] === "full";

async function settled(region: TrialRegion, count: number, withinMs = 20_000): Promise<void> {
  await eventually(
    `${count} observations in InfluxDB`,
    async () => (await region.rows("water_level")).length >= count,
    withinMs,
  );
}

async function counted(region: TrialRegion, received: number): Promise<Readonly<Record<string, number>>> {
  return eventually(
    `${received} messages in the ledger`,
    async () => {
      const sums = await region.ledgerSums();
      return (sums["received"] ?? 0) >= received && sums;
    },
    20_000,
  );
}

describe.each(generations)("the writer on InfluxDB %d", (generation) => {
  const missing = !hasNats || !found.has(generation);

  it.skipIf(missing)("carries what is on the bus to the store, counts it, and ends in order on SIGTERM", async () => {
    await using region = await startTrialRegion({ influx: generation });
    const writer = await region.startWriter();
    await writer.sees(/The writer runs/);
    for (let n = 0; n < 20; n++) await region.publish("water", [{ elements: [numbered(2 * n), numbered(2 * n + 1)] }]);
    await settled(region, 40);
    expect(faultsOf(await region.rows("water_level"), 40)).toEqual([]);
    expect(await counted(region, 20)).toMatchObject({ received: 20, stored: 20, observations: 40 });
    expect(await writer.stop()).toEqual({ code: 0 });
  });
});
