import { appendFileSync, globSync } from "node:fs";
import { join } from "node:path";
import { findInfluxServers, startInflux } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { series, start } from "../samples.fixture.ts";
import { openInfluxStore } from "./store.ts";
import { accountOf, ask } from "./trial-influx.fixture.ts";

/** Kind of entry 1 (a write) that promises 16 KB and has less: what a kill in the middle of a write leaves (`tsdb/engine/tsm1/wal.go`). */
const halfEntry = Buffer.concat([Buffer.from([1, 0, 0, 0x40, 0]), Buffer.alloc(3000, 7)]);

for (const generation of [1, 2] as const) {
  const server = findInfluxServers().find((one) => one.generation === generation);
  describe.skipIf(server === undefined)(`InfluxDB ${server?.version ?? `${generation} IS MISSING`}`, () => {
    it("keeps what it took after a kill in the middle of a write through the next kill, started as the deployment does", async () => {
      await using influx = await startInflux({ version: generation });
      const store = await openInfluxStore({ ...accountOf(influx), domainOf: () => "water" });
      await store.write(series("a/level", 100));
      await influx.kill();
      const log = globSync(join(influx.dataFolder, "**/*.wal")).sort().at(-1)!;
      appendFileSync(log, halfEntry);
      await influx.restart();
      await store.write(series("a/level", 100, start + 100 * 60_000));
      await influx.kill();
      await influx.restart();
      expect(await ask(influx, "SELECT count(received) FROM level")).toEqual([[0, 200]]);
      await store.close();
    }, 60_000);
  });
}
