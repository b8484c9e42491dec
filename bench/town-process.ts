import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Child, eventually, startChild } from "@messnetz/testing";

/** Where it listens, as the town writes it into `run.json` of its data directory. */
export interface TownAddresses {
  readonly mqtt: { readonly host: string; readonly port: number };
  readonly http: { readonly host: string; readonly port: number };
}

/** A town as a process of its own, for trials and the benchmark: what they end with SIGKILL must not be themselves. */
export interface TownProcess {
  readonly child: Child;
  readonly run: TownAddresses;
  readonly url: string;
}

const main = fileURLToPath(new URL("../services/town/main.ts", import.meta.url));
const startsWithinMs = 30_000;

/** Starts a town without a demo on the data directory and resolves when it serves. `wrap`: a command that starts it, such as strace. */
export async function startTownProcess(
  dataDirectory: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly wrap?: readonly string[] } = {},
): Promise<TownProcess> {
  const runFile = join(dataDirectory, "run.json");
  await rm(runFile, { force: true });
  const line = [...(options.wrap ?? []), process.execPath, main, "--no-demo"];
  const child = await startChild(line[0]!, {
    args: line.slice(1),
    env: {
      ...withoutOwn(),
      MESSNETZ_DATA_DIR: dataDirectory,
      MESSNETZ_MQTT_PORT: "0",
      MESSNETZ_HTTP_PORT: "0",
      MESSNETZ_LOG: "json",
      // As the bootstrap starts it.
      MALLOC_ARENA_MAX: "2",
      ...options.env,
    },
  });
  let isOver = false;
  void child.ended().then(() => (isOver = true));
  const run = await eventually(
    "the town to serve",
    async () => (isOver ? "ended" : readAddresses(runFile)),
    startsWithinMs,
  );
  if (run === "ended") throw new Error(`the town ended at its start:\n${child.output()}`);
  return { child, run, url: `http://${run.http.host}:${run.http.port}` };
}

async function readAddresses(file: string): Promise<TownAddresses> {
  return JSON.parse(await readFile(file, "utf8")) as TownAddresses;
}

/** The settings of this process are not those of the town: empty counts as absent. */
function withoutOwn(): Record<string, string> {
  const own = Object.keys(process.env).filter((name) => name.startsWith("MESSNETZ_"));
  return Object.fromEntries(own.map((name) => [name, ""]));
}
