import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type LivingProfiles, openLivingProfiles } from "./living-profiles.ts";
import type { ProfileEvents } from "./profile-events.ts";

let folder: string;
let own: string;
let opened: LivingProfiles | undefined;
let told: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "living-"));
  own = join(folder, "own");
  await mkdir(own);
  told = [];
});
afterEach(async () => {
  await opened?.close();
  opened = undefined;
  await rm(folder, { recursive: true });
});

const tell =
  (kind: string) =>
  (about: unknown): void =>
    void told.push(`${kind} ${about instanceof Error ? about.message : JSON.stringify(about)}`);
const events: ProfileEvents = {
  loaded: tell("loaded"),
  reloaded: tell("reloaded"),
  mistakes: tell("mistakes"),
  sameRevision: tell("sameRevision"),
  lookFailed: tell("lookFailed"),
  keepFailed: tell("keepFailed"),
};

function profile(name: string, more: { title?: string; unit?: string } = {}): string {
  const { title = "Probe", unit = "cm" } = more;
  return `profile: brook/${name}
revision: 1
title: ${title}
documentation: https://example.org
match: { names: [${name}] }
fields: { level: { property: water_level, unit: ${unit} } }
examples: [{ name: one, decoded: { level: 1 }, expect: [{ property: water_level, value: 1, unit: ${unit} }] }]
`;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(own, file)), { recursive: true });
  await writeFile(join(own, file), text);
}

async function open(): Promise<LivingProfiles> {
  return (opened = await openLivingProfiles({
    folder: own,
    keepFile: join(folder, "kept.json"),
    pollMs: 10,
    acceptProperties: async () => undefined,
    events,
  }));
}

const eventually = (holds: () => void) => vi.waitFor(holds, { timeout: 60_000 });
const titleOf = (profiles: LivingProfiles, name: string) => profiles.find({ names: [name] })?.document.title;

it("a file that is written in parts takes force once, whole", async () => {
  await write("brook/a.yaml", profile("probe-a"));
  const profiles = await open();
  const text = profile("probe-a", { title: "Written slowly" });
  for (let end = 20; end < text.length; end += 20) await write("brook/a.yaml", text.slice(0, end));
  await write("brook/a.yaml", text);
  await eventually(() => expect(titleOf(profiles, "probe-a")).toBe("Written slowly"));
  await write("brook/b.yaml", profile("probe-b"));
  await eventually(() => expect(profiles.names.has("brook/probe-b")).toBe(true));
  expect(profiles.names.has("brook/probe-a")).toBe(true);
});

it("of several files with mistakes the others take force, and each version before stays", async () => {
  await write("brook/a.yaml", profile("probe-a"));
  await write("brook/b.yaml", profile("probe-b"));
  const profiles = await open();
  await write("brook/a.yaml", profile("probe-a", { title: "Wrong", unit: "Cel" }));
  await write("brook/b.yaml", profile("probe-b", { title: "New" }));
  await eventually(() => expect(titleOf(profiles, "probe-b")).toBe("New"));
  expect(titleOf(profiles, "probe-a")).toBe("Probe");
  expect(profiles.oddity()).toMatch(/own.brook.a\.yaml:6:\d+: .*Cel cannot become/u);
  // A name that moves to another file is that file's.
  await write("brook/c.yaml", profile("probe-a", { title: "Moved" }));
  await eventually(() => expect(titleOf(profiles, "probe-a")).toBe("Moved"));
  expect(profiles.mistakes()).toHaveLength(1);
});

it("a twin does not take the place of the profile that is in force", async () => {
  await write("brook/b.yaml", profile("probe-b"));
  const profiles = await open();
  await write("brook/a.yaml", profile("probe-b", { title: "Twin" }));
  await eventually(() => expect(profiles.oddity()).toMatch(/a\.yaml:1:1: .*is in brook\/b\.yaml already/u));
  expect(titleOf(profiles, "probe-b")).toBe("Probe");
});

