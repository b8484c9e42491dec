import { execFile } from "node:child_process";
import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { createLoad, createPublisher, prepareTown, startTownProcess } from "@messnetz/bench";
import { createTemporaryFolder, eventually } from "@messnetz/testing";
import { expect, it } from "vitest";
import { createTownClient } from "./town-client.fixture.ts";

const run = promisify(execFile);
const diskMb = 64;
const leftBytes = 3_000_000;

async function mountSmallDisk(path: string): Promise<boolean> {
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${diskMb}m`, "tmpfs", path]);
    return true;
  } catch {
    // No right to mount here: said below.
    return false;
  }
}

it("acknowledges nothing that a full disk did not take, and goes on by itself when there is room again", async (context) => {
  await using folder = await createTemporaryFolder();
  if (!(await mountSmallDisk(folder.path))) {
    console.warn("LEFT OUT: the full disk; mounting a small one needs root");
    context.skip("mounting a small disk needs root");
  }
  try {
    const access = await prepareTown(folder.path);
    const ballast = join(folder.path, "ballast");
    const town = await startTownProcess(folder.path, { env: { MESSNETZ_INTAKE_CLOSE_AFTER_MS: "2000" } });
    await fill(folder.path, ballast);
    const acknowledged = new Set<number>();
    const publisher = createPublisher({
      ...town.run.mqtt,
      clientId: "filler",
      username: access.username,
      password: access.secret,
      window: 200,
      reconnects: true,
      next: createLoad({ devices: 10, firstDevice: 0, startsAt: Date.now() - 86_400_000 }),
      onAcknowledged: (tag) => void acknowledged.add(tag),
    });
    const client = createTownClient(town.url, access.token);
    await eventually(
      "the town to say that it is not ready",
      async () => {
        const reply = await fetch(`${town.url}/readyz`);
        return reply.status === 503;
      },
      60_000,
    );
    const then = acknowledged.size;
    await delay(500);
    expect(acknowledged.size).toBe(then);

    await rm(ballast);
    await eventually("messages to be acknowledged again", () => acknowledged.size > then + 200, 30_000);
    publisher.exhaust();
    await publisher.done;
    const stored = await client.loadTags();
    expect([...acknowledged].filter((tag) => !stored.has(tag))).toEqual([]);
    expect(stored.size).toBe(acknowledged.size);
    for (const row of await client.ledger())
      expect(row.received).toBe(row.stored + row.partial + row.skipped + row.duplicate + row.quarantined + row.refused);
    expect(await town.child.stop()).toEqual({ code: 0 });
  } finally {
    await run("umount", ["-l", folder.path]);
  }
}, 120_000);

/** Takes all the room of the disk but a little. */
async function fill(disk: string, file: string): Promise<void> {
  const { bavail, bsize } = await statfs(disk);
  const handle = await open(file, "w");
  try {
    const block = Buffer.alloc(100_000);
    for (let left = bavail * bsize - leftBytes; left > 0; left -= block.length) await handle.write(block);
  } finally {
    await handle.close();
  }
}
