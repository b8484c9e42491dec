import { createHash } from "node:crypto";
import { get as httpGet, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { exportFormats } from "@messnetz/exports";
import { anObservation } from "@messnetz/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

let town: RunningTown;
let token: string;
beforeAll(async () => {
  const at = (datastream: string, minute: number, result: number, ordinal = 0) =>
    anObservation({ datastream, phenomenonTime: noon + minute * 60_000, result, ordinal });
  town = await startExampleTown({
    observations: [
      ...Array.from({ length: 200 }, (_, n) => at("weir-1/water_level", n, n / 4)),
      at("weir-1/water_level", 7, 99, 1),
      at("weir-2/water_level", 5, 1),
      at("weir-2/water_level", 300, 2),
    ],
    limits: { exportsPerToken: 8 },
  });
  token = await town.token();
});
afterAll(() => town.close());

const path = "/api/v1/observations/export?domain=water";

/** As the bytes come, with trailers, which `fetch` does not show. */
async function download(more: string): Promise<{ readonly answer: IncomingMessage; readonly content: Buffer }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(town.base + path + more, { headers: { authorization: `Bearer ${token}` } }, resolve).on("error", reject);
  });
  return { answer, content: await buffer(answer) };
}

test.each(exportFormats.map(({ name }) => name))("%s carries the digest of its bytes as a trailer", async (format) => {
  const { answer, content } = await download(`&format=${format}`);
  expect([answer.statusCode, content.length > 200]).toEqual([200, true]);
  const digest = createHash("sha256").update(content).digest("base64");
  expect(answer.trailers["repr-digest"]).toBe(`sha-256=:${digest}:`);
});

test("a compressed file is the same file, and its digest that of the compressed one", async () => {
  const plain = await download("");
  const gzip = await download("&compression=gzip");
  const zstd = await download("&compression=zstd");
  expect(gunzipSync(gzip.content)).toEqual(plain.content);
  expect(zstdDecompressSync(zstd.content)).toEqual(plain.content);
  expect(gzip.answer.headers["content-type"]).toBe("application/gzip");
  expect(gzip.answer.headers["content-disposition"]).toContain('.csv.gz"');
  const digest = createHash("sha256").update(zstd.content).digest("base64");
  expect(zstd.answer.trailers["repr-digest"]).toBe(`sha-256=:${digest}:`);
  expect((await town.get(`${path}&format=parquet&compression=gzip`)).status).toBe(400);
});

test("the wide shape has a row for each instant and a column for each datastream", async () => {
  const { content } = await download("&shape=wide&from=2026-03-28T12:04:00Z&to=2026-03-28T12:08:00Z");
  expect(content.toString().trimEnd().split("\r\n")).toEqual([
    "phenomenon_time,weir-1/water_level,weir-2/water_level",
    "2026-03-28T12:04:00.000Z,1,",
    "2026-03-28T12:05:00.000Z,1.25,1",
    "2026-03-28T12:06:00.000Z,1.5,",
    "2026-03-28T12:07:00.000Z,1.75,",
    "2026-03-28T12:07:00.000Z,99,",
  ]);
});

test.each(["csv", "ndjson"])("%s that broke goes on after its last whole row, wherever it broke", async (format) => {
  const whole = (await download(`&format=${format}`)).content.toString();
  const lines = whole.trimEnd().split(/\r?\n/);
  const head = format === "csv" ? 1 : 0;
  for (const kept of [head + 1, head + 6, head + 9, lines.length - 2]) {
    const last = lines[kept - 1]!;
    const row = JSON.parse(
      format === "csv" ? JSON.stringify({ datastream: last.split(",")[0], phenomenonTime: last.split(",")[4] }) : last,
    ) as { datastream: string; phenomenonTime: string };
    const after = encodeURIComponent(`${row.datastream}@${row.phenomenonTime}`);
    const rest = (await download(`&format=${format}&after=${after}`)).content.toString().trimEnd().split(/\r?\n/);
    expect([...lines.slice(0, kept), ...rest.slice(head)]).toEqual(lines);
  }
});

test.each(["format=parquet", "shape=wide", "compression=gzip"])(
  "a file with %s cannot go on after a row",
  async (more) => {
    const { status, body } = await town.get(`${path}&${more}&after=weir-1/water_level@2026-03-28T12:00:00Z`);
    expect([status, body.mistakes?.[0]?.name]).toEqual([400, "after"]);
  },
);

test("a place that is none is refused", async () => {
  for (const after of ["x", "weir-1/water_level", "weir-1/water_level@noon", "@2026-03-28T12:00:00Z"])
    expect((await town.get(`${path}&after=${after}`)).status).toBe(400);
});

test("more datastreams than a wide file has columns for are refused with what to do instead", async () => {
  const many = Array.from({ length: 201 }, (_, n) =>
    anObservation({ datastream: `pump-1/water_level.${n}`, phenomenonTime: noon }),
  );
  await town.write(many);
  const { status, body } = await town.get("/api/v1/observations/export?thing=pump-1&shape=wide");
  expect(status).toBe(422);
  expect(body.detail).toContain("at most 200 datastreams in wide shape; came 201");
});
