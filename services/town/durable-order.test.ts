import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { prepareTown, startTownProcess } from "@messnetz/bench";
import { createTemporaryFolder, eventually, findProgram } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";

const strace = findProgram("strace");

const messages = 20;

/**
 * kill -9 proves nothing about the disk: the kernel keeps what was written. So the system calls are looked at: between the last write to
 * the log of the database and each PUBACK stands an fsync of it that has come back.
 */
it.skipIf(strace === undefined)(
  "writes, waits for fsync, and only then sends the PUBACK",
  async () => {
    await using folder = await createTemporaryFolder();
    const access = await prepareTown(folder.path);
    const trace = join(folder.path, "trace");
    const calls = "openat,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync";
    // -D: strace stands behind the town, so that signals reach the town.
    const wrap = [strace!, "-D", "-f", "-ttt", "-s", "8", "-y", "-o", trace, "-e", `trace=${calls}`];
    const town = await startTownProcess(folder.path, { wrap });
    try {
      const client = await connectAsync({ ...town.run.mqtt, username: access.username, password: access.secret });
      for (let n = 0; n < messages; n++) {
        const payload = `[{"bn":"urn:dev:mac:0024be0000000001:","n":"water_level","u":"m","v":${n}}]`;
        await client.publishAsync("t/1", payload, { qos: 1 });
      }
      await client.endAsync();
    } finally {
      await town.child.stop();
    }
    // strace stands behind the town, and writes the end of its file when the town has gone.
    const events = await eventually("the whole trace", async () => {
      const text = await readFile(trace, "utf8");
      return /\+\+\+ (exited|killed)[^\n]*\n$/.test(text) && readEvents(text);
    });
    const acknowledgements = events.filter((event) => event.kind === "puback");
    expect(acknowledgements.length).toBe(messages);
    let before = 0;
    for (const acknowledgement of acknowledgements) {
      const since = events.slice(before, acknowledgement.at).map((event) => event.kind);
      expect(since.lastIndexOf("sync"), since.join(" ")).toBeGreaterThan(since.lastIndexOf("write"));
      expect(since).toContain("write");
      before = acknowledgement.at;
    }
  },
  60_000,
);

interface TraceEvent {
  readonly kind: "write" | "sync" | "puback";
  readonly at: number;
}

/** What happened to the database's log and to the socket, in order. A call that was interrupted counts when it came back. */
function readEvents(text: string): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  const waiting = new Map<string, TraceEvent["kind"]>();
  const add = (kind: TraceEvent["kind"]) => void events.push({ kind, at: events.length });
  for (const line of text.split("\n")) {
    const [, thread = "", call = ""] = /^(\d+) +\d+\.\d+ (.*)$/.exec(line) ?? [];
    const resumed = waiting.get(thread);
    if (resumed !== undefined && call.startsWith("<...")) {
      waiting.delete(thread);
      add(resumed);
      continue;
    }
    const kind = kindOf(call);
    if (kind === undefined) continue;
    // A PUBACK counts from where it begins, all else from where it has ended.
    if (kind !== "puback" && call.includes("<unfinished")) waiting.set(thread, kind);
    else add(kind);
  }
  return events;
}

/** Of the calls that are traced; a PUBACK (MQTT 3.1.1, clause 3.4) is `@\\2` and the packet id, as strace writes bytes. */
function kindOf(call: string): TraceEvent["kind"] | undefined {
  const isLog = call.includes("messnetz.duckdb.wal");
  if (isLog && /^(f|fdata)sync\(/.test(call)) return "sync";
  if (isLog && /^p?write(64|v)?\(/.test(call)) return "write";
  return /^(write|writev|sendto|sendmsg)\(.*"@\\2/.test(call) ? "puback" : undefined;
}
