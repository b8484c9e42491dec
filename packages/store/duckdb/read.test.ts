import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObservationChunk } from "@messnetz/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EmbeddedStore, ObservationQuery } from "../port.ts";
import { batch, collect, message, minuteMs, observation, series, start } from "../samples.fixture.ts";
import { openDuckDbStore } from "./store.ts";

const longRows = 450_000;
const shortRows = 60_000;

describe("reading more than fits into one slice", () => {
  let directory: string;
  let store: EmbeddedStore;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "messnetz-read-"));
    store = await openDuckDbStore({ directory, quarantine: { maxBytes: 1e6, maxAgeMs: 1e12 } });
    // Numbers are given in order of arrival: that of the names is another.
    for (const name of ["e/x", "c/x", "a/x", "d/x", "f/x"]) await store.observations.write(series(name, shortRows));
    await store.observations.write(series("b/x", longRows));
  });
  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  async function countInOrder(query: ObservationQuery): Promise<{ rows: number; names: string[] }> {
    const names: string[] = [];
    let rows = 0;
    let before = { name: "", time: 0 };
    for await (const chunk of store.observations.read(query)) {
      for (let row = 0; row < chunk.length; row++) {
        const now = { name: chunk.datastreams[chunk.datastream[row]!]!, time: chunk.phenomenonTime[row]! };
        if (now.name !== before.name) names.push(now.name);
        else if (now.time <= before.time) throw new Error(`expected ${now.name} ascending at ${now.time}`);
        before = now;
      }
      rows += chunk.length;
    }
    return { rows, names };
  }

  it("gives every row once, in order", { timeout: 60_000 }, async () => {
    const all = ["a/x", "b/x", "c/x", "d/x", "e/x", "f/x"];
    expect(await countInOrder({})).toEqual({ rows: longRows + 5 * shortRows, names: all });
    const interval = { from: start + minuteMs, to: start + 440_000 * minuteMs };
    expect(await countInOrder({ interval })).toEqual({ rows: 439_999 + 5 * (shortRows - 1), names: all });
    const after = { datastream: "b/x", phenomenonTime: start + 420_000 * minuteMs, ordinal: 0 };
    expect(await countInOrder({ after, interval })).toEqual({
      rows: 19_999 + 4 * (shortRows - 1),
      names: all.slice(1),
    });
  });

  it("gives pages that continue each other across slices", async () => {
    const after = { datastream: "a/x", phenomenonTime: start + (shortRows - 2) * minuteMs, ordinal: 0 };
    const page = await collect(store.observations.read({ after, limit: 3 }));
    expect(page.map(({ datastream, result }) => [datastream, result])).toEqual([
      ["a/x", shortRows - 1],
      ["b/x", 0],
      ["b/x", 1],
    ]);
    const interval = { from: start + (shortRows - 2) * minuteMs, to: start + shortRows * minuteMs };
    const rows = await collect(store.observations.read({ after, interval, limit: 4 }));
    expect(rows.map(({ datastream, result }) => [datastream, result])).toEqual([
      ["a/x", shortRows - 1],
      ["b/x", shortRows - 2],
      ["b/x", shortRows - 1],
      ["c/x", shortRows - 2],
    ]);
  });

  it("goes on while commits go on, and costs the reader that stops nothing more", async () => {
    const chunks: ObservationChunk[] = [];
    for await (const chunk of store.observations.read({})) {
      const fresh = observation({ datastream: "z/x", phenomenonTime: start + chunks.push(chunk) });
      await store.intake.commit(batch(message({ observations: [fresh] })));
      if (chunks.length === 20) break;
    }
    expect(await store.observations.count({ things: ["z"] })).toBe(20);
    await store.observations.remove({ things: ["z"] });
  });
});
