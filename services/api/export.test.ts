import { connect } from "node:net";
import { type ObservationChunk, toChunk } from "@messnetz/model";
import { createLogger } from "@messnetz/runtime";
import { openDuckDbStore } from "@messnetz/store";
import { anObservation, createTemporaryFolder, eventually } from "@messnetz/testing";
import { parquetReadObjects } from "hyparquet";
import { afterEach, describe, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";
import type { ReadableStore } from "./store-guard.ts";

let town: RunningTown;
afterEach(() => town.close());

const rowsPerChunk = 2000;
const chunk = toChunk(
  Array.from({ length: rowsPerChunk }, (_, n) =>
    anObservation({ datastream: "weir-1/water_level", phenomenonTime: noon + n, result: Math.sqrt(n) }),
  ),
);

/** A store that counts what is taken from it, and says when it was closed. */
function countingStore(chunks: number, failure?: Error) {
  const seen = { chunks: 0, isClosed: false };
  const store: Omit<ReadableStore, "audit" | "eraser"> = {
    observations: {
      read: async function* (): AsyncIterable<ObservationChunk> {
        try {
          for (; seen.chunks < chunks; seen.chunks++) yield chunk;
          if (failure !== undefined) throw failure;
        } finally {
          seen.isClosed = true;
        }
      },
      latest: async () => [],
      aggregate: async function* () {},
    },
    quarantine: { list: async () => [], get: async () => undefined },
    ledger: { rows: async () => [] },
  };
  return { store, seen };
}

/** Sends the request of an export and reads nothing of the answer. */
async function askAndStall(path: string) {
  const token = await town.token();
  const { hostname, port } = new URL(town.base);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
  return socket;
}

const path = "/api/v1/observations/export?thing=weir-1";

test("a slow reader holds the store back, and memory stays what it was", async () => {
  const { store, seen } = countingStore(100_000);
  town = await startExampleTown({ readable: store });
  const before = process.memoryUsage().rss;
  const socket = await askAndStall(path);
  let last = -1;
  // It stands still when nothing was taken between two looks.
  await eventually("the store to stand still", () => {
    const isStill = seen.chunks > 0 && seen.chunks === last;
    last = seen.chunks;
    return isStill;
  });
  expect(seen.chunks).toBeLessThan(200);
  expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  socket.destroy();
  await eventually("the store to be closed", () => seen.isClosed);
  expect(seen.chunks).toBeLessThan(200);
});

test("a reader that goes stops the store and frees its place", async () => {
  const { store, seen } = countingStore(100_000);
  town = await startExampleTown({ readable: store, limits: { exports: 1 } });
  const socket = await askAndStall(path);
  await eventually("the export to begin", () => seen.chunks > 0);
  expect((await town.get(path)).status).toBe(429);
  socket.destroy();
  await eventually("the store to be closed", () => seen.isClosed);
  const counted = async () => (await town.get("/metrics")).text.includes('messnetz_api_exports_total{end="aborted"} 1');
  expect(await eventually("its end to be counted", counted)).toBe(true);
});

test("the log says who took a file, and shows it", async () => {
  const lines: string[] = [];
  const log = createLogger({
    service: "test",
    form: "json",
    level: "info",
    output: { write: (line) => void lines.push(line) },
  });
  town = await startExampleTown({ log });
  const { token, principal } = await town.principal();
  expect((await town.get(path, token)).status).toBe(200);
  const ended = await eventually("the line", () => lines.find((line) => line.includes("export ended")));
  expect(JSON.parse(ended)).toMatchObject({ principal: principal.id, format: "csv", end: "complete" });
});

test("closing does not wait for a reader that stands still", async () => {
  const { store, seen } = countingStore(100_000);
  town = await startExampleTown({ readable: store, closeGraceMs: 50 });
  const socket = await askAndStall(path);
  await eventually("the export to begin", () => seen.chunks > 0);
  await town.close();
  expect(await eventually("the store to be closed", () => seen.isClosed)).toBe(true);
  socket.destroy();
});

test("a token may run so many exports and no more; the answer says when to come back", async () => {
  const { store } = countingStore(100_000);
  town = await startExampleTown({ readable: store, limits: { exportsPerToken: 1 } });
  const token = await town.token();
  const running = await fetch(town.base + path, { headers: { authorization: `Bearer ${token}` } });
  const { status, headers, body } = await town.get(path, token);
  expect(status).toBe(429);
  expect(headers.get("retry-after")).toBe("10");
  expect(body.detail).toContain("1 exports of one token");
  await running.body?.cancel();
  await eventually("the place to be free", async () => {
    const answer = await fetch(town.base + path, { headers: { authorization: `Bearer ${token}` } });
    await answer.body?.cancel();
    return answer.status === 200;
  });
});

describe("a store that fails", () => {
  test("before the first row gives a problem", async () => {
    const { store } = countingStore(0, new Error("secret path /var/lib"));
    town = await startExampleTown({ readable: store });
    const { status, headers, body, text } = await town.get(path);
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("5");
    expect(body.type).toBe("urn:messnetz:problem:unavailable");
    expect(text).not.toContain("secret");
  });

  test("in the middle breaks the connection: no half file looks whole", async () => {
    const { store } = countingStore(50, new Error("gone"));
    town = await startExampleTown({ readable: store });
    await expect(town.get(path)).rejects.toThrow("terminated");
    expect((await town.get("/metrics")).text).toContain('messnetz_api_exports_total{end="failed"} 1');
  });

  test("to answer at all gives a problem in time", async () => {
    const { store } = countingStore(0);
    const never = new Promise<never>(() => {});
    const readable = {
      ...store,
      observations: {
        latest: async () => never,
        read: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => never }) }),
        aggregate: () => ({ [Symbol.asyncIterator]: () => ({ next: async () => never }) }),
      },
    };
    town = await startExampleTown({ readable, limits: { storeTimeoutMs: 50 } });
    const answers = await Promise.all(
      ["/api/v1/latest", "/api/v1/observations?thing=weir-1", path].map((one) => town.get(one)),
    );
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
  });
});

