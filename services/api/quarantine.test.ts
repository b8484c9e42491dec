import { refusal } from "@messnetz/model";
import { aMessage, anIntakeMessage, eventually } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createExampleTown, noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";
import type { ReadableStore } from "./store-guard.ts";

const payload = new Uint8Array([0, 255, 60, 115, 99, 114, 105, 112, 116, 62]);
let town: RunningTown;
beforeAll(async () => {
  const broken = Array.from({ length: 5 }, (_, n) =>
    anIntakeMessage({
      message: aMessage({ source: "waterworks-door", receivedAt: noon + n, payload }),
      device: "dev:weir-1",
      observations: [],
      refusals: [refusal("malformed", "expected JSON", `message ${n}`)],
    }),
  );
  const good = anIntakeMessage({ message: aMessage({ source: "waterworks-door" }), device: "dev:weir-1" });
  town = await startExampleTown({ messages: [...broken, good] });
});
afterAll(() => town.close());

test("the quarantine is listed page by page, newest first, with reasons", async () => {
  const seen: unknown[] = [];
  let cursor = "";
  for (;;) {
    const { body } = await town.get(`/api/v1/quarantine?limit=2${cursor}`);
    seen.push(...(body.items ?? []).map(({ refusals }) => (refusals as { came: string }[])[0]!.came));
    if (body.next === undefined) break;
    cursor = `&cursor=${body.next}`;
  }
  expect(seen).toEqual(["message 4", "message 3", "message 2", "message 1", "message 0"]);
});

test("one message is there with its raw bytes, as a file that no browser runs", async () => {
  const id = String((await town.get("/api/v1/quarantine?limit=1")).body.items?.[0]?.["id"]);
  const path = `/api/v1/quarantine/${encodeURIComponent(id)}`;
  expect((await town.get(path)).body).toMatchObject({ source: "waterworks-door", payloadBytes: payload.length });
  const answer = await fetch(`${town.base}${path}/payload`, {
    headers: { authorization: `Bearer ${await town.token()}` },
  });
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(payload);
  expect(answer.headers.get("content-type")).toBe("application/octet-stream");
  expect(answer.headers.get("content-disposition")).toMatch(/^attachment/);
});

test("the ledger balances", async () => {
  const { body } = await town.get("/api/v1/ledger?source=waterworks-door");
  expect(body.items).toEqual([
    expect.objectContaining({
      source: "waterworks-door",
      device: "dev:weir-1",
      received: 6,
      stored: 1,
      quarantined: 5,
      observations: 1,
    }),
  ]);
  expect((await town.get("/api/v1/ledger?from=2027-01-01")).body.items).toEqual([]);
});

describe("a token of some domains", () => {
  const total = 50_000;
  const entries = Array.from({ length: total }, (_, n) => ({
    id: String(n),
    source: "waterworks-door",
    device: n === 30_000 || n === 49_999 ? "dev:weir-1" : "dev:pump-1",
    topic: "t",
    receivedAt: noon - n,
    refusals: [],
    payloadBytes: 0,
  }));

  /** A town whose quarantine counts its reads, and lets each wait for `turn`. */
  async function startCounting(turn: () => Promise<void> = async () => {}) {
    const reads: number[] = [];
    const { options, registry } = await createExampleTown();
    await registry.close();
    const list: ReadableStore["quarantine"]["list"] = async ({ before, limit }) => {
      reads.push(limit);
      await turn();
      const first = before === undefined ? 0 : Number(before.id) + 1;
      return entries.slice(first, first + limit);
    };
    const running = await startExampleTown({
      readable: { ...options.store, quarantine: { ...options.store.quarantine, list } },
    });
    return { running, reads, token: await running.token({ scopes: ["quarantine"], domains: ["water"] }) };
  }

  test("gets all that it may see, in pages of which none reads without end", async () => {
    const { running, reads, token } = await startCounting();
    const seen: unknown[] = [];
    let cursor = "";
    let pages = 0;
    for (;;) {
      const before = reads.length;
      const { body } = await running.get(`/api/v1/quarantine?limit=1${cursor}`, token);
      expect(reads.length - before).toBeLessThanOrEqual(20);
      pages++;
      seen.push(...(body.items ?? []).map(({ id }) => id));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual(["30000", "49999"]);
    expect(Math.min(...reads)).toBeGreaterThanOrEqual(1000);
    expect(pages).toBeLessThan(10);
    await running.close();
  });

  test("costs no more reads once it has gone", async () => {
    const gone = Promise.withResolvers<void>();
    const { running, reads, token } = await startCounting(async () => gone.promise);
    const request = new AbortController();
    const answer = fetch(`${running.base}/api/v1/quarantine?limit=1`, {
      headers: { authorization: `Bearer ${token}` },
      signal: request.signal,
    });
    await eventually("the first read", () => reads.length === 1);
    request.abort();
    await expect(answer).rejects.toThrow("aborted");
    // An answer on another connection: by then the server has seen the end of the first one.
    await running.get("/healthz");
    gone.resolve();
    await running.close();
    expect(reads).toHaveLength(1);
  });
});
