import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { createMemoryStore } from "../memory.ts";
import type { EmbeddedStore } from "../port.ts";
import { collect } from "../samples.fixture.ts";
import { openDuckDbStore } from "./store.ts";
import { trialBatch, trialOptions } from "./trial-batches.fixture.ts";

const rounds = process.env["MESSNETZ_TRIALS"] === "full" ? 25 : 3;
const maxLifeMs = 800;
const committing = join(import.meta.dirname, "committing-process.fixture.ts");
const directory = await mkdtemp(join(tmpdir(), "messnetz-kill-"));
afterAll(() => rm(directory, { recursive: true }));

/** Lets a process commit from batch `from` on, kills it at a random moment after `least` batches, and says which batch was the last it had resolved. */
async function commitUntilKilled(from: number, least: number): Promise<number> {
  const child = spawn(process.execPath, [committing, directory, String(from)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = from - 1;
  const lines = createInterface(child.stdout);
  const opened = once(lines, "line");
  await opened;
  lines.on("line", (line) => (last = Number(line)));
  while (last < from + least - 1) await once(lines, "line");
  // The moment of the kill is the subject: any is good.
  await delay(Math.random() * maxLifeMs);
  const exited = once(child, "exit");
  const closed = once(lines, "close");
  child.kill("SIGKILL");
  await Promise.all([exited, closed]);
  return last;
}

async function everything(store: EmbeddedStore): Promise<unknown> {
  return {
    ledger: await store.ledger.rows({}),
    quarantine: await store.quarantine.list({ limit: 100_000 }),
    sessions: await store.sessions.load(),
    latest: await store.observations.latest({}),
    rows: await collect(store.observations.read({})),
  };
}

it(
  "keeps every resolved commit whole and once, and the ledger balanced, whenever it is killed",
  { timeout: 900_000 },
  async () => {
    const oracle = createMemoryStore(trialOptions);
    let committed = 0;
    for (let round = 0; round < rounds; round++) {
      // Every other one may be killed in its first commit; the others leave something behind on a slow machine too.
      const resolved = await commitUntilKilled(committed, round % 2 === 0 ? 3 : 0);
      const store = await openDuckDbStore({ ...trialOptions, directory });
      const received = (await store.ledger.rows({})).reduce((sum, row) => sum + row.received, 0);
      const found = received / trialBatch(0).messages.length;
      // The batch in flight may have become durable before it could be said.
      expect([resolved + 1, resolved + 2]).toContain(found);
      for (; committed < found; committed++) await oracle.intake.commit(trialBatch(committed));
      expect(await everything(store)).toEqual(await everything(oracle));
      await store.close();
    }
    expect(committed).toBeGreaterThan(rounds);
  },
);
