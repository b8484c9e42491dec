import { createHash } from "node:crypto";
import { exportFormats } from "@messnetz/exports";
import { anObservation } from "@messnetz/testing";
import { afterEach, expect, test } from "vitest";
import { createMemoryStore } from "@messnetz/store";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

let town: RunningTown;
afterEach(() => town.close());

const path = "/api/v1/archive/weir-1/water_level";
const february = (minute: number) => Date.parse("2026-02-10T00:00:00Z") + minute * 60_000;
const at = (phenomenonTime: number, result: number, revision = 1) =>
  anObservation({ datastream: "weir-1/water_level", phenomenonTime, result, revision });

async function start(): Promise<void> {
  town = await startExampleTown({
    observations: [
      at(Date.parse("2026-01-31T22:59:59Z"), 1),
      at(Date.parse("2026-01-31T23:00:00Z"), 2),
      ...Array.from({ length: 500 }, (_, n) => at(february(n), n / 8)),
      at(Date.parse("2026-02-28T23:00:00Z"), 3),
    ],
  });
}

async function ask(address: string): Promise<Response> {
  return fetch(town.base + address, { headers: { authorization: `Bearer ${await town.token()}` }, redirect: "manual" });
}

/** The address of the revision of now. */
async function current(file: string): Promise<string> {
  const answer = await ask(`${path}/${file}`);
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([302, "private, no-cache"]);
  return answer.headers.get("location")!;
}

test.each(exportFormats.map(({ extension }) => extension))(
  "a month that is over leads to a revision whose bytes never change: %s",
  async (extension) => {
    await start();
    const address = await current(`2026-02.${extension}`);
    expect(address).toMatch(new RegExp(String.raw`^${path}/2026-02\.[0-9a-f]{16}\.${extension}$`));
    const answer = await ask(address);
    expect(answer.headers.get("cache-control")).toContain("immutable");
    const content = await answer.bytes();
    const hex = createHash("sha256").update(content).digest("hex");
    expect(address).toContain(hex.slice(0, 16));
    expect(await (await ask(`${address}.sha256`)).text()).toBe(`${hex}  weir-1_water_level_2026-02.${extension}\n`);
    // What happens in other months, and the same again, changes nothing.
    await town.write([at(Date.parse("2026-03-05T00:00:00Z"), 9), at(february(3), 3 / 8)]);
    expect(await current(`2026-02.${extension}`)).toBe(address);
    expect(await (await ask(address)).bytes()).toEqual(content);
  },
);

test("the month is that of the town's time zone", async () => {
  await start();
  const lines = (await (await ask(await current("2026-02.csv"))).text()).trimEnd().split("\r\n");
  expect(lines).toHaveLength(502);
  expect(lines[1]).toContain("2026-01-31T23:00:00.000Z");
});

test.each([
  ["late data", at(february(0.5), 7)],
  ["a correction", at(february(3), 7, 2)],
])("%s makes the next revision, and the one before is gone for good, naming it", async (_what, observation) => {
  await start();
  const before = await current("2026-02.csv");
  await town.write([observation]);
  const after = await current("2026-02.csv");
  expect(after).not.toBe(before);
  const gone = await ask(before);
  expect([gone.status, gone.headers.get("link")]).toEqual([410, `<${after}>; rel="latest-version"`]);
  expect(((await gone.json()) as { detail: string }).detail).toContain(after);
  expect((await ask(after)).status).toBe(200);
});

const memory = () => createMemoryStore({ quarantine: { maxBytes: 1, maxAgeMs: 1 }, clock: () => noon });

test("an erasure makes the next revision, and of all of it leaves none", async () => {
  const store = memory();
  const observations = Array.from({ length: 10 }, (_, n) => at(february(n), n));
  town = await startExampleTown({ store, observations });
  const before = await current("2026-02.csv");
  await store.observations.remove({ things: ["weir-1"], interval: { from: february(3), to: february(4) } });
  const after = await current("2026-02.csv");
  expect(after).not.toBe(before);
  expect((await ask(before)).status).toBe(410);
  expect((await (await ask(after)).text()).trimEnd().split("\r\n")).toHaveLength(10);
  await store.observations.remove({ things: ["weir-1"] });
  const answers = await Promise.all([after, `${path}/2026-02.csv`].map(ask));
  expect(answers.map(({ status }) => status)).toEqual([410, 404]);
});

/** More than is kept from knowing to sending: it is read twice. */
const many = Array.from({ length: 60_000 }, (_, n) => at(february(n / 4), n / 8));

test("a file that is too large to be kept is read twice, and whole", async () => {
  town = await startExampleTown({ observations: many });
  const address = await current("2026-02.csv");
  const content = await (await ask(address)).bytes();
  expect(content.length).toBeGreaterThan(4 << 20);
  expect(address).toContain(createHash("sha256").update(content).digest("hex").slice(0, 16));
});

test("one that changes while it is sent is cut off: under the name of a revision no other bytes come whole", async () => {
  const store = memory();
  let reads = 0;
  const observations = {
    ...store.observations,
    async *read(query: Parameters<typeof store.observations.read>[0]) {
      // The redirect, the knowing; then it is sent.
      if (++reads === 3) await store.observations.write([at(february(3), 99, 2)]);
      yield* store.observations.read(query);
    },
  };
  town = await startExampleTown({ store: { ...store, observations }, observations: many });
  const address = await current("2026-02.csv");
  await expect(ask(address).then((answer) => answer.bytes())).rejects.toThrow("terminated");
  expect((await ask(address)).status).toBe(410);
  const log = (await town.audit.list({ limit: 1 })).map(({ outcome }) => outcome);
  expect(log).toEqual(["failed"]);
});

test("a listing has the months of a year that are over and hold something, with their revisions", async () => {
  await start();
  const { body } = await town.get(`${path}?year=2026`);
  expect(body.items).toMatchObject([
    { period: "2026-01", rows: 1 },
    { period: "2026-02", rows: 501, href: await current("2026-02.csv") },
  ]);
  expect((await town.get(path)).body).toEqual(body);
});

test("a year is a file too, once it is over", async () => {
  await start();
  await town.write([at(Date.parse("2025-05-05T00:00:00Z"), 1)]);
  expect(await current("2025.parquet")).toMatch(/\/2025\.[0-9a-f]{16}\.parquet$/);
});

test.each(["2026-03.csv", "2026.csv", "2026-13.csv", "2026-02.exe", "2025-01.csv", "2026-02.csv.sha256x", "x"])(
  "%s is not there",
  async (file) => {
    await start();
    expect((await ask(`${path}/${file}`)).status).toBe(404);
  },
);

test("another operator's month answers as one that is not there", async () => {
  await start();
  const address = await current("2026-02.csv");
  const foreign = await town.token({ operator: "transport", scopes: ["export"] });
  const answers = await Promise.all(
    [address, `${path}/2026-02.csv`, path, "/api/v1/archive/nothing/water_level/2026-02.csv"].map((one) =>
      town.get(one, foreign),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});
