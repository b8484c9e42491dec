import { execFileSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";
import { listenHost, serverImages, startContainer, usesContainers } from "./containers.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { findPrograms } from "./program.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

export interface NatsServer {
  /** Undefined: in a container. */
  readonly path: string | undefined;
  /** `2.9.10` */
  readonly version: string;
}

/** The nats-servers that are installed, one of each version, oldest first; or the one of a container. */
export function findNatsServers(): readonly NatsServer[] {
  const servers = new Map<string, NatsServer>();
  for (const path of findPrograms("nats-server")) {
    const version = versionOf(path);
    if (version !== undefined && !servers.has(version)) servers.set(version, { path, version });
  }
  if (usesContainers(servers.size > 0)) return [{ path: undefined, version: containerVersion }];
  return [...servers.values()].toSorted((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }));
}

/** Those that a suite is run against: each with the long form of the trials (`MESSNETZ_TRIALS=full`), else the newest. */
export function natsServersToTry(): readonly NatsServer[] {
  const servers = findNatsServers();
  return process.env["MESSNETZ_TRIALS"] === "full" ? servers : servers.slice(-1);
}

function versionOf(path: string): string | undefined {
  try {
    return /v(\d+\.\d+\.\d+)/.exec(execFileSync(path, ["-v"], { encoding: "utf8", timeout: 10_000 }))?.[1];
  } catch {
    return undefined; // a launcher without its program
  }
}

export interface NatsOptions {
  /** More lines of the server's configuration file. */
  readonly lines?: readonly string[];
  /** More lines of its `jetstream` block. */
  readonly jetstream?: readonly string[];
  /** An existing folder for its data, which stays. Default: a new one, removed by `stop`. */
  readonly dataFolder?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** `debian` is the oldest that is installed, `newest` the newest; both are the same where there is one. Default `newest`. */
  readonly version?: "debian" | "newest" | (string & {});
}

export interface Nats extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly version: string;
  /** The process that runs now. */
  readonly child: Child;
  readonly dataFolder: string;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
  /** SIGKILL; port and data stay for `restart`. */
  kill(): Promise<void>;
  /** Resolves when it does nothing any more, with all its connections open: SIGSTOP, until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Starts it again on the same port and data; a running one is stopped first. */
  restart(): Promise<void>;
}

const ready = /Server is ready/;
/** Of its image's tag: the last number moves. */
const containerVersion = `${serverImages.nats.split(":")[1]}.0`;

/** A nats-server with JetStream on a free port of the loopback. Rejects where none is installed: ask `findNatsServers()` first. */
export async function startNats(options: NatsOptions = {}): Promise<Nats> {
  const { path, version } = chooseServer(options.version ?? "newest");
  const folder = await createTemporaryFolder();
  const port = options.port ?? (await freePort());
  const dataFolder = options.dataFolder ?? join(folder.path, "data");
  const configuration = join(folder.path, "nats.conf");
  await writeFile(
    configuration,
    [
      `listen: "${listenHost(path === undefined)}:${port}"`,
      `server_name: "messnetz-${port}"`,
      `jetstream { store_dir: ${JSON.stringify(dataFolder)}`,
      ...(options.jetstream ?? []),
      "}",
      ...(options.lines ?? []),
      "",
    ].join("\n"),
  );
  const start = async (): Promise<Child> => {
    if (path === undefined) {
      // Without the program's name: the image's entrypoint is the program, and there may be no shell.
      const command = ["-c", configuration];
      return startContainer({ image: serverImages.nats, command, folder: folder.path, port, ready });
    }
    const child = await startChild(path, { args: ["-c", configuration], cwd: folder.path });
    await child.sees(ready, 20_000).catch(async (cause: unknown) => {
      await child.kill();
      throw cause;
    });
    return child;
  };
  const begin = async (): Promise<Child> => {
    try {
      return await start();
    } catch (cause) {
      await folder.remove();
      throw cause;
    }
  };
  let child = await begin();
  const stop = async (): Promise<void> => {
    child.signal("SIGCONT"); // a stopped process hears no SIGTERM
    await child.stop();
    await folder.remove();
  };
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    version,
    get child() {
      return child;
    },
    dataFolder,
    stop,
    async kill() {
      await child.kill();
    },
    async pause() {
      child.signal("SIGSTOP");
      await eventually("all threads of nats-server to stop", () => isStopped(child.pid));
    },
    resume: () => child.signal("SIGCONT"),
    async restart() {
      child.signal("SIGCONT");
      await child.stop();
      child = await start();
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** A signal is delivered to one thread after the other. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const states = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").catch(() => "");
      return /\) ([A-Za-z])/.exec(text)?.[1]; // proc(5): the third field, after the name in brackets
    }),
  );
  // Without /proc nothing can be seen.
  return states.every((state) => state === undefined || state === "T");
}

function chooseServer(wanted: string): NatsServer {
  const servers = findNatsServers();
  const chosen =
    wanted === "debian"
      ? servers[0]
      : wanted === "newest"
        ? servers.at(-1)
        : servers.find(({ version }) => version === wanted);
  if (chosen === undefined)
    throw new Error(`nats-server (${wanted}) is not installed (Debian: apt-get install nats-server)`);
  return chosen;
}
