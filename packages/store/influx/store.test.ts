import { findInfluxServers, type Influx, startInflux } from "@messnetz/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { describeObservationStore } from "../observation-store-contract.ts";
import { openInfluxStore } from "./store.ts";
import { accountOf } from "./trial-influx.fixture.ts";

const servers = findInfluxServers();

for (const generation of [1, 2] as const) {
  const server = servers.find((one) => one.generation === generation);
  describe.skipIf(server === undefined)(
    `InfluxDB ${server?.version ?? `${generation} IS MISSING: nothing of it is tested`}`,
    () => {
      let influx: Influx;
      let opened = 0;
      beforeAll(async () => {
        influx = await startInflux({ version: generation });
      }, 60_000);
      afterAll(() => influx.stop());

      describeObservationStore(`InfluxDB ${generation}`, async () => {
        const database = `contract${opened++}`;
        await influx.createDatabase(database, 0);
        const observations = await openInfluxStore({ ...accountOf(influx), database, domainOf: () => "water" });
        return { observations, close: observations.close };
      });
    },
  );
}
