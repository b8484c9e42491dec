import { refusal } from "@messnetz/model";
import { aMessage, anIntakeMessage } from "@messnetz/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

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
