import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DuckDBInstance } from "@duckdb/node-api";
import type { IntakeBatch } from "@messnetz/model";
import { afterAll, describe, expect, it } from "vitest";
import { StoreFileError, StoreLockedError, StoreUnavailableError } from "../errors.ts";
import type { EmbeddedStoreOptions, StoreEvent } from "../port.ts";
import { batch, collect, message, observation, series, start } from "../samples.fixture.ts";
import { databaseFile } from "./options.ts";
import { openDuckDbStore } from "./store.ts";

const root = await mkdtemp(join(tmpdir(), "messnetz-faults-"));
afterAll(() => rm(root, { recursive: true }));
const options: EmbeddedStoreOptions = { quarantine: { maxBytes: 1e6, maxAgeMs: 1e12 } };

describe("a data directory", () => {
  it("belongs to one process at a time", async () => {
    const directory = join(root, "locked");
    const child = spawn(process.execPath, [join(import.meta.dirname, "committing-process.fixture.ts"), directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(createInterface(child.stdout), "line");
    await expect(openDuckDbStore({ ...options, directory })).rejects.toThrow(StoreLockedError);
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    const store = await openDuckDbStore({ ...options, directory });
    await store.close();
  });

  it.each([
    ["text", Buffer.from("not a database ".repeat(1000))],
    ["half a header", Buffer.alloc(100)],
  ])("that holds %s instead of a database is named and left alone", async (name, content) => {
    const directory = join(root, name);
    const path = join(directory, databaseFile);
    await mkdir(directory);
    await writeFile(path, content);
    const opening = openDuckDbStore({ ...options, directory });
    await expect(opening).rejects.toThrow(StoreFileError);
    await expect(opening).rejects.toThrow(path);
    expect(await readFile(path)).toEqual(content);
  });

  it("with a damaged database is named and left alone", async () => {
    const directory = join(root, "damaged");
    const store = await openDuckDbStore({ ...options, directory });
    await store.observations.write(series("a/x", 5000));
    await store.close();
    const path = join(directory, databaseFile);
    const content = await readFile(path);
    content.fill(0x55, 4096 + 100);
    await writeFile(path, content);
    await expect(openDuckDbStore({ ...options, directory })).rejects.toThrow(StoreFileError);
    expect(await readFile(path)).toEqual(content);
  });

  it("with a database of somebody else is named and left alone", async () => {
    const directory = join(root, "foreign");
    await mkdir(directory);
    const path = join(directory, databaseFile);
    const foreign = await DuckDBInstance.create(path);
    const connection = await foreign.connect();
    await connection.run("CREATE TABLE shop (id INTEGER)");
    connection.closeSync();
    foreign.closeSync();
    await expect(openDuckDbStore({ ...options, directory })).rejects.toThrow(StoreFileError);
    expect(await readdir(directory)).toEqual([databaseFile]);
  });
});

describe("a closed store", () => {
  it("says so to everybody who asks", async () => {
    const store = await openDuckDbStore({ ...options, directory: join(root, "closed") });
    await store.close();
    await store.close();
    await expect(store.intake.commit(batch())).rejects.toThrow(StoreUnavailableError);
    await expect(store.check()).rejects.toThrow(StoreUnavailableError);
    await expect(collect(store.observations.read({}))).rejects.toThrow(StoreUnavailableError);
    await expect(store.observations.latest({})).rejects.toThrow(StoreUnavailableError);
  });
});

const small = join(root, "small");
await mkdir(small);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", small]).status === 0;
if (!mounted)
  process.stderr.write("SKIPPED: a small file system cannot be mounted here; what a full disk does is not shown\n");

describe.skipIf(!mounted)("a full disk", () => {
  afterAll(() => void spawnSync("umount", ["-l", small]));

  function noise(n: number): IntakeBatch {
    const rows = Array.from({ length: 5000 }, (_, k) =>
      observation({ datastream: `noise/x.${k % 50}`, phenomenonTime: start + n * 1000 + k, result: Math.random() }),
    );
    return batch(
      message({ observations: [observation({ datastream: "mark/x", phenomenonTime: start + n, result: n }), ...rows] }),
    );
  }

  it(
    "stops commits, loses none that resolved, and goes on without a restart when there is room",
    { timeout: 120_000 },
    async () => {
      const events: StoreEvent[] = [];
      const store = await openDuckDbStore({
        ...options,
        directory: join(small, "data"),
        checkpointMb: 2,
        onEvent: (event) => events.push(event),
      });
      let resolved = 0;
      let failed: IntakeBatch | undefined;
      while (failed === undefined) {
        const next = noise(resolved);
        await store.intake.commit(next).then(
          () => resolved++,
          (cause: unknown) => {
            expect(cause).toBeInstanceOf(StoreUnavailableError);
            failed = next;
          },
        );
      }
      // What failed may be durable all the same; what resolved is.
      const [newest] = await store.observations.latest({ things: ["mark"] });
      expect(newest?.result).toBeGreaterThanOrEqual(resolved - 1);

      expect(spawnSync("mount", ["-o", "remount,size=200m", small]).status).toBe(0);
      expect(await store.intake.commit(failed)).toMatchObject({ outcomes: { stored: 1 } });
      await store.intake.commit(noise(++resolved));
      const marks = (await collect(store.observations.read({ things: ["mark"] }))).map(({ result }) => result);
      expect(marks).toEqual(Array.from({ length: resolved + 1 }, (_, n) => n));
      expect(events.length).toBeGreaterThan(0);
      expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(["reopened"]));
      const [row] = await store.ledger.rows({});
      expect(row).toMatchObject({ received: resolved + 1, stored: resolved + 1 });
      await store.close();
    },
  );
});
