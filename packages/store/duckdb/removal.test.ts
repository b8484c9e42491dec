import { createTemporaryFolder } from "@messnetz/testing";
import { expect, it } from "vitest";
import type { StoreEvent } from "../port.ts";
import { observation, start } from "../samples.fixture.ts";
import { openDuckDbStore } from "./store.ts";

it("what is removed behind a failure of the database is gone from the newest values too", async () => {
  await using folder = await createTemporaryFolder();
  const events: StoreEvent[] = [];
  const store = await openDuckDbStore({
    directory: folder.path,
    quarantine: { maxBytes: 1e6, maxAgeMs: 1e12 },
    onEvent: (event) => events.push(event),
  });
  await store.observations.write([
    observation({ datastream: "gauge-1/level", phenomenonTime: start, result: 1 }),
    observation({ datastream: "gauge-2/level", phenomenonTime: start, result: 2 }),
  ]);
  // Anything that the database refuses: what comes next finds it to be opened anew.
  const nonsense = { interval: { from: Number.NaN, to: Number.POSITIVE_INFINITY } };
  await expect(store.quarantine.remove(nonsense)).rejects.toThrow("removing from the quarantine failed");

  expect(await store.observations.remove({ datastreams: ["gauge-1/level"] })).toMatchObject({ observations: 1 });
  expect(events).toMatchObject([{ kind: "reopened" }]);
  expect(await store.observations.latest({})).toMatchObject([{ datastream: "gauge-2/level" }]);
  await store.close();
});
