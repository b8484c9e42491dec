import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";
import { listenHost, serverImages, startContainer, usesContainers } from "./containers.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { type InfluxSetup, setUpInflux1, setUpInflux2 } from "./influxd-setup.ts";
import { findProgram } from "./program.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

export type InfluxGeneration = 1 | 2;

export interface InfluxServer {
  readonly generation: InfluxGeneration;
  /** As it says of itself, for example `1.6.7~rc0`. */
  readonly version: string;
  /** Undefined: in a container. */
  readonly program: string | undefined;
}

/** `influxd` of the PATH, of `INFLUXD2`, and what stands built in the user's cache (`influxdb2-<version>/influxd`): one of each generation; or that of a container. Never builds. */
export function findInfluxServers(): readonly InfluxServer[] {
  const { INFLUXD2, INFLUXD2_CACHE, XDG_CACHE_HOME } = process.env;
  const built = INFLUXD2_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "influxdb2-*");
  const programs = [INFLUXD2, findProgram("influxd"), ...globSync(join(built, "influxd"))];
  const found = new Map<InfluxGeneration, InfluxServer>();
  for (const program of programs) {
    const server = program === undefined || program === "" ? undefined : ask(program);
    if (server !== undefined && !found.has(server.generation)) found.set(server.generation, server);
  }
  if (usesContainers(found.size > 0)) {
    return [{ program: undefined, generation: 2, version: serverImages.influxd.split(":")[1]! }];
  }
  return [...found.values()].toSorted((a, b) => a.generation - b.generation);
}

function ask(program: string): InfluxServer | undefined {
  const text = execFileSync(program, ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const version = /InfluxDB v?(\S+)/.exec(text)?.[1];
  if (version === undefined) return undefined;
  // 1.x says so; a 2.x that somebody built says `dev`.
  return { program, version, generation: version.startsWith("1.") ? 1 : 2 };
}

export interface Influx extends InfluxSetup, AsyncDisposable {
  readonly generation: InfluxGeneration;
  readonly version: string;
  readonly url: string;
  readonly port: number;
  readonly dataFolder: string;
  /** Changes with `restart`. */
  readonly child: Child;
  stop(): Promise<void>;
  /** SIGKILL; the data stay, `restart` goes on with them. */
  kill(): Promise<void>;
  /** Ends it, where it still runs, and starts it again on the same port with the same data. */
  restart(): Promise<void>;
}

/**
 * A real influxd on a free port of the loopback, with authentication, an empty database (a bucket of 2.x) and an account for each need.
 * Rejects where that generation is not installed: ask `findInfluxServers()` first.
 */
export async function startInflux({ version }: { readonly version: InfluxGeneration }): Promise<Influx> {
  const server = findInfluxServers().find(({ generation }) => generation === version);
  if (server === undefined)
    throw new Error(`InfluxDB ${version} is not installed (Debian has 1.x: apt-get install influxdb)`);
  const folder = await createTemporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = async (at = port): Promise<Child> => {
    const place = { folder: folder.path, port: at };
    const env = { HOME: folder.path };
    const args = version === 1 ? await arguments1(folder.path, at) : arguments2(folder.path, at, server.program);
    const started =
      server.program === undefined
        ? await startContainer({
            image: serverImages.influxd,
            // Its own gives up the user that it is started as.
            entrypoint: ["influxd"],
            command: args,
            env,
            ...place,
          })
        : await startChild(server.program, { args, cwd: folder.path, env });
    const ping = `http://127.0.0.1:${at}/ping`;
    await eventually(`influxd to answer ${ping}`, async () => (await fetch(ping)).ok, 30_000).catch(
      async (cause: unknown) => {
        await started.kill();
        throw new Error(`influxd ${server.version} did not start:\n${started.output()}`, { cause });
      },
    );
    return started;
  };
  let child = await start();
  const stop = async (): Promise<void> => {
    await child.stop();
    await folder.remove();
  };
  try {
    const setup = version === 1 ? await setUpInflux1(url) : await setUpInflux2(url);
    return {
      ...setup,
      generation: version,
      version: server.version,
      url,
      port,
      dataFolder: folder.path,
      get child() {
        return child;
      },
      stop,
      kill: async () => void (await child.kill()),
      async restart() {
        const end = await child.stop();
        // influxd that finds a half-written end in its log cuts it off and goes on behind it: what it takes then is lost with its next
        // kill. A start and an end without a write in between, where no client looks, leaves the log whole.
        if ("signal" in end && end.signal === "SIGKILL") await (await start(await freePort())).stop();
        child = await start();
      },
      [Symbol.asyncDispose]: stop,
    };
  } catch (cause) {
    await stop();
    throw new Error(`influxd ${server.version} could not be set up:\n${child.output()}`, { cause });
  }
}

async function arguments1(folder: string, port: number): Promise<string[]> {
  const file = join(folder, "influxdb.conf");
  const lines = [
    "reporting-disabled = true",
    'bind-address = "127.0.0.1:0"',
    `[meta]\n  dir = "${folder}/meta"`,
    `[data]\n  dir = "${folder}/data"\n  wal-dir = "${folder}/wal"`,
    "[monitor]\n  store-enabled = false",
    `[http]\n  bind-address = "127.0.0.1:${port}"\n  auth-enabled = true\n  log-enabled = false`,
    '[logging]\n  level = "warn"',
    "",
  ];
  await writeFile(file, lines.join("\n"));
  return ["-config", file];
}

function arguments2(folder: string, port: number, program: string | undefined): string[] {
  return [
    `--http-bind-address=${listenHost(program === undefined)}:${port}`,
    `--bolt-path=${folder}/influxd.bolt`,
    `--sqlite-path=${folder}/influxd.sqlite`,
    `--engine-path=${folder}/engine`,
    "--reporting-disabled",
    "--log-level=warn",
  ];
}
