import { connect } from "node:net";
import { type AggregateChunk, type ObservationChunk, toChunk } from "@messnetz/model";
import { anObservation, eventually } from "@messnetz/testing";
import { afterEach, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";
import type { ReadableStore } from "./store-guard.ts";

let town: RunningTown;
afterEach(() => town.close());

const newest = anObservation({ datastream: "weir-1/water_level", phenomenonTime: noon });

/** A store that never comes to an end, and says how far it was read and whether it was closed. */
function endlessStore() {
  const seen = { chunks: 0, isClosed: false };
  async function* endless<T>(next: () => T): AsyncGenerator<T> {
    try {
      for (;;) {
        seen.chunks++;
        yield next();
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      seen.isClosed = true;
    }
  }
  const empty = { ...({} as AggregateChunk), length: 0, datastreams: [] };
  const store: Omit<ReadableStore, "audit" | "eraser"> = {
    observations: {
      read: (): AsyncIterable<ObservationChunk> => endless(() => toChunk([newest])),
      latest: async () => [newest],
      aggregate: () => endless(() => empty),
    },
    quarantine: { list: async () => [], get: async () => undefined },
    ledger: { rows: async () => [] },
  };
  return { store, seen };
}

test.each([
  "/api/v1/observations/chart?thing=weir-1&from=2026-01-01T00:00:00Z",
  "/api/v1/observations?thing=weir-1",
  "/api/v1/aggregates?thing=weir-1&span=2026",
  "/api/v1/aggregates/export?thing=weir-1&span=2026",
  "/api/v1/observations/export?thing=weir-1",
])("a client that leaves %s stops the store", async (path) => {
  const { store, seen } = endlessStore();
  town = await startExampleTown({ readable: store });
  const token = await town.token();
  const { hostname, port } = new URL(town.base);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
  await eventually("the store to be read", () => seen.chunks > 2);
  socket.destroy();
  expect(await eventually("the store to be closed", () => seen.isClosed)).toBe(true);
});

test("a client that leaves while the store fetches the first rows is noticed at once", async () => {
  const { store } = endlessStore();
  let isAsked = false;
  let isCancelled = false;
  const read: ReadableStore["observations"]["read"] = async function* (_query, options) {
    isAsked = true;
    await new Promise((_resolve, reject) => {
      options?.signal?.addEventListener("abort", () => {
        isCancelled = true;
        reject(options.signal?.reason as Error);
      });
    });
    yield toChunk([newest]);
  };
  town = await startExampleTown({ readable: { ...store, observations: { ...store.observations, read } } });
  const { hostname, port } = new URL(town.base);
  const socket = connect(Number(port), hostname);
  const path = "/api/v1/observations/export?thing=weir-1";
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${await town.token()}\r\n\r\n`);
  await eventually("the store to be asked", () => isAsked);
  socket.destroy();
  expect(await eventually("the store to be told", () => isCancelled)).toBe(true);
});
