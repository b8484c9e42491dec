import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const directory = await mkdtemp(join(tmpdir(), "messnetz-durability-"));
afterAll(() => rm(directory, { recursive: true }));
const committing = join(import.meta.dirname, "committing-process.fixture.ts");
const batches = 60;

const canTrace = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
if (!canTrace)
  process.stderr.write(
    "SKIPPED: strace is not there or may not trace; that fsync comes before a commit resolves is not shown here\n",
  );

interface Call {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** System calls in the order of their end. */
function completedCalls(trace: string): Call[] {
  const unfinished = new Map<string, string>();
  const calls: Call[] = [];
  for (const line of trace.split("\n")) {
    const pid = line.slice(0, line.indexOf(" "));
    let text = line.slice(pid.length).trim();
    if (text.endsWith("<unfinished ...>")) {
      unfinished.set(pid, text);
      continue;
    }
    if (text.startsWith("<...")) text = unfinished.get(pid) ?? text;
    const [, name, path] = /^(\w+)\(\d+<([^>]*)>/.exec(text) ?? [];
    if (name !== undefined && path !== undefined) calls.push({ name, path, text });
  }
  return calls;
}

it.skipIf(!canTrace)(
  "has written and synced a commit's bytes before the commit resolves",
  { timeout: 120_000 },
  async () => {
    const traceFile = join(directory, "trace");
    const data = join(directory, "data");
    const calls = "write,pwrite64,writev,pwritev,fsync,fdatasync,sync_file_range";
    const trace = ["-f", "-y", "-s", "16", "-e", `trace=${calls}`, "-o", traceFile];
    await promisify(execFile)("strace", [...trace, process.execPath, committing, data, "0", String(batches)]);

    const dirty = new Set<string>();
    let synced = 0;
    let resolved = 0;
    for (const { name, path, text } of completedCalls(await readFile(traceFile, "utf8"))) {
      if (path.startsWith(join(data, "messnetz.duckdb"))) {
        if (name.includes("write")) dirty.add(path);
        else if (dirty.delete(path)) synced += 1;
      }
      if (!/, "\d+\\n", /.test(text) || path.startsWith(data)) continue;
      expect([...dirty], `written and not synced when commit ${resolved} resolved`).toEqual([]);
      expect(synced, `syncs between commit ${resolved - 1} and ${resolved}`).toBeGreaterThan(0);
      synced = 0;
      resolved += 1;
    }
    expect(resolved).toBe(batches);
  },
);
