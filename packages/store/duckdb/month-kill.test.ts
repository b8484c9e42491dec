import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { createMemoryStore } from "../memory.ts";
import type { EmbeddedStore } from "../port.ts";
import { aggregateRows, collect } from "../samples.fixture.ts";
import { openDuckDbStore } from "./store.ts";
import { closingOptions, scatteredRows } from "./trial-months.fixture.ts";

const rounds = process.env["MESSNETZ_TRIALS"] === "full" ? 40 : 1;
const maxLifeMs = 1500;
const closing = join(import.meta.dirname, "closing-process.fixture.ts");
const directory = await mkdtemp(join(tmpdir(), "messnetz-month-kill-"));
afterAll(() => rm(directory, { recursive: true }));

/** Lets a process write and close months until it is killed: at the step, or at a random moment. Says which write was the last it had resolved. */
async function workUntilKilled(from: number, step: readonly [string, number] | undefined): Promise<number> {
  const child = spawn(process.execPath, [closing, directory, String(from), ...(step ?? []).map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = from - 1;
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout);
  const closed = once(lines, "close");
  await once(lines, "line");
  lines.on("line", (line) => (last = Number(line)));
  if (step === undefined) {
    // The moment of the kill is the subject: any is good.
    await delay(Math.random() * maxLifeMs);
    child.kill("SIGKILL");
  }
  const [, signal] = (await exited) as [number | null, string | null];
  await closed;
  expect(signal).toBe("SIGKILL");
  return last;
}

async function everything({ observations }: EmbeddedStore): Promise<unknown> {
  return {
    rows: await collect(observations.read({})),
    count: await observations.count({}),
    latest: await observations.latest({}),
    hours: await aggregateRows(observations.aggregate({}, 3_600_000)),
  };
}

it(
  "loses nothing and doubles nothing, at whatever step of closing months it is killed, and leaves nothing lying about",
  { timeout: 900_000 },
  async () => {
    const oracle = createMemoryStore(closingOptions);
    const random = Array.from({ length: rounds }, () => undefined);
    const named = (["frozen", "written", "entered", "cleared"] as const).map((name, at) => [name, at + 1] as const);
    const steps = [...named, ...random];
    let written = 0;
    const revisions = new Map<string, number>();
    for (const step of steps) {
      const resolved = await workUntilKilled(written, step);
      for (; written <= resolved; written++) await oracle.observations.write(scatteredRows(written));
      const store = await openDuckDbStore({ ...closingOptions, directory });
      // The write in flight may have become durable before it could be said: it says so itself when it is repeated.
      await store.observations.write(scatteredRows(written));
      await oracle.observations.write(scatteredRows(written));
      written += 1;
      expect(await everything(store)).toEqual(await everything(oracle));
      const names = (await readdir(join(directory, "months"))).filter((name) => name.endsWith(".parquet"));
      const listed = store.months.list();
      const paths = listed.flatMap(({ files }) => files.map(({ path }) => path));
      expect(new Set(names.map((name) => join(directory, "months", name)))).toEqual(new Set(paths));
      for (const { month, revision } of listed) {
        expect(revision).toBeGreaterThanOrEqual(revisions.get(month) ?? 1);
        revisions.set(month, revision);
      }
      await store.close();
    }
    expect([...revisions.keys()]).toEqual(["2026-01", "2026-02", "2026-03"]);
  },
);
