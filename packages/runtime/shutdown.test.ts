import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { describe, expect, it } from "vitest";
import { createLogger } from "./log.ts";
import { createShutdown } from "./shutdown.ts";

const log = createLogger({ service: "test", form: "json", level: "silent" });

/** A process as `listen` sees it; `ended` resolves with the exit code. */
function createHost() {
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  return { ended, host: Object.assign(new EventEmitter(), { exit: (code: number) => resolve(code) }) };
}

describe("createShutdown", () => {
  it("closes in reverse order, one after the other, and only once", async () => {
    const shutdown = createShutdown({ log, stepTimeoutMs: 1_000 });
    const order: string[] = [];
    for (const name of ["store", "bus", "door"]) {
      shutdown.defer(name, async () => {
        order.push(`${name} closes`);
        await Promise.resolve();
        order.push(`${name} closed`);
      });
    }
    expect(await Promise.all([shutdown.close("test"), shutdown.close("again")])).toEqual([true, true]);
    expect(order).toEqual(["door", "bus", "store"].flatMap((name) => [`${name} closes`, `${name} closed`]));
  });

  it("says by its signal that closing begins, before anything is closed", async () => {
    const shutdown = createShutdown({ log, stepTimeoutMs: 1_000 });
    let aborted = false;
    shutdown.defer("door", () => void (aborted = shutdown.signal.aborted));
    expect(shutdown.signal.aborted).toBe(false);
    await shutdown.close("test");
    expect(aborted).toBe(true);
  });

  it("goes on past a step that fails and one that hangs, and says that not all went well", async () => {
    const shutdown = createShutdown({ log, stepTimeoutMs: 5 });
    const closed: string[] = [];
    shutdown.defer("store", () => void closed.push("store"));
    shutdown.defer("bus", () => {
      throw new Error("broken");
    });
    shutdown.defer("door", async () => Promise.withResolvers<void>().promise);
    expect(await shutdown.close("test")).toBe(false);
    expect(closed).toEqual(["store"]);
  });

  it("refuses to take on what is opened while it closes", async () => {
    const shutdown = createShutdown({ log, stepTimeoutMs: 1_000 });
    await shutdown.close("test");
    expect(() => shutdown.defer("late", () => undefined)).toThrow(/closing/);
  });

  it.each(["SIGTERM", "SIGINT"])("ends the process with 0 after %s has closed everything", async (name) => {
    const { host, ended } = createHost();
    const shutdown = createShutdown({ log, stepTimeoutMs: 1_000, process: host });
    const closed: string[] = [];
    shutdown.defer("store", () => void closed.push("store"));
    shutdown.listen();
    host.emit(name);
    expect([await ended, closed]).toEqual([0, ["store"]]);
  });

  it("ends the process with 1 when a step failed, or an error was caught by nobody", async () => {
    for (const cause of ["SIGTERM", "uncaughtException", "unhandledRejection"]) {
      const { host, ended } = createHost();
      const shutdown = createShutdown({ log, stepTimeoutMs: 1_000, process: host });
      shutdown.defer("store", async () => Promise.reject(new Error("broken")));
      shutdown.listen();
      host.emit(cause, new Error("bug"));
      expect(await ended).toBe(1);
    }
  });

  it("ends a process that cannot go on with 1, after everything is closed", async () => {
    const { host, ended } = createHost();
    const shutdown = createShutdown({ log, stepTimeoutMs: 1_000, process: host });
    const closed: string[] = [];
    shutdown.defer("store", () => void closed.push("store"));
    shutdown.fail("another process has its name");
    expect([await ended, closed, shutdown.signal.aborted]).toEqual([1, ["store"], true]);
  });

  it("ends the process at once with a second signal", async () => {
    const { host, ended } = createHost();
    let now = 5000;
    const shutdown = createShutdown({ log, stepTimeoutMs: 600_000, process: host, now: () => now });
    const { promise, resolve: release } = Promise.withResolvers<void>();
    shutdown.defer("store", async () => promise);
    shutdown.listen();
    host.emit("SIGINT");
    now += 2000;
    host.emit("SIGINT");
    expect(await ended).toBe(1);
    release();
  });

  it("takes an interrupt that the terminal and npm both send for one", async () => {
    const { host, ended } = createHost();
    const shutdown = createShutdown({ log, stepTimeoutMs: 600_000, process: host });
    const { promise, resolve: release } = Promise.withResolvers<void>();
    shutdown.defer("store", async () => promise);
    shutdown.listen();
    host.emit("SIGINT");
    host.emit("SIGINT");
    release();
    expect(await ended).toBe(0);
  });

  it("does so in a real process", async () => {
    const script = `
      import { createLogger, createShutdown } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
      const log = createLogger({ service: "child", form: "json", level: "info" });
      const shutdown = createShutdown({ log, stepTimeoutMs: 5000 });
      const server = (await import("node:net")).createServer().listen(0, "127.0.0.1", () => console.log("ready"));
      shutdown.defer("server", () => new Promise((resolve) => server.close(() => resolve())));
      shutdown.listen();`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (data: Buffer) => {
      if (output === "") child.kill("SIGTERM");
      output += data.toString();
    });
    const [code] = (await once(child, "close")) as [number | null];
    expect(code).toBe(0);
    expect(output).toMatch(/ready\n.*"closing"\}\n.*"closed"\}\n$/);
  });
});
