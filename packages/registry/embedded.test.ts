import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbeddedRegistry } from "./embedded.ts";
import type { Registry } from "./port.ts";

const works = { id: "works", name: "Works" };
const thing = (id: string) => ({ id, name: id, domain: "water", operator: "works" }) as const;

describe("the embedded registry", () => {
  let dataDir: string;
  let opened: Registry[] = [];
  const file = (name: string): string => join(dataDir, name);

  beforeEach(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), "messnetz-registry-")), "data");
  });
  afterEach(async () => {
    await Promise.all(opened.map(async (registry) => registry.close()));
    opened = [];
    await rm(join(dataDir, ".."), { recursive: true });
  });

  async function open(pollMs = 1_000, lockWaitMs = 50): Promise<Registry> {
    const registry = await openEmbeddedRegistry({ dataDir, pollMs, lockWaitMs });
    opened.push(registry);
    return registry;
  }

  async function openWithOneThing(): Promise<Registry> {
    const registry = await open();
    await registry.putOperator(works);
    await registry.putThing(thing("a"));
    return registry;
  }

  it("keeps its files from the eyes of others, and no secret in them", async () => {
    const registry = await openWithOneThing();
    const { secret } = await registry.issueCredential({ id: "gateway", operator: "works", topics: ["#"], adopt: [] });
    const { token } = await registry.issueToken({ name: "t", operator: "*", scopes: ["admin"] });
    for (const name of ["registry.sqlite", "registry.sqlite-wal", "registry.key"]) {
      expect((await stat(file(name))).mode & 0o077).toBe(0);
      const content = (await readFile(file(name))).toString("latin1");
      expect(content).not.toContain(secret);
      expect(content).not.toContain(token.slice(14, 40));
    }
  });

  it("sees what another process writes, at the latest with its own next write", async () => {
    const one = await openWithOneThing();
    const two = await open(5);
    await two.putThing(thing("b"));
    expect(one.thing("b")).toBeUndefined();
    await one.putThing(thing("c"));
    expect(one.things({}).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    await expect.poll(() => two.things({}).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("gives way with an adoption where another process was first", async () => {
    const one = await openWithOneThing();
    const two = await open();
    await two.putOperator({ id: "lines", name: "Lines" });
    await two.putThing({ ...thing("bus"), operator: "lines" });
    await two.putDevice({ id: "hfp:1", thing: "bus" });
    const adopted = { device: { id: "hfp:1", thing: "own" }, thing: thing("own") };
    const kept = { device: { id: "hfp:2", thing: "own-2" }, thing: thing("own-2") };
    expect(one.adopt([adopted, kept])).toEqual([]);
    await one.flush();
    expect(one.device("hfp:1")?.thing.operator).toBe("lines");
    expect(one.device("hfp:2")?.thing.id).toBe("own-2");
  });

  it("says that the file is damaged", async () => {
    await (await openWithOneThing()).close();
    await truncate(file("registry.sqlite"), 5_000);
    await expect(open()).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringContaining("registry.sqlite"),
    });
    await writeFile(file("registry.sqlite"), "this is no database, and long enough to be told from one".repeat(100));
    await expect(open()).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining("backup") });
  });

  it("says that the file belongs to something else, or was written by a later version", async () => {
    await (await openWithOneThing()).close();
    const database = new DatabaseSync(file("registry.sqlite"));
    database.exec("pragma user_version = 99");
    await expect(open()).rejects.toMatchObject({ code: "newer_schema", message: expect.stringContaining("99") });
    database.exec("pragma user_version = 1; pragma application_id = 1");
    database.close();
    await expect(open()).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining("another SQLite") });
  });

  it("becomes one of this version where an earlier one wrote it", async () => {
    await (await openWithOneThing()).close();
    const version = (sql: string): unknown => {
      const database = new DatabaseSync(file("registry.sqlite"));
      const row = database.prepare(sql).get();
      database.close();
      return row?.["user_version"];
    };
    const current = version("pragma user_version");
    version("pragma user_version = 1");
    expect((await open()).thing("a")).toBeDefined();
    expect(version("pragma user_version")).toBe(current);
  });

  it("says which document is none", async () => {
    await (await openWithOneThing()).close();
    const database = new DatabaseSync(file("registry.sqlite"));
    database.exec(`update document set body = '{"id":"a"}' where kind = 'thing'`);
    database.close();
    await expect(open()).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining("thing a") });
  });

  it("does not open without its own key, and never makes another one for it", async () => {
    await (await openWithOneThing()).close();
    const key = await readFile(file("registry.key"));
    await unlink(file("registry.key"));
    await expect(open()).rejects.toMatchObject({ code: "key", message: expect.stringContaining("backup") });
    await writeFile(file("registry.key"), Buffer.alloc(32, 1), { mode: 0o600 });
    await expect(open()).rejects.toMatchObject({ code: "key", message: expect.stringContaining("another") });
    await writeFile(file("registry.key"), Buffer.alloc(7), { mode: 0o600 });
    await expect(open()).rejects.toMatchObject({ code: "key", message: expect.stringContaining("32 bytes") });
    await writeFile(file("registry.key"), key);
    await chmod(file("registry.key"), 0o644);
    await expect(open()).rejects.toMatchObject({ code: "key", message: expect.stringContaining("chmod 600") });
    await chmod(file("registry.key"), 0o600);
    expect((await open()).thing("a")).toBeDefined();
  });

  it("says that it cannot write, changes nothing then, and goes on when it can again", async () => {
    const registry = await openWithOneThing();
    registry.adopt([{ device: { id: "hfp:1", thing: "bus" }, thing: thing("bus") }]);
    const { version } = registry;
    const blocker = new DatabaseSync(file("registry.sqlite"));
    blocker.exec("begin immediate");
    await expect(registry.putThing(thing("b"))).rejects.toMatchObject({ code: "unwritable" });
    await expect(registry.flush()).rejects.toMatchObject({ code: "unwritable" });
    await expect(registry.check()).rejects.toMatchObject({ code: "unwritable" });
    expect([registry.thing("b"), registry.version]).toEqual([undefined, version]);
    blocker.exec("rollback");
    blocker.close();
    await registry.check();
    await registry.flush();
    await registry.close();
    expect((await open()).device("hfp:1")?.thing.id).toBe("bus");
  });

  it("waits for another process that is writing, and lets everything else run meanwhile", async () => {
    const registry = await openWithOneThing();
    const patient = await open(1_000, 60_000);
    const blocker = new DatabaseSync(file("registry.sqlite"));
    blocker.exec("begin immediate");
    const written = patient.putThing(thing("b"));
    await expect(registry.putThing(thing("c"))).rejects.toMatchObject({ code: "unwritable" });
    blocker.exec("rollback");
    blocker.close();
    await written;
    expect(patient.thing("b")).toBeDefined();
  });

  it("says that there is no folder to write to", async () => {
    await writeFile(join(dataDir, "..", "plain-file"), "");
    const below = openEmbeddedRegistry({ dataDir: join(dataDir, "..", "plain-file", "data") });
    await expect(below).rejects.toMatchObject({ code: "unwritable", message: expect.stringContaining("plain-file") });
    await mkdir(file("registry.sqlite"), { recursive: true });
    await expect(open()).rejects.toMatchObject({
      code: "unwritable",
      message: expect.stringContaining("registry.sqlite"),
    });
  });

  it("has everything that was said to be written after kill -9", async () => {
    await (await openWithOneThing()).close();
    const script = `
      import { openEmbeddedRegistry } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
      const registry = await openEmbeddedRegistry({ dataDir: ${JSON.stringify(dataDir)} });
      for (let n = 0; ; n++) {
        const thing = { id: process.argv[1] + n, name: "t", domain: "water", operator: "works" };
        if (n % 2 === 0) await registry.putThing(thing);
        else {
          registry.adopt([{ device: { id: "plain:" + thing.id, thing: thing.id }, thing }]);
          await registry.flush();
        }
        process.stdout.write(n + "\\n");
      }`;
    const rounds = process.env["MESSNETZ_TRIALS"] === "full" ? 20 : 2;
    for (let round = 0; round < rounds; round++) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script, `round-${round}-`], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.on("data", (data: Buffer) => {
        output += data.toString();
        if (output.length > 50 + 37 * round) child.kill("SIGKILL");
      });
      await once(child, "close");
      const last = output.split("\n").length - 2;
      const registry = await openEmbeddedRegistry({ dataDir });
      const missing = Array.from({ length: last + 1 }, (_, n) => `round-${round}-${n}`).filter(
        (id) => registry.thing(id) === undefined,
      );
      expect([missing, last > 5]).toEqual([[], true]);
      await registry.close();
    }
  }, 120_000);
});
