import { createTemporaryFolder, startChild } from "@messnetz/testing";
import { expect, it } from "vitest";
import { identify } from "./process-identity.ts";
import { endLeftovers, identifyParts, writeRunFile } from "./run-file.ts";

const rest = { api: "http://127.0.0.1:8080", doors: {}, mosquitto: "mqtt://127.0.0.1:1883" };
const program = ["-e", "console.log('up'); setInterval(() => {}, 1000)"];

it("ends what a start that was killed has left running, and nothing that only has the same number", async () => {
  await using folder = await createTemporaryFolder();
  await using left = await startChild(process.execPath, { args: program });
  await using stranger = await startChild(process.execPath, { args: program });
  await Promise.all([left.sees(/up/), stranger.sees(/up/)]);
  const [known] = identifyParts([{ name: "writer", pid: left.pid }]);
  await writeRunFile(folder.path, {
    ...rest,
    region: { pid: process.pid, startedAt: "long ago" },
    parts: [known!, { name: "api", pid: stranger.pid, startedAt: "1" }],
  });
  expect(await endLeftovers(folder.path)).toEqual(["writer"]);
  expect(await left.ended()).toEqual({ signal: "SIGTERM" });
  expect(identify(stranger.pid)).toBeDefined();
  expect(await endLeftovers(folder.path)).toEqual([]);
});

it("leaves a region alone that is still there, and says where it is", async () => {
  await using folder = await createTemporaryFolder();
  await using other = await startChild(process.execPath, { args: program });
  await other.sees(/up/);
  await writeRunFile(folder.path, { ...rest, region: identify(other.pid), parts: [] });
  await expect(endLeftovers(folder.path)).rejects.toThrow(/is running on .* already \(process \d+/);
});
