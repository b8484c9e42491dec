import { openDuckDbStore } from "@messnetz/store";
import { createTemporaryFolder, findInfluxServers, findNatsServers, type InfluxGeneration } from "@messnetz/testing";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningTown, startExampleTown } from "../example-town.fixture.ts";
import { exampleMessages } from "./example-messages.fixture.ts";
import { type ApiChild, countedAll, type ServerTown, startServerTown } from "./server-town.fixture.ts";

const hasNats = findNatsServers().length > 0;
const isFull = process.env["MESSNETZ_TRIALS"] === "full";
/** The newest that is installed; with MESSNETZ_TRIALS=full each. */
const tried = new Set(
  findInfluxServers()
    .map(({ generation }) => generation)
    .slice(isFull ? 0 : -1),
);
const now = Date.now();
const isoOf = (hoursAgo: number) => new Date(now - hoursAgo * 3_600_000).toISOString();

/** Each is asked of both; what comes must be the same, byte for byte. */
const questions = [
  "things",
  "datastreams",
  "datastreams?domain=water&limit=1",
  "properties",
  "latest",
  "latest?domain=water,traffic",
  "latest?property=speed",
  "latest?bbox=9.8,53.4,10,53.55",
  `observations?from=${isoOf(30)}&to=${isoOf(2)}`,
  "observations?thing=weir-1",
  "observations?thing=weir-1&limit=7",
  "observations?datastream=bay-1/traffic_state",
  "observations?thing=pump-1,weir-2,bay-1",
  `observations?property=speed&from=${isoOf(20)}&to=${isoOf(10)}`,
  "observations?thing=weir-1&from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z",
  "observations/export?format=csv",
  "observations/export?format=csv&dialect=office&property=water_level",
  "observations/export?format=ndjson",
  `observations/export?format=ndjson&thing=bus-1&from=${isoOf(9)}`,
  "ledger",
  "ledger?source=waterworks-door",
  `ledger?from=${isoOf(0).slice(0, 10)}`,
  "quarantine",
  "quarantine?source=transport-door",
  "quarantine?limit=2",
] as const;

describe.skipIf(!hasNats).each([1, 2] as const)("the answers over InfluxDB %i (and nats-server)", (generation) => {
  describe.skipIf(!tried.has(generation))("are those over DuckDB (skipped: not installed, or short trials)", () => {
    compare(generation);
  });
});

/** So that a difference is told by its row. */
function linesOf(text: string): readonly string[] {
  return text.replaceAll("},{", "},\n{").split("\n");
}

function compare(generation: InfluxGeneration): void {
  const { first, later } = exampleMessages(now);
  const opened = new AsyncDisposableStack();
  let embedded: RunningTown;
  let servers: ServerTown;
  let api: ApiChild;

  beforeAll(async () => {
    const folder = opened.use(await createTemporaryFolder());
    const quarantine = { maxBytes: 2 ** 24, maxAgeMs: 90 * 86_400_000 };
    const store = await openDuckDbStore({ directory: folder.path, memoryLimitMb: 200, threads: 1, quarantine });
    opened.defer(() => store.close());
    embedded = await startExampleTown({ store, messages: first });
    opened.defer(() => embedded.close());
    await store.intake.commit({ messages: later, receipts: [], sessions: [] });
    servers = opened.use(await startServerTown({ influx: generation }));
    await servers.publish(first);
    await servers.publish(later);
    api = opened.use(await servers.startApi());
    await countedAll(api, first.length + later.length);
  }, 60_000);
  afterAll(() => opened.disposeAsync(), 30_000);

  test.each(questions)("/api/v1/%s", async (question) => {
    const expected = await embedded.get(`/api/v1/${question}`);
    expect(expected.status).toBe(200);
    const came = await api.get(`/api/v1/${question}`);
    expect(came.status).toBe(200);
    expect(linesOf(await came.text())).toEqual(linesOf(expected.text));
    for (const name of ["content-type", "content-disposition"])
      expect(came.headers.get(name)).toBe(expected.headers.get(name));
  });

  test("every page of a list, by the cursors of the other", async () => {
    let next: string | undefined = "";
    let pages = 0;
    while (next !== undefined) {
      const question: string = `/api/v1/observations?thing=weir-1,bus-1&limit=97${next === "" ? "" : `&cursor=${next}`}`;
      const expected = await embedded.get(question);
      expect(await (await api.get(question)).text()).toBe(expected.text);
      next = expected.body.next;
      pages++;
    }
    expect(pages).toBeGreaterThan(5);
  });

  test("a Parquet file", async () => {
    const path = "/api/v1/observations/export?format=parquet";
    const rowsOf = async (reply: Response) => parquetReadObjects({ file: await reply.arrayBuffer() });
    const expected = await fetch(embedded.base + path, {
      headers: { authorization: `Bearer ${await embedded.token()}` },
    });
    const rows = await rowsOf(await api.get(path));
    expect(rows.length).toBeGreaterThan(800);
    expect(rows).toEqual(await rowsOf(expected));
  });

  test("a message of the quarantine, with its bytes", async () => {
    const { items = [] } = (await embedded.get("/api/v1/quarantine")).body;
    expect(items).toHaveLength(4);
    for (const { id } of items) {
      const path = `/api/v1/quarantine/${String(id)}`;
      expect(await (await api.get(path)).text()).toBe((await embedded.get(path)).text);
      expect(await (await api.get(`${path}/payload`)).text()).toBe((await embedded.get(`${path}/payload`)).text);
    }
  });
}
