import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder } from "@messnetz/testing";
import { expect, it } from "vitest";
import { findInfluxd } from "./find-influxd.ts";
import { findMosquitto } from "./find-mosquitto.ts";
import { findNatsServer } from "./find-nats-server.ts";
import { isAtLeast } from "./program.ts";

async function programs(versions: Readonly<Record<string, string>>) {
  const folder = await createTemporaryFolder();
  for (const [path, says] of Object.entries(versions)) {
    await mkdir(join(folder.path, path, ".."), { recursive: true });
    await writeFile(join(folder.path, path), `#!/bin/sh\necho "${says}"\n`);
    await chmod(join(folder.path, path), 0o755);
  }
  return folder;
}

function search(given: string | undefined, cache: string) {
  const said: string[] = [];
  return { given, install: false, say: (text: string) => void said.push(text), cache, said };
}

it("knows later versions from earlier ones by their numbers", () => {
  expect(isAtLeast("2.12.7", "2.12.7")).toBe(true);
  expect(isAtLeast("2.9.10", "2.10.0")).toBe(false);
  expect(isAtLeast("2.15.1", "2.9.10")).toBe(true);
});

it("takes the server that the person has named, and warns of an old nats-server with what it means", async () => {
  await using folder = await programs({ "nats-server": "nats-server: v2.9.10", influxd: "InfluxDB dev (git: none)" });
  const old = search(join(folder.path, "nats-server"), folder.path);
  expect(await findNatsServer(old)).toEqual({ path: join(folder.path, "nats-server"), version: "2.9.10" });
  expect(old.said.join()).toMatch(/2\.9\.10 is older than .*loss of power/);
  expect((await findInfluxd(search(join(folder.path, "influxd"), folder.path))).version).toBe("2.x");
});

it("prefers the newest nats-server, be it in the cache of earlier downloads", async () => {
  await using folder = await programs({ "nats-server": "nats-server: v99.0.0" });
  const quiet = search(undefined, folder.path);
  expect(await findNatsServer(quiet)).toEqual({ path: join(folder.path, "nats-server"), version: "99.0.0" });
  expect(quiet.said).toEqual([]);
});

it.each([
  ["mosquitto", findMosquitto, /apt-get install mosquitto.*MESSNETZ_REGION_MOSQUITTO/],
  ["nats-server", findNatsServer, /MESSNETZ_REGION_NATS_SERVER/],
  ["influxd", findInfluxd, /MESSNETZ_REGION_INFLUXD/],
] as const)("says what to do where %s is no such program", async (_name, find, says) => {
  await using folder = await programs({ wrong: "something else" });
  await expect(find(search(join(folder.path, "wrong"), folder.path))).rejects.toThrow(says);
});
