import { join } from "node:path";
import { createTemporaryFolder, eventually } from "@messnetz/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createPart, type PartEvent, type SupervisedPart } from "./part.ts";

const opened: SupervisedPart[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((part) => part.stop()));
});

/** A program that serves when it has said so. */
async function openPart(script: string) {
  const folder = await createTemporaryFolder();
  const events: PartEvent[] = [];
  let changes = 0;
  const part: SupervisedPart = createPart(
    {
      name: "program",
      command: process.execPath,
      args: ["-e", script],
      env: {},
      async check() {
        if (!part.tail(1).includes("up")) throw new Error("not up");
      },
    },
    {
      logFile: join(folder.path, "logs", "program.log"),
      onEvent: (event) => events.push(event),
      onChange: () => changes++,
    },
  );
  opened.push(part);
  return { part, events, changes: () => changes, folder };
}

const serving = "console.log('up'); setInterval(() => {}, 1000)";

describe("a part", () => {
  it("that is killed from outside is started again, and that is told with its last lines", async () => {
    const { part, events, folder } = await openPart(`console.log('hello'); ${serving}`);
    part.start();
    await part.ready();
    const first = part.pid!;
    process.kill(first, "SIGKILL");
    await eventually("it to be back", () => events.some(({ kind }) => kind === "back"));
    expect(part.pid).not.toBe(first);
    expect(part.starts).toBe(2);
    expect(events[0]).toMatchObject({ kind: "died", how: "by SIGKILL", lastLines: ["hello", "up"] });
    await folder.remove();
  });

  it("that ends again and again is started at longer and longer intervals, and its start fails with its own words", async () => {
    const { part, events } = await openPart("console.error('no such port'); process.exitCode = 3");
    part.start();
    await expect(part.ready()).rejects.toThrow(/program does not serve: it has ended 3 times[^]*no such port/);
    await part.stop();
    const pauses = events.flatMap((event) => (event.kind === "died" ? [event.againInMs] : []));
    expect(pauses.slice(0, 3)).toEqual([200, 400, 800]);
    expect(events[0]).toMatchObject({ how: "with exit code 3" });
  });

  it("that cannot be started at all says so", async () => {
    const folder = await createTemporaryFolder();
    const part = createPart(
      { name: "nothing", command: "/no/such/program", args: [], env: {}, check: () => Promise.reject(new Error("no")) },
      { logFile: join(folder.path, "log"), onEvent: () => {}, onChange: () => {} },
    );
    opened.push(part);
    part.start();
    await expect(part.ready()).rejects.toThrow(/nothing does not serve: it has ended 3 times/);
    await part.stop();
    await folder.remove();
  });

  it("that is ended on purpose stays away until it is started again", async () => {
    const { part, events } = await openPart(serving);
    part.start();
    await part.ready();
    await part.kill();
    expect([part.isRunning, part.pid, events]).toEqual([false, undefined, []]);
    await part.restart();
    expect([part.isRunning, part.starts]).toEqual([true, 2]);
  });

  it("is asked to end by SIGTERM, and may finish what it has in hand", async () => {
    const { part } = await openPart(
      `process.on('SIGTERM', () => { console.log('done'); process.exit(0); }); ${serving}`,
    );
    part.start();
    await part.ready();
    await part.stop();
    expect(part.tail(1)).toEqual(["done"]);
  });

  it("does not see the settings of the process that runs it", async () => {
    process.env["MESSNETZ_REGION_TEST"] = "seen";
    const { part } = await openPart(`console.log(process.env.MESSNETZ_REGION_TEST ?? 'hidden'); ${serving}`);
    part.start();
    await part.ready();
    delete process.env["MESSNETZ_REGION_TEST"];
    expect(part.tail(2)).toEqual(["hidden", "up"]);
  });
});
