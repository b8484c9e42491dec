import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { anObservation, createTemporaryFolder } from "@messnetz/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

const program = fileURLToPath(new URL("../command/main.ts", import.meta.url));
const folder = await createTemporaryFolder();
let town: RunningTown;
let token: string;
beforeAll(async () => {
  const observations = ["weir-1/water_level", "weir-2/water_level"].flatMap((datastream) =>
    Array.from({ length: 10_000 }, (_, n) =>
      // Every tenth instant has two results, which must not be taken for one.
      anObservation({
        datastream,
        phenomenonTime: noon + (n - (n % 10 === 1 ? 1 : 0)) * 1000,
        ordinal: n % 10 === 1 ? 1 : 0,
        result: n,
      }),
    ),
  );
  const words = ['free, "or not"', "two\r\nlines", "weir-1/water_level,x,y,z,2026-03-28T12:00:00.000Z,"].map(
    (result, n) => anObservation({ datastream: "weir-2/traffic_state", phenomenonTime: noon + n, result }),
  );
  town = await startExampleTown({ observations: [...observations, ...words] });
  token = await town.token();
});
afterAll(async () => {
  await town.close();
  await folder.remove();
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function messnetz(args: readonly string[], url = town.base): Promise<Outcome> {
  const env = { PATH: process.env["PATH"], MESSNETZ_URL: url, MESSNETZ_TOKEN: token };
  return promisify(execFile)(process.execPath, [program, "export", ...args], { env, cwd: folder.path }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Outcome,
  );
}

/** Hands every byte on, until one answer has had so many: then it cuts the connection, and the next answer has the next number. */
async function openCuttingProxy(limits: readonly number[]): Promise<{ readonly url: string; readonly server: Server }> {
  const { port } = new URL(town.base);
  const left = [...limits];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), "127.0.0.1");
    let budget = left.shift() ?? Number.POSITIVE_INFINITY;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on("data", (piece: Buffer) => {
      const part = piece.subarray(0, Math.min(piece.length, budget));
      budget -= part.length;
      client.write(part);
      if (budget > 0) return;
      client.end();
      upstream.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.on("close", () => sockets.forEach((socket) => socket.destroy()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function expected(query: string): Promise<Buffer> {
  const answer = await fetch(`${town.base}/api/v1/${query}`, { headers: { authorization: `Bearer ${token}` } });
  return Buffer.from(await answer.arrayBuffer());
}

test("a file gets its name and its bytes from the town, and nothing else is left", async () => {
  const { code, stdout, stderr } = await messnetz(["--domain", "water", "--property", "water_level"]);
  expect([code, stdout]).toEqual([0, `${join(folder.path, "water_water_level_all.csv")}\n`]);
  expect(stderr).toMatch(/20,001 rows, \d\.\d MB, \d+\.\d MB\/s/);
  const saved = await readFile(join(folder.path, "water_water_level_all.csv"));
  expect(saved.equals(await expected("observations/export?domain=water&property=water_level"))).toBe(true);
  expect((await readdir(folder.path)).filter((name) => name.endsWith(".part"))).toEqual([]);
  const again = await messnetz(["--domain", "water", "--property", "water_level"]);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("no such file yet")]);
});

test.each([
  ["csv", ["--format", "csv"]],
  ["ndjson", ["--format", "ndjson"]],
  ["parquet", ["--format", "parquet"]],
  ["csv.gz", ["--compression", "gzip"]],
])("%s comes whole through a connection that breaks again and again", { timeout: 60_000 }, async (extension, args) => {
  const { url, server } = await openCuttingProxy([1500, 900_000]);
  const name = `broken.${extension}`;
  const { code, stderr } = await messnetz(["--thing", "weir-1,weir-2", "--out", name, ...args], url);
  server.close();
  expect([code, stderr]).toEqual([0, expect.stringContaining("The connection broke")]);
  const query = new URLSearchParams(args.map((arg) => arg.replace("--", "")).join("=")).toString();
  const saved = await readFile(join(folder.path, name));
  if (extension === "parquet") expect(saved.subarray(-4).toString()).toBe("PAR1");
  else expect(saved.equals(await expected(`observations/export?thing=weir-1,weir-2&${query}`))).toBe(true);
  if (extension === "csv" || extension === "ndjson") expect(stderr).toContain("It goes on after weir-1/water_level@");
});

test("a town that refuses, or is not there, is told, and leaves no file", async () => {
  const before = await readdir(folder.path);
  const refused = await messnetz(["--thing", "nothing-1"]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("a thing that is there")]);
  const wrong = await messnetz(["--format", "docx"]);
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("format: expected")]);
  expect(await readdir(folder.path)).toEqual(before);
});

test("aggregates are a file too, and --replace takes the place of the one that is there", async () => {
  await writeFile(join(folder.path, "days.ndjson"), "old");
  const args = ["--property", "water_level", "--window", "hour", "--span", "2026-03-28", "--format", "ndjson"];
  const { code, stderr } = await messnetz([...args, "--out", "days.ndjson", "--replace"]);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  const lines = (await readFile(join(folder.path, "days.ndjson"), "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(48);
});
