import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { createHealth } from "./health.ts";
import { createMetrics } from "./metrics.ts";
import { openOperationsServer } from "./operations-server.ts";

async function open() {
  const health = createHealth({ timeoutMs: 100 });
  const metrics = createMetrics({ process: false });
  const told: string[] = [];
  const server = await openOperationsServer({
    host: "127.0.0.1",
    port: 0,
    health,
    metrics,
    requestTimeoutMs: 200,
    onNotReady: (checks) => told.push(Object.keys(checks).join()),
  });
  const base = `http://127.0.0.1:${server.address().port}`;
  return { health, metrics, told, base, server, [Symbol.asyncDispose]: () => server.close() };
}

describe("openOperationsServer", () => {
  it("says that the process lives, also while it cannot work", async () => {
    await using trial = await open();
    trial.health.add("store", () => Promise.reject(new Error("nats is away")));
    for (const path of ["/health", "/healthz?x=1"]) {
      const response = await fetch(trial.base + path);
      expect([response.status, await response.json()]).toEqual([200, { ok: true, checks: {} }]);
    }
  });

  it("says whether it can work and why not, and tells of a change once", async () => {
    await using trial = await open();
    let trouble: Error | undefined = new Error("nats is away");
    trial.health.add("nats", () => {
      if (trouble !== undefined) throw trouble;
    });
    for (const path of ["/ready", "/readyz"]) {
      const response = await fetch(trial.base + path);
      const checks = { nats: { ok: false, reason: "nats is away" } };
      expect([response.status, await response.json()]).toEqual([503, { ok: false, checks }]);
    }
    expect(trial.told).toEqual(["nats"]);
    trouble = undefined;
    expect((await fetch(`${trial.base}/ready`)).status).toBe(200);
  });

  it("serves metrics in the text format of Prometheus", async () => {
    await using trial = await open();
    trial.metrics.counter({ name: "messages_total", help: "h", labels: {} }).add({}, 3);
    const response = await fetch(`${trial.base}/metrics`);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await response.text()).toContain("messages_total 3");
  });

  it("answers no other path and no other method", async () => {
    await using trial = await open();
    expect((await fetch(`${trial.base}/`)).status).toBe(404);
    expect((await fetch(`${trial.base}/metrics`, { method: "POST", body: "x" })).status).toBe(405);
    const head = await fetch(`${trial.base}/health`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("answers though others ask without end and read nothing", async () => {
    await using trial = await open();
    const { port } = trial.server.address();
    const sockets = Array.from({ length: 64 }, () => {
      const socket = connect(port, "127.0.0.1").pause();
      socket.on("error", () => {});
      socket.write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2000));
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    // It may be turned away as long as the others are: it asks again.
    const ask = () => fetch(`${trial.base}/health`, { signal: AbortSignal.timeout(15_000) });
    expect((await vi.waitFor(ask, { timeout: 60_000 })).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it("closes at once, also with connections that say nothing", async () => {
    const trial = await open();
    const socket = connect(trial.server.address().port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    await trial.server.close();
    await expect(fetch(`${trial.base}/health`)).rejects.toThrow("fetch failed");
  });

  it("rejects where the port is taken", async () => {
    await using trial = await open();
    const { port } = trial.server.address();
    const options = { host: "127.0.0.1", port, health: trial.health, metrics: trial.metrics };
    await expect(openOperationsServer(options)).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
