import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Child,
  createTemporaryFolder,
  eventually,
  findInfluxServers,
  findNatsServers,
  findProgram,
  startChild,
} from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { isAlive } from "./process-identity.ts";
import type { RunFile } from "./run-file.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const example = fileURLToPath(new URL("../../examples/town.yaml", import.meta.url));
const limitMs = 180_000;
const hasServers =
  findProgram("mosquitto") !== undefined &&
  findNatsServers().some(({ path }) => path !== undefined) &&
  findInfluxServers().some(({ program }) => program !== undefined);

function start(dataDirectory: string, args: readonly string[]): Promise<Child> {
  const env = { MESSNETZ_DATA_DIR: dataDirectory, MESSNETZ_MQTT_PORT: "0", MESSNETZ_HTTP_PORT: "0" };
  return startChild(process.execPath, { args: [main, "--no-install", ...args], env });
}

async function runFileOf(dataDirectory: string): Promise<RunFile> {
  return JSON.parse(await readFile(join(dataDirectory, "run.json"), "utf8")) as RunFile;
}

async function countThings(dataDirectory: string, token: string): Promise<number> {
  const { api } = await runFileOf(dataDirectory);
  const response = await fetch(`${api}/api/v1/things?limit=1000`, { headers: { authorization: `Bearer ${token}` } });
  const { items } = (await response.json()) as { items: unknown[] };
  return items.length;
}

describe.skipIf(!hasServers)("npm run start:servers (without mosquitto, nats-server, influxd: not tried)", () => {
  it(
    "serves a town on processes of their own, after kill -9 of the whole as well, and ends all of them",
    async () => {
      await using folder = await createTemporaryFolder();
      const first = await start(folder.path, ["--no-demo", "--import", example]);
      await first.sees(/Messnetz is running on servers/, limitMs);
      const [token = ""] = /mn_\w+/.exec(first.output()) ?? [];
      const things = await countThings(folder.path, token);
      expect(things).toBeGreaterThan(30);
      const { parts } = await runFileOf(folder.path);
      expect(parts.map(({ name }) => name).toSorted()).toEqual(
        ["api", "energy", "traffic", "transit", "waste", "water", "influxd", "mosquitto", "nats", "writer"]
          .map((name) => (/^(energy|traffic|transit|waste|water)$/.test(name) ? `ingest-${name}` : name))
          .toSorted(),
      );
      await first.kill();
      expect(parts.some(isAlive)).toBe(true);

      const second = await start(folder.path, ["--no-demo"]);
      await second.sees(/Messnetz is running on servers/, limitMs);
      expect(second.output()).toContain("had left running");
      expect(second.output()).not.toMatch(/mn_\w+/);
      expect(await countThings(folder.path, token)).toBe(things);
      const { parts: others } = await runFileOf(folder.path);
      expect(await second.stop(60_000)).toEqual({ code: 0 });
      await eventually("all parts to be gone", () => [...parts, ...others].every((part) => !isAlive(part)));
    },
    limitMs * 2,
  );

  it(
    "refuses what is no argument, and a file that is not there, in words",
    async () => {
      await using folder = await createTemporaryFolder();
      const wrong = await start(folder.path, ["--nodemo"]);
      expect(await wrong.ended()).toEqual({ code: 1 });
      expect(wrong.output()).toContain("Usage: npm run start:servers");
      const missing = await start(folder.path, ["--no-demo", "--import", "nowhere.yaml"]);
      expect(await missing.ended()).toEqual({ code: 1 });
      expect(missing.output()).toMatch(/--import nowhere.yaml: expected a file that can be read/);
      expect(missing.output()).not.toMatch(/\bat .*\.ts:\d+/);
    },
    limitMs,
  );
});