it("a folder that is gone or empty, as of a disk that is not mounted, leaves all in force; one that comes again is read", async () => {
  await write("brook/a.yaml", profile("probe-a"));
  const profiles = await open();
  await rename(own, `${own}-away`);
  await eventually(() => expect(profiles.oddity()).toMatch(/ENOENT/u));
  await mkdir(own);
  await eventually(() => expect(profiles.oddity()).toMatch(/is empty: is its disk mounted/u));
  expect(titleOf(profiles, "probe-a")).toBe("Probe");
  await profiles.close();
  await rm(own, { recursive: true });
  const again = await open();
  expect(titleOf(again, "probe-a")).toBe("Probe");
  expect(again.oddity()).toMatch(/ENOENT/u);
  // Appears whole, as a disk that is mounted does: a look between folder and file would tell of an empty one.
  await mkdir(join(`${own}-away`, "brook"), { recursive: true });
  await writeFile(join(`${own}-away`, "brook/a.yaml"), profile("probe-a", { title: "Mounted" }));
  await rename(`${own}-away`, own);
  await eventually(() => expect(titleOf(again, "probe-a")).toBe("Mounted"));
  expect(again.oddity()).toBeUndefined();
  expect(told.filter((text) => text.startsWith("lookFailed"))).toHaveLength(3);
});

it("a start with a mistake goes on with what was kept; without that, and where what was kept is damaged, it is refused", async () => {
  await write("brook/a.yaml", profile("probe-a"));
  await (await open()).close();
  await write("brook/a.yaml", profile("probe-a", { unit: "Cel" }));
  await write("brook/b.yaml", profile("probe-b", { unit: "Cel" }));
  const profiles = await open();
  expect(titleOf(profiles, "probe-a")).toBe("Probe");
  expect(profiles.names.has("brook/probe-b")).toBe(false);
  expect(profiles.mistakes()).toHaveLength(2);
  await profiles.close();
  // What was kept is still the last good one.
  await (await open()).close();
  await writeFile(join(folder, "kept.json"), "{");
  await expect(open()).rejects.toThrow(/brook.a\.yaml:6:\d+: [\s\S]*brook.b\.yaml:6/u);
});

it("what an editor puts beside a file while it is open is not read, and does not keep others from being read", async () => {
  await write("brook/a.yaml", profile("probe-a"));
  const profiles = await open();
  await symlink("somebody@machine.123:456", join(own, "brook", ".#a.yaml"));
  await write("brook/.a.yaml.swp", "\0");
  await write(".git/config.yaml", "{");
  await write("brook/a.yaml~", "{");
  await write("brook/b.yml", profile("probe-b"));
  await eventually(() => expect(profiles.names.has("brook/probe-b")).toBe(true));
  expect(profiles.oddity()).toBeUndefined();
});

it("a file that cannot be read is told by its name; its version before stays, and others take force", async () => {
  for (const name of ["a", "b", "c"]) await write(`brook/${name}.yaml`, profile(`probe-${name}`));
  const profiles = await open();
  await rm(join(own, "brook/a.yaml"));
  await symlink("nowhere.yaml", join(own, "brook/a.yaml"));
  await truncate(join(own, "brook/b.yaml"), 3_000_000);
  if (process.platform !== "win32") execFileSync("sh", ["-c", `mkfifo "$0"`, join(own, "brook/pipe.yaml")]);
  await write("brook/c.yaml", profile("probe-c", { title: "New" }));
  await eventually(() => expect(titleOf(profiles, "probe-c")).toBe("New"));
  expect(titleOf(profiles, "probe-a")).toBe("Probe");
  expect(titleOf(profiles, "probe-b")).toBe("Probe");
  const said = profiles.mistakes().map(({ file, message }) => `${file.slice(own.length + 1)}: ${message}`);
  expect(said).toEqual([
    expect.stringMatching(/a\.yaml: expected a file that can be read: ENOENT/u),
    expect.stringMatching(/b\.yaml: expected at most 1048576 bytes, came 3000000/u),
    ...(process.platform === "win32" ? [] : [expect.stringMatching(/pipe\.yaml: expected a file/u)]),
  ]);
});

it("says when it changed last, also after a restart with the same or other files", async () => {
  await write("brook/a.yaml", profile("probe-a"));
  const profiles = await open();
  const first = profiles.changedAt()!;
  expect(first).toBeLessThanOrEqual(Date.now());
  await write("brook/b.yaml", profile("probe-b"));
  await eventually(() => expect(profiles.changedAt()).toBeGreaterThan(first));
  const second = profiles.changedAt();
  await profiles.close();
  expect((await open()).changedAt()).toBe(second);
  await opened!.close();
  await rm(join(own, "brook/b.yaml"));
  expect((await open()).changedAt()).toBeGreaterThan(second!);
});
