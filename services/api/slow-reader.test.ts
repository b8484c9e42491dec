import { connect } from "node:net";
import { openDuckDbStore } from "@messnetz/store";
import { anObservation, createTemporaryFolder, eventually } from "@messnetz/testing";
import { expect, test } from "vitest";
import { noon, startExampleTown } from "./example-town.fixture.ts";

const rows = 400_000;

test.each(["csv", "xlsx"])(
  "a reader of a big %s out of DuckDB that stands still holds neither memory nor the store",
  { timeout: 60_000 },
  async (format) => {
    await using folder = await createTemporaryFolder();
    const quarantine = { maxBytes: 1, maxAgeMs: 1 };
    const store = await openDuckDbStore({ directory: folder.path, memoryLimitMb: 128, quarantine });
    for (let from = 0; from < rows; from += 50_000) {
      const some = Array.from({ length: 50_000 }, (_, n) =>
        anObservation({
          datastream: "weir-1/water_level",
          phenomenonTime: noon + (from + n) * 1000,
          result: Math.sqrt(from + n),
        }),
      );
      await store.observations.write(some);
    }
    let taken = 0;
    let isClosed = false;
    const observations = {
      ...store.observations,
      async *read(query: Parameters<typeof store.observations.read>[0]) {
        try {
          for await (const chunk of store.observations.read(query)) {
            taken += chunk.length;
            yield chunk;
          }
        } finally {
          isClosed = true;
        }
      },
    };
    const town = await startExampleTown({ store: { ...store, observations } });
    try {
      const before = process.memoryUsage().rss;
      const { hostname, port } = new URL(town.base);
      const socket = connect(Number(port), hostname).pause();
      const path = `/api/v1/observations/export?thing=weir-1&format=${format}`;
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${await town.token()}\r\n\r\n`);
      let last = -1;
      await eventually(
        "the store to stand still",
        () => {
          const isStill = taken > 0 && taken === last;
          last = taken;
          return isStill;
        },
        20_000,
      );
      expect(taken).toBeLessThan(rows);
      expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
      // The town goes on meanwhile.
      await town.write([anObservation({ datastream: "weir-2/water_level", phenomenonTime: noon, result: 7 })]);
      expect((await town.get("/api/v1/latest?thing=weir-2")).text).toContain('"result":7');
      socket.destroy();
      await eventually("the store to be let go", () => isClosed);
      expect(taken).toBeLessThan(rows);
    } finally {
      await town.close();
      await store.close();
    }
  },
);
