import { connect } from "node:net";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  createFakeClock,
  createTemporaryFolder,
  eventually,
  freePort,
  hasMosquitto,
  startChild,
  startMosquitto,
} from "./index.ts";

describe("eventually", () => {
  it("gives the first answer", async () => {
    let looks = 0;
    expect(await eventually("three looks", () => (++looks === 3 ? looks : undefined))).toBe(3);
  });

  it("says what it waited for and what went wrong last", async () => {
    const failing = eventually("a miracle", () => Promise.reject(new Error("not yet")), 30);
    await expect(failing).rejects.toMatchObject({
      message: expect.stringContaining("a miracle"),
      cause: { message: "not yet" },
    });
  });
});

describe("a child process", () => {
  const script = (text: string) => startChild(process.execPath, { args: ["-e", text] });

  it("is heard, and ends with its exit code", async () => {
    const child = await script("console.log('ready at 4711'); process.exitCode = 3");
    expect((await child.sees(/ready at (\d+)/))[1]).toBe("4711");
    expect(await child.ended()).toEqual({ code: 3 });
  });

  it("that ends without the awaited words makes the wait fail with what it wrote", async () => {
    const child = await script("console.error('no such port')");
    await expect(child.sees(/ready/)).rejects.toThrow("no such port");
  });

  it("is killed without a chance to tidy up", async () => {
    const child = await script("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')");
    await child.sees(/up/);
    expect(await child.kill()).toEqual({ signal: "SIGKILL" });
  });
});

it("a temporary folder is gone at the end of its block", async () => {
  let path: string;
  {
    await using folder = await createTemporaryFolder();
    path = folder.path;
    expect(existsSync(path)).toBe(true);
  }
  expect(existsSync(path)).toBe(false);
});

it("a fake clock stands still until it is moved", () => {
  const clock = createFakeClock(1000);
  clock.advance(500);
  expect([clock.now(), clock.now()]).toEqual([1500, 1500]);
});

it("a free port refuses connections: nobody is there", async () => {
  const socket = connect(await freePort(), "127.0.0.1");
  await expect(once(socket, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

it.skipIf(!hasMosquitto())("mosquitto is up when it is handed out, and gone after stop", async () => {
  const mosquitto = await startMosquitto();
  const socket = connect(mosquitto.port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
  await mosquitto.stop();
  expect(await mosquitto.child.ended()).toBeDefined();
});
