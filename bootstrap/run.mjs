// Starts a task of the project on a machine that has Node and npm and nothing else: brings what is missing, then hands over to
// the pinned Node. Plain JavaScript without dependencies, because it runs before there are any.
import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { Trouble } from "./trouble.mjs";
import { provide, root } from "./provide.mjs";

/** What each npm script runs: arguments of Node, and what is added to the environment. */
const tasks = {
  // A heap for every thread would cost 15 MB that nobody uses (mallopt(3)); the pinned Node hands its own memory out itself.
  start: { run: ["services/town/main.ts"], env: { MALLOC_ARENA_MAX: "2" } },
  test: { run: ["checks/run.ts"] },
  trials: { run: ["checks/run.ts", "--tests-only"], env: { MESSNETZ_TRIALS: "full" } },
  corpus: { run: ["checks/run.ts", "--tests-only", "corpus"] },
  bench: { run: ["bench/main.ts"] },
  "start:servers": { run: ["services/region/main.ts"] },
  // It is called from anywhere, and means files of there.
  messnetz: { run: ["services/command/main.ts"], staysThere: true },
  node: { run: [] },
};

function handOver(node, args, env) {
  // Replacing this process keeps signals, exit codes and memory what they would be without a bootstrap.
  if (typeof process.execve === "function" && process.platform !== "win32") {
    process.removeAllListeners("warning");
    process.execve(node, [node, ...args], env);
  }
  const child = spawn(node, args, { stdio: "inherit", env });
  // A terminal sends its interrupt to all of its foreground processes: passing it on would make two of one.
  process.on("SIGINT", () => void (process.stdin.isTTY || child.kill("SIGINT")));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => void child.kill(signal));
  child.on("error", (error) =>
    fail(new Trouble(`Cannot run ${node}: ${error.message}`, "Delete the folder node_modules and try again.")),
  );
  child.on("exit", (code, signal) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name);
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}

function fail(error) {
  if (!(error instanceof Trouble)) throw error;
  process.stderr.write(`\nmessnetz: ${error.message}\n\n${error.remedy}\n`);
  process.exit(1);
}

try {
  const [name = "", ...rest] = process.argv.slice(2);
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (!task)
    throw new Trouble(`There is no task ${JSON.stringify(name)}.`, `There are: ${Object.keys(tasks).join(", ")}.`);
  const node = await provide();
  const run = task.run.map((part) => (part.endsWith(".ts") ? join(root, part) : part));
  if (!task.staysThere) process.chdir(root);
  handOver(node, [...run, ...rest], { ...process.env, ...task.env });
} catch (error) {
  fail(error);
}
