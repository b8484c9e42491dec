import { createLogger } from "@messnetz/runtime";
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

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test("the process is alive while it is not ready, and says why to an admin only, wherever it is asked from", async () => {
  const lines: string[] = [];
  const log = createLogger({
    service: "test",
    form: "json",
    level: "warn",
    output: { write: (line) => void lines.push(line) },
  });
  town = await startExampleTown({ log });
  town.options.health.add("store", () => Promise.reject(new Error("the disk is full")));
  expect((await from("/healthz")).status).toBe(200);
  const anybody = [{}, bearer("nonsense"), bearer(await town.token({ scopes: ["read"] }))];
  for (const headers of anybody)
    expect(await from("/readyz", headers)).toEqual({
      status: 503,
      text: '{"ok":false,"checks":{"store":{"ok":false}}}',
    });
  const admin = await from("/readyz", bearer(await town.token()));
  expect(admin.status).toBe(503);
  expect(admin.text).toContain("the disk is full");
  // Once, however often it is asked.
  expect(lines.filter((line) => line.includes("the disk is full"))).toHaveLength(1);
});

test("metrics are for an admin, also on the machine itself: a proxy stands there too", async () => {
  town = await startExampleTown();
  expect((await from("/metrics")).status).toBe(401);
  expect((await from("/metrics", bearer(await town.token({ scopes: ["read"] })))).status).toBe(403);
  const admin = await from("/metrics", bearer(await town.token()));
  expect(admin.text).toContain("messnetz_api_requests_total");
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
