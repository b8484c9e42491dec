import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadOwnAndBroughtProfiles } from "./load-profiles.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "profiles-"));
  await mkdir(join(folder, "brook"));
});
afterEach(() => rm(folder, { recursive: true }));

function write(codec: string): Promise<void> {
  const lines = [
    "profile: brook/probe",
    "revision: 1",
    "title: Probe",
    "documentation: https://example.org",
    "match: { names: [brook probe] }",
    "fields: {}",
    `codec: ${codec}`,
    "examples: [{ name: none, decoded: {}, expect: [] }]",
  ];
  return writeFile(join(folder, "brook/probe.yaml"), lines.join("\n"));
}

it("a profile brings the text of the codec beside it", async () => {
  await write("probe.js");
  await writeFile(join(folder, "brook/probe.js"), "function Decoder() {}");
  const profiles = await loadOwnAndBroughtProfiles(folder, () => undefined);
  expect(profiles.find(({ name }) => name === "brook/probe")?.codec).toBe("function Decoder() {}");
});

it("a codec that cannot be run is told with the profile's file", async () => {
  await write("probe.js");
  await writeFile(join(folder, "brook/probe.js"), "function (");
  await expect(loadOwnAndBroughtProfiles(folder, () => "SyntaxError")).rejects.toThrow(
    /brook\/probe\.yaml: codec: SyntaxError/u,
  );
});

it("a codec that is not there is told, and none is read from elsewhere", async () => {
  await write("probe.js");
  await expect(loadOwnAndBroughtProfiles(folder)).rejects.toThrow(/probe\.js is not beside the profile/u);
  await writeFile(join(folder, "probe.js"), "function Decoder() {}");
  await write("../probe.js");
  await expect(loadOwnAndBroughtProfiles(folder)).rejects.toThrow(/the name of a \.js file beside the profile/u);
});
