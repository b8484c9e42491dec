import { setTimeout as delay } from "node:timers/promises";
import { startTrialDevices } from "@messnetz/bench";
import { eventually, freePort } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isFull, missingServers, openRegionTrial, type RegionTrial } from "./region-trial.fixture.ts";
import { openTrialProxy, type TrialProxy } from "./trial-proxy.fixture.ts";

const connections = 4;
const rate = 600;
const window = 500;
const rounds = isFull ? 10 : 1;
const weatherMs = isFull ? 5000 : 700;
/** Longer than anybody waits for an answer: an answer that never comes must not be waited for for ever. */
const halfOpenMs = isFull ? 60_000 : 2500;
const cuts = 4;
/** Half of what docker-compose.yml gives the smallest of them. A writer whose line stood for a minute grew by 171 MB, and no further in ten. */
const mostGrowthMb = 256;
const places = ["devices and door", "ingest and NATS", "writer and InfluxDB"] as const;
type Place = (typeof places)[number];

describe.skipIf(missingServers.length > 0)(`a region (missing: ${missingServers.join(", ") || "nothing"})`, () => {
  const opened = new AsyncDisposableStack();
  const proxies = new Map<Place, TrialProxy>();
  const acknowledged = new Set<number>();
  let trial: RegionTrial;

  beforeAll(async () => {
    const [nats, influxd] = [await freePort(), await freePort()];
    const toNats = opened.use(await openTrialProxy(nats));
    const toInflux = opened.use(await openTrialProxy(influxd));
    trial = await openRegionTrial("door", {
      ports: { nats, influxd },
      variables: {
        ingest: { MESSNETZ_NATS_URL: `nats://127.0.0.1:${toNats.port}`, MESSNETZ_INTAKE_CLOSE_AFTER_MS: "2000" },
        writer: { MESSNETZ_INFLUX_URL: `http://127.0.0.1:${toInflux.port}`, MESSNETZ_INFLUX_TIMEOUT_MS: "2000" },
      },
    });
    // The region ends before the proxies that its parts speak through.
    opened.use(trial);
    proxies.set("ingest and NATS", toNats);
    proxies.set("writer and InfluxDB", toInflux);
    proxies.set("devices and door", opened.use(await openTrialProxy(trial.road.target.port)));
  }, 90_000);
  afterAll(() => opened.disposeAsync(), 60_000);

  it.each(places)(
    "loses nothing and stores nothing twice while what passes between %s is late, cut, sliced and half-open",
    async (place) => {
      const proxy = proxies.get(place)!;
      const { region, target } = trial.road;
      const services = ["ingest-water", "writer"];
      const starts = services.map((name) => region.part(name).starts);
      const port = place === "devices and door" ? proxy.port : target.port;
      const firstDevice = 100 * places.indexOf(place);
      const devices = startTrialDevices({ target: { ...target, port }, connections, rate, window, firstDevice });
      await eventually("a load that is acknowledged", () => devices.acknowledged.size > rate / 2, 30_000);
      const memory = await Promise.all(services.map((name) => trial.memory(name)));
      const before = proxy.connections;

      for (let round = 0; round < rounds; round++) {
        proxy.setWeather({ kind: "slow", delayMs: 50 });
        await delay(weatherMs);
        proxy.setWeather({ kind: "fair" });
        for (let n = 0; n < cuts; n++) {
          proxy.cutInFrame();
          await delay(trial.random() * 400);
        }
        proxy.setWeather({ kind: "sliced" });
        await delay(weatherMs);
        const passed = devices.acknowledged.size;
        proxy.setWeather({ kind: "half-open" });
        await delay(halfOpenMs);
        // Devices beyond a dead line hear nothing; a writer beyond one holds up nobody.
        if (place === "writer and InfluxDB") expect(devices.acknowledged.size).toBeGreaterThan(passed);
        proxy.setWeather({ kind: "fair" });
        const stood = devices.acknowledged.size;
        await eventually("messages to be acknowledged again", () => devices.acknowledged.size > stood + 100, 60_000);
      }

      await devices.finish();
      for (const tag of devices.acknowledged.keys()) acknowledged.add(tag);
      const { duplicate } = await trial.expectEachOnce(acknowledged);
      const after = await Promise.all(services.map((name) => trial.memory(name)));
      for (const [at, name] of services.entries())
        expect(after[at]! - memory[at]!, `growth of ${name} in MB`).toBeLessThan(mostGrowthMb);
      expect(services.map((name) => region.part(name).starts)).toEqual(starts);
      for (const name of services)
        await eventually(`${name} to be ready`, async () => (await trial.readiness(name)).ok, 30_000);
      process.stdout.write(
        `between ${place}: ${devices.acknowledged.size} messages acknowledged over ${proxy.connections - before} further connections, ` +
          `0 lost, 0 twice, ${duplicate} came again so far\n`,
      );
    },
    rounds * (halfOpenMs + 30_000) + 90_000,
  );
});
