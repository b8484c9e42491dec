import { zstdDecompressSync } from "node:zlib";
import { anObservation } from "@messnetz/testing";
import { afterEach, describe, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown, type TownContents } from "./example-town.fixture.ts";

let town: RunningTown;
afterEach(() => town.close());

const dayMs = 86_400_000;

async function start(contents: TownContents = {}): Promise<void> {
  const observations = Array.from({ length: 50 }, (_, n) =>
    anObservation({ datastream: "weir-1/water_level", phenomenonTime: noon - 20 * dayMs + n * dayMs, result: n }),
  );
  town = await startExampleTown({ observations, ...contents });
}

async function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(town.base + path, { headers: { authorization: `Bearer ${await town.token()}`, ...headers } });
}

const kept = [
  "/api/v1/latest",
  "/api/v1/observations?thing=weir-1",
  "/api/v1/things",
  "/api/v1/things/weir-1",
  "/api/v1/datastreams",
  "/api/v1/properties",
];

describe("an answer that may be kept", () => {
  test.each(kept)("%s has a tag, and who has it already gets nothing again", async (path) => {
    await start();
    const first = await ask(path);
    const tag = first.headers.get("etag")!;
    expect([first.status, tag]).toEqual([200, expect.stringMatching(/^W\/"[\w-]{27}"$/)]);
    expect(first.headers.get("cache-control")).toBe("private, no-cache");
    expect(first.headers.get("vary")).toContain("authorization");
    for (const header of [tag, tag.slice(2), `"x", ${tag}`, "*"]) {
      const again = await ask(path, { "if-none-match": header });
      expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", tag]);
    }
    expect((await ask(path, { "if-none-match": '"x"' })).status).toBe(200);
  });

  test("gets another tag with the next observation, also of the past", async () => {
    await start();
    const path = "/api/v1/observations?thing=weir-1&from=2026-03-01T00:00:00Z&to=2026-03-10T00:00:00Z";
    const tag = (await ask(path)).headers.get("etag")!;
    expect((await ask(path, { "if-none-match": tag })).status).toBe(304);
    await town.write([anObservation({ datastream: "weir-1/water_level", phenomenonTime: noon - 19.5 * dayMs })]);
    expect((await ask(path, { "if-none-match": tag })).status).toBe(200);
  });

  test("about a span that ended long ago may be used for some minutes, a younger one must be asked for", async () => {
    await start();
    const control = async (to: string) =>
      (await ask(`/api/v1/observations?thing=weir-1&from=2026-03-01T00:00:00Z&to=${to}`)).headers.get("cache-control");
    expect(await control("2026-03-21T12:00:00Z")).toBe("private, max-age=300");
    expect(await control("2026-03-21T12:00:01Z")).toBe("private, no-cache");
  });

  test("is not kept where it is a problem, a secret or another's business", async () => {
    await start();
    for (const path of ["/api/v1/tokens", "/api/v1/things/nothing", "/api/v1/audit", "/api/v1/quarantine"]) {
      const { headers } = await ask(path);
      expect([headers.get("cache-control"), headers.get("etag")]).toEqual(["no-store", null]);
    }
  });
});

describe("a compressed answer", () => {
  const path = "/api/v1/observations?thing=weir-1";

  test.each([
    ["gzip", "gzip"],
    ["gzip, deflate, br", "br"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["GZIP;q=0.1, zstd;q=0", "gzip"],
    ["*", "zstd"],
    ["*;q=0.5, zstd;q=0", "br"],
    ["deflate", null],
    ["gzip;q=0", null],
    ["gzip;q=x", null],
    ["identity", null],
  ])("to %j comes as %s", async (header, coding) => {
    await start();
    const answer = await ask(path, { "accept-encoding": header });
    expect(answer.headers.get("content-encoding")).toBe(coding);
    expect(answer.headers.get("vary")).toBe("authorization, accept-encoding");
    const content = Buffer.from(await answer.arrayBuffer());
    const text = content[0] === 0x28 ? zstdDecompressSync(content).toString() : content.toString();
    expect(text).toBe((await town.get(path)).text);
  });

  test("is what it is of, also when it is sent again, and when something changed in between", async () => {
    const observations = Array.from({ length: 20 }, (_, n) =>
      anObservation({ datastream: `weir-1/water_level.${n}`, phenomenonTime: noon, result: n }),
    );
    await start({ observations });
    const check = async () => {
      const plain = (await town.get("/api/v1/latest")).text;
      for (const coding of ["zstd", "zstd", "gzip", "gzip"]) {
        const answer = await ask("/api/v1/latest", { "accept-encoding": coding });
        expect(answer.headers.get("content-encoding")).toBe(coding);
        const content = Buffer.from(await answer.arrayBuffer());
        expect(content[0] === 0x28 ? zstdDecompressSync(content).toString() : content.toString()).toBe(plain);
      }
      return plain;
    };
    const before = await check();
    await town.write([{ ...observations[3]!, phenomenonTime: noon + 60_000, result: 99 }]);
    expect(await check()).not.toBe(before);
  });

  test("has the tag of the plain one", async () => {
    await start();
    const tag = (await ask(path, { "accept-encoding": "identity" })).headers.get("etag")!;
    expect((await ask(path, { "accept-encoding": "gzip" })).headers.get("etag")).toBe(tag);
    expect((await ask(path, { "accept-encoding": "gzip", "if-none-match": tag })).status).toBe(304);
  });

  test("is not made of what is small, or packed already", async () => {
    await start();
    expect(
      (await ask("/api/v1/things/weir-1", { "accept-encoding": "gzip" })).headers.get("content-encoding"),
    ).toBeNull();
    const parquet = await ask("/api/v1/observations/export?thing=weir-1&format=parquet", { "accept-encoding": "gzip" });
    expect(parquet.headers.get("content-encoding")).toBeNull();
    expect((await parquet.bytes()).subarray(0, 4).toString()).toBe("80,65,82,49");
  });

  test("is not made of a file: nobody on the way may change what its digest is over", async () => {
    await start();
    const answer = await ask("/api/v1/observations/export?thing=weir-1", { "accept-encoding": "br" });
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
  });
});
