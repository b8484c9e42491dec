import { describe, expect, it } from "vitest";
import { createHealth } from "./health.ts";

describe("createHealth", () => {
  it("is ready when every check is well, and says which one is not and why", async () => {
    const health = createHealth({ timeoutMs: 1_000 });
    let full = false;
    health.add("registry", () => undefined);
    health.add("store", async () => {
      if (full) throw new Error("the disk is full");
    });
    expect(await health.ready()).toEqual({ ok: true, checks: { registry: { ok: true }, store: { ok: true } } });
    full = true;
    expect(await health.ready()).toEqual({
      ok: false,
      checks: { registry: { ok: true }, store: { ok: false, reason: "the disk is full" } },
    });
  });

  it("does not wait for a check that hangs, and tells it to stop", async () => {
    const health = createHealth({ timeoutMs: 5 });
    let stopped = false;
    health.add("store", async (signal) => {
      signal.addEventListener("abort", () => (stopped = true));
      await Promise.withResolvers<void>().promise;
    });
    expect(await health.ready()).toEqual({
      ok: false,
      checks: { store: { ok: false, reason: "no answer within 5 ms" } },
    });
    expect(stopped).toBe(true);
  });

  it("takes a check that throws at once for one that failed, and nothing is left to reject when its time is over", async () => {
    const health = createHealth({ timeoutMs: 5 });
    health.add("store", () => {
      throw new Error("closed");
    });
    health.add("hangs", async () => Promise.withResolvers<void>().promise);
    const unheard: unknown[] = [];
    const hear = (reason: unknown): unknown => unheard.push(reason);
    process.on("unhandledRejection", hear);
    try {
      expect((await health.ready()).checks["store"]).toEqual({ ok: false, reason: "closed" });
      await new Promise((resolve) => setImmediate(resolve));
      expect(unheard).toEqual([]);
    } finally {
      process.off("unhandledRejection", hear);
    }
  });

  it("is not ready while it is held, but lives on", async () => {
    const health = createHealth({ timeoutMs: 1_000 });
    health.hold("closing");
    expect(await health.ready()).toEqual({ ok: false, checks: { process: { ok: false, reason: "closing" } } });
    expect(health.live().ok).toBe(true);
    health.hold(undefined);
    expect((await health.ready()).ok).toBe(true);
  });

  it("takes each name once", () => {
    const health = createHealth({ timeoutMs: 1_000 });
    health.add("store", () => undefined);
    expect(() => health.add("store", () => undefined)).toThrow(/taken/);
  });
});