test("a hundred thousand rows out of DuckDB are all in the file, in every format", async () => {
  await using folder = await createTemporaryFolder();
  const rows = 100_000;
  const store = await openDuckDbStore({
    directory: folder.path,
    memoryLimitMb: 128,
    quarantine: { maxBytes: 1, maxAgeMs: 1 },
  });
  const observations = Array.from({ length: rows }, (_, n) =>
    anObservation({ datastream: "weir-1/water_level", phenomenonTime: noon + n * 1000, result: n / 8 }),
  );
  town = await startExampleTown({ observations, store });
  const csv = (await town.get(path)).text.trimEnd().split("\r\n");
  const ndjson = (await town.get(`${path}&format=ndjson`)).text.trimEnd().split("\n");
  const headers = { authorization: `Bearer ${await town.token()}` };
  const parquet = await fetch(`${town.base}${path}&format=parquet`, { headers });
  const table = await parquetReadObjects({ file: await parquet.arrayBuffer() });
  expect([csv.length - 1, ndjson.length, table.length]).toEqual([rows, rows, rows]);
  expect(csv.at(-1)).toContain(`,${(rows - 1) / 8},,m,good,`);
  expect(JSON.parse(ndjson.at(-1)!)).toMatchObject({ result: (rows - 1) / 8, unit: "m" });
  expect(table.at(-1)).toMatchObject({ result: (rows - 1) / 8, phenomenon_time: new Date(noon + (rows - 1) * 1000) });
  await store.close();
});

test("the name of the file tells content and span", async () => {
  town = await startExampleTown();
  const { headers } = await town.get(
    "/api/v1/observations/export?domain=water&property=water_level&from=2026-03-01T00:00:00Z&to=2026-04-01T00:00:00Z&dialect=office",
  );
  expect(headers.get("content-type")).toMatch(/^text\/csv/);
  expect(headers.get("content-disposition")).toBe(
    'attachment; filename="water_water_level_2026-03-01T0000Z--2026-04-01T0000Z.csv"',
  );
});

test("an office file has the wall clock of the town, or of the zone that is asked for", async () => {
  const observations = [anObservation({ datastream: "weir-1/water_level", phenomenonTime: noon, result: -0.5 })];
  town = await startExampleTown({ observations });
  const rows = async (more: string) => (await town.get(`${path}&dialect=office${more}`)).text.split("\r\n");
  expect((await rows(""))[1]).toContain("2026-03-28 13:00:00;2026-03-28T12:00:00.000Z;;;-0,5;");
  expect((await rows("&timeZone=Asia/Tokyo&language=en&property=water_level"))[0]).toContain("Time (Asia/Tokyo)");
  const wrong = await town.get(`${path}&timeZone=Berlin/Mitte`);
  expect(wrong.body.mistakes?.[0]).toMatchObject({ name: "timeZone", came: "Berlin/Mitte" });
});

test("HEAD answers as GET would, without reading the store or taking a slot", async () => {
  const { store, seen } = countingStore(3);
  town = await startExampleTown({ readable: store });
  const headers = { authorization: `Bearer ${await town.token()}` };
  const ask = (address: string, method: string) => fetch(`${town.base}${address}`, { method, headers });
  for (const address of [
    "/api/v1/observations/export?thing=weir-1&format=parquet",
    "/api/v1/aggregates/export?thing=weir-1&span=2026&window=day",
  ]) {
    const head = await ask(address, "HEAD");
    expect([head.status, await head.text(), head.headers.get("content-length")]).toEqual([200, "", null]);
    expect(seen.chunks).toBe(0);
    const got = await ask(address, "GET");
    await got.arrayBuffer();
    for (const name of ["content-type", "content-disposition", "cache-control"])
      expect(head.headers.get(name)).toBe(got.headers.get(name));
    seen.chunks = 0;
  }
  expect((await ask("/api/v1/observations/export?thing=nobodys", "HEAD")).status).toBe(404);
});
