import { mkdir, readdir, readFile, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkHttp } from "./check-port.ts";
import { syncAlwaysVersion } from "./find-nats-server.ts";
import type { PartSpec } from "./part.ts";
import { isAtLeast, type Program } from "./program.ts";

export interface NatsServerOptions {
  readonly program: Program;
  readonly folder: string;
  readonly port: number;
  readonly monitoringPort: number;
  readonly user: string;
  readonly password: string;
  /** Further lines of its configuration. */
  readonly lines: readonly string[];
}

const bytesPerMb = 1_000_000;
/** Three times what the streams reserve with the settings' defaults. */
const maxStoreBytes = 32_000_000_000;
const freeShare = 0.9;

/** What holds wherever NATS carries Messnetz. */
const sharedFile = fileURLToPath(new URL("../../infra/nats/messnetz.conf", import.meta.url));

/** Writes its configuration into the folder, and says how to run it. */
export async function prepareNatsServer(options: NatsServerOptions): Promise<PartSpec> {
  const { program, folder, port, monitoringPort, user, password, lines } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const configuration = join(folder, "nats-server.conf");
  const shared = await readFile(sharedFile, "utf8");
  const text = [
    `server_name: region`,
    `listen: "127.0.0.1:${port}"`,
    `http: "127.0.0.1:${monitoringPort}"`,
    `authorization { user: ${JSON.stringify(user)}, password: ${JSON.stringify(password)} }`,
    `store_dir: ${JSON.stringify(folder)}`,
    ...lines,
    "",
    // An older server refuses a configuration with a word that it does not know.
    isAtLeast(program.version, syncAlwaysVersion) ? shared : shared.replace(/^.*sync_interval:.*\n/m, ""),
  ];
  await writeFile(configuration, text.join("\n"), { mode: 0o600 });
  return {
    name: "nats",
    command: program.path,
    args: ["--config", configuration],
    env: { JETSTREAM_MAX_FILE: `${await fileStoreMb(folder)}MB` },
    check: (signal) => checkHttp(`http://127.0.0.1:${monitoringPort}/healthz`, signal),
  };
}

/**
 * What JetStream may use of the disk, in MB: what it has and nine tenths of what is free. It has to be less than the disk: a server that met
 * a full disk takes nothing any more until it is started again, a stream that is full takes again as soon as something has left.
 */
async function fileStoreMb(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const own = await bytesBelow(join(folder, "jetstream"));
  return Math.floor(Math.min(maxStoreBytes, own + free * freeShare) / bytesPerMb);
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    // A file that has gone in between has no size.
    files.map((file) =>
      stat(join(file.parentPath, file.name))
        .then(({ size }) => size)
        .catch(() => 0),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
