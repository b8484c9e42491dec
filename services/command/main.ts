import { resolve } from "node:path";
import process from "node:process";
import { buffer as readWhole } from "node:stream/consumers";
import { createInterface } from "node:readline/promises";
import { openApi } from "./api-client.ts";
import { CommandTrouble } from "./command-trouble.ts";
import { runCommand } from "./run-command.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());

/** npm changes into the root of the project and tells where it was called. */
const folder =
  process.env["npm_lifecycle_event"] === "messnetz" ? (process.env["INIT_CWD"] ?? process.cwd()) : process.cwd();

function pathOf(text: string): string {
  return resolve(folder, text);
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question, { signal: interrupted.signal });
  } finally {
    terminal.close();
  }
}

try {
  await runCommand(process.argv.slice(2), {
    print: (line) => void process.stdout.write(`${line}\n`),
    note,
    ask,
    pathOf,
    readInput: async () => readWhole(process.stdin),
    found: () => void (process.exitCode = 1),
    environment: process.env,
    open: async (access) => openApi({ ...access, environment: process.env, pathOf, note }),
    signal: interrupted.signal,
  });
} catch (error) {
  if (interrupted.signal.aborted) process.exitCode = 130;
  else if (error instanceof CommandTrouble) {
    note(`messnetz: ${error.message}${error.remedy === undefined ? "" : `\n\n${error.remedy}`}`);
    process.exitCode = error.exitCode;
  } else throw error;
}
