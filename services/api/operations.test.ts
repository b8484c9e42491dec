import { afterEach, expect, test } from "vitest";
import { createApi } from "./create-api.ts";
import { createExampleTown, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

let town: RunningTown | undefined;
afterEach(async () => {
  await town?.close();
  town = undefined;
});

async function from(path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(town!.base + path, { headers });
  return { status: answer.status, text: await answer.text() };
}

test("the process is alive while it is not ready, and says why on its own machine only", async () => {
  town = await startExampleTown();
  town.options.health.add("store", () => Promise.reject(new Error("the disk is full")));
  expect((await from("/healthz")).status).toBe(200);
  const here = await from("/readyz");
  expect(here.status).toBe(503);
  expect(here.text).toContain("the disk is full");
  const elsewhere = await from("/readyz", { "x-forwarded-for": "203.0.113.9" });
  expect(elsewhere.status).toBe(503);
  expect(elsewhere.text).not.toContain("disk");
});

test("metrics are for the machine itself, and for an admin from elsewhere", async () => {
  town = await startExampleTown();
  const proxied = { "x-forwarded-for": "203.0.113.9" };
  expect((await from("/metrics")).text).toContain("messnetz_api_requests_total");
  expect((await from("/metrics", proxied)).status).toBe(401);
  expect(
    (await from("/metrics", { ...proxied, authorization: `Bearer ${await town.token({ scopes: ["read"] })}` })).status,
  ).toBe(403);
  expect((await from("/metrics", { ...proxied, authorization: `Bearer ${await town.token()}` })).status).toBe(200);
});

test("wider than loopback without TLS it does not listen, and says what to set", async () => {
  const { options, registry } = await createExampleTown();
  const api = await createApi(options);
  await expect(api.listen("0.0.0.0", 0)).rejects.toThrow("MESSNETZ_HTTP_TLS_CERT");
  expect(api.address).toBeUndefined();
  await api.close();
  await registry.close();
});

test("after closing no new request is taken", async () => {
  town = await startExampleTown();
  const { base } = town;
  expect((await from("/healthz")).status).toBe(200);
  await town.close();
  town = undefined;
  await expect(fetch(`${base}/healthz`)).rejects.toThrow("fetch failed");
});
