import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder, findProgram } from "@messnetz/testing";
import { connect, connectAsync, type IClientOptions } from "mqtt";
import { describe, expect, it } from "vitest";
import { type MosquittoAccount, prepareMosquitto } from "./mosquitto.ts";
import { createPart } from "./part.ts";
import { createPorts } from "./ports.ts";
import { readVersion } from "./program.ts";
import { openSecretFiles } from "./secret-files.ts";

describe("secrets", () => {
  it("are made once, differ, and only their owner can read them", async () => {
    await using folder = await createTemporaryFolder();
    const place = join(folder.path, "secrets");
    const first = await openSecretFiles(place);
    const made = [await first.secret("a"), await first.secret("b")];
    const again = await openSecretFiles(place);
    expect([await again.secret("a"), await again.secret("b")]).toEqual(made);
    expect(new Set(made).size).toBe(2);
    expect(made[0]).toMatch(/^[\w-]{32}$/);
    expect((await stat(place)).mode & 0o777).toBe(0o700);
    expect((await stat(first.path("a"))).mode & 0o777).toBe(0o600);
    expect(await first.find("c")).toBeUndefined();
  });
});

describe("ports", () => {
  it("are given out once, and none that is wanted and taken", async () => {
    const ports = createPorts();
    const free = await ports.take();
    expect(await ports.take(free)).toBeUndefined();
    expect(await ports.take()).not.toBe(free);
  });
});

describe.skipIf(findProgram("mosquitto") === undefined)("the region's mosquitto (without mosquitto: not tried)", () => {
  const accounts: readonly MosquittoAccount[] = [
    { name: "ingest-water", password: "reads", reads: ["#"] },
    { name: "water", password: "writes", writes: ["water/#"] },
  ];

  const optionsOf = (username?: string, password?: string): IClientOptions => ({
    protocolVersion: 5,
    reconnectPeriod: 0,
    clientId: username ?? "stranger",
    clean: false,
    properties: { sessionExpiryInterval: 3600 },
    ...(username === undefined ? {} : { username, password: password! }),
  });

  async function open() {
    const folder = await createTemporaryFolder();
    const port = (await createPorts().take())!;
    const program = (await readVersion(findProgram("mosquitto")!, ["-h"]))!;
    const spec = await prepareMosquitto({ program, folder: folder.path, port, accounts, lines: [] });
    const part = createPart(spec, { logFile: join(folder.path, "log"), onEvent: () => {}, onChange: () => {} });
    part.start();
    await part.ready();
    const url = `mqtt://127.0.0.1:${port}`;
    return {
      part,
      connect: (username?: string, password?: string) => connectAsync(url, optionsOf(username, password)),
      /** Not waited for: what listens is there before the first message comes. */
      dial: (username: string, password: string) => connect(url, optionsOf(username, password)),
      async [Symbol.asyncDispose]() {
        await part.stop();
        await folder.remove();
      },
    };
  }

  it("lets in those who know a password, and nobody else", async () => {
    await using mosquitto = await open();
    const client = await mosquitto.connect("water", "writes");
    await client.endAsync();
    await expect(mosquitto.connect("water", "guessed")).rejects.toThrow(/[Nn]ot authorized/);
    await expect(mosquitto.connect()).rejects.toThrow(/[Nn]ot authorized/);
  });

  it("takes from a sector's devices what is below its name, and shows them nothing", async () => {
    await using mosquitto = await open();
    const device = await mosquitto.connect("water", "writes");
    const reader = await mosquitto.connect("ingest-water", "reads");
    const seen: string[] = [];
    reader.on("message", (topic) => seen.push(topic));
    await reader.subscribeAsync("#", { qos: 1 });
    await expect(device.publishAsync("energy/1", "x", { qos: 1 })).rejects.toThrow(/[Nn]ot authorized/);
    await device.publishAsync("water/1", "x", { qos: 1 });
    await device.publishAsync("water/2", "x", { qos: 1 });
    await expect.poll(() => seen).toEqual(["water/1", "water/2"]);
    await Promise.all([device.endAsync(), reader.endAsync()]);
  });

  it("keeps what waits for an ingest service over its own end and start", async () => {
    await using mosquitto = await open();
    const reader = await mosquitto.connect("ingest-water", "reads");
    await reader.subscribeAsync("water/#", { qos: 1 });
    await reader.endAsync();
    const device = await mosquitto.connect("water", "writes");
    await device.publishAsync("water/1", "x", { qos: 1 });
    await device.endAsync();
    await mosquitto.part.restart();
    const seen: string[] = [];
    const client = mosquitto.dial("ingest-water", "reads").on("message", (topic) => seen.push(topic));
    await expect.poll(() => seen).toEqual(["water/1"]);
    await client.endAsync();
  });
});
