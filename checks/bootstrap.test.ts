import { cp, mkdir, readdir, realpath, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTemporaryFolder, startChild } from "@messnetz/testing";
import { describe, expect, it } from "vitest";

const root = dirname(import.meta.dirname);
const nodeFolders = (await readdir(join(root, "node_modules"))).filter((name) => /^node-(bin-)?\w+-\w+$/.test(name));

/** A project with the bootstrap and its lock files, without dependencies. */
async function bareProject() {
  const folder = await createTemporaryFolder();
  await cp(join(root, "bootstrap"), join(folder.path, "bootstrap"), { recursive: true });
  for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]) {
    await cp(join(root, file), join(folder.path, file));
  }
  return folder;
}

/** The same after an installation: the pinned Node and the stamp are there. */
async function installedProject() {
  const folder = await bareProject();
  const modules = join(folder.path, "node_modules");
  await mkdir(join(modules, ".bin"), { recursive: true });
  for (const name of nodeFolders) await symlink(join(root, "node_modules", name), join(modules, name));
  const { lockStamp } = (await import(pathToFileURL(join(folder.path, "bootstrap", "provide.mjs")).href)) as {
    lockStamp(): Promise<string>;
  };
  await writeFile(join(modules, ".messnetz-stamp"), await lockStamp());
  return folder;
}

const bootstrap = (folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startChild(process.execPath, { args: [join(folder, "bootstrap", "run.mjs"), ...args], env });

describe("the bootstrap, where nothing is missing", () => {
  it("hands over at once, with arguments and exit code", async () => {
    await using project = await installedProject();
    const child = await bootstrap(project.path, ["node", "-p", "process.version + process.argv.slice(1)", "a", "b c"]);
    expect(await child.ended()).toEqual({ code: 0 });
    expect(child.output()).toBe(`${process.version}a,b c\n`);
    const failing = await bootstrap(project.path, ["node", "-e", "process.exit(7)"]);
    expect(await failing.ended()).toEqual({ code: 7 });
  });

  it("runs the command from any folder, also through a link, and the command stays in that folder", async () => {
    await using project = await installedProject();
    await using elsewhere = await createTemporaryFolder();
    await cp(join(root, "messnetz"), join(project.path, "messnetz"));
    await mkdir(join(project.path, "services", "command"), { recursive: true });
    const text = "console.log(process.cwd(), process.argv.slice(2).join());";
    await writeFile(join(project.path, "services", "command", "main.ts"), text);
    const link = join(elsewhere.path, "messnetz");
    await symlink(join(project.path, "messnetz"), link);
    const child = await startChild(link, { args: ["token", "list"], cwd: elsewhere.path });
    expect(await child.ended()).toEqual({ code: 0 });
    expect(child.output()).toBe(`${await realpath(elsewhere.path)} token,list\n`);
  });

  it("lets signals through", async () => {
    await using project = await installedProject();
    const text = "process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('up')";
    const child = await bootstrap(project.path, ["node", "-e", text]);
    await child.sees(/up/);
    expect(await child.stop()).toEqual({ code: 9 });
  });

  it("says which tasks there are", async () => {
    const child = await bootstrap(root, ["strat"]);
    expect(await child.ended()).toEqual({ code: 1 });
    expect(child.output()).toMatch(/no task "strat"[^]*start, test/);
  });
});

describe("the bootstrap, where it cannot go on", () => {
  it("says that the registry is out of reach, and what to do", async () => {
    await using project = await bareProject();
    const child = await bootstrap(project.path, ["start"], {
      npm_config_registry: "http://127.0.0.1:1/",
      npm_config_fetch_retries: "0",
      npm_config_cache: join(project.path, "empty-cache"),
    });
    expect(await child.ended()).toEqual({ code: 1 });
    expect(child.output()).toMatch(/Installing pnpm[^]*npm ended with 1[^]*registry could not be reached[^]*proxy/);
  });

  it("says that it cannot write, and where", async () => {
    await using project = await bareProject();
    await writeFile(join(project.path, ".bootstrap"), "a file where a folder must be");
    const child = await bootstrap(project.path, ["start"]);
    expect(await child.ended()).toEqual({ code: 1 });
    expect(child.output()).toContain(`Cannot write into ${project.path}`);
  });

  it("knows what to do about each way in which it is known to fail", async () => {
    const { remedyFor } = (await import(pathToFileURL(join(root, "bootstrap", "trouble.mjs")).href)) as {
      remedyFor(output: string): string;
    };
    expect(remedyFor("npm error code ENOTFOUND")).toContain("registry");
    expect(remedyFor("EACCES: permission denied, mkdir '/x'")).toContain("owns");
    expect(remedyFor("ENOSPC: no space left on device")).toContain("full");
    expect(remedyFor("ERR_PNPM_OUTDATED_LOCKFILE")).toContain("lock file");
    expect(remedyFor("EINTEGRITY sha512")).toContain("Do not go on");
    expect(remedyFor("something new")).toContain("above");
  });
});
