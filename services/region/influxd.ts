import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkHttp } from "./check-port.ts";
import { type InfluxAccess, type InfluxServer } from "./influx-access.ts";
import { provideInflux1 } from "./influx1-accounts.ts";
import { provideInflux2 } from "./influx2-accounts.ts";
import { mendInfluxd } from "./mend-influxd.ts";
import type { PartSpec } from "./part.ts";
import { isAtLeast, type Program } from "./program.ts";

export interface InfluxdOptions {
  readonly program: Program;
  readonly folder: string;
  readonly port: number;
  /** Of 1.x, for its own backups. */
  readonly backupPort: number;
  /** Where nobody looks for it. */
  readonly mendPort: number;
}

/** Writes its configuration into the folder, and says how to run it. Accounts are made by `provide` once it serves. */
export async function prepareInfluxd(
  options: InfluxdOptions,
): Promise<{ readonly spec: PartSpec; provide(server: InfluxServer): Promise<InfluxAccess> }> {
  const { program, folder, port } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const isTwo = isAtLeast(program.version, "2.0.0");
  const argumentsAt = async (at: number): Promise<readonly string[]> =>
    isTwo ? argumentsOfTwo(folder, at) : ["-config", await writeConfigurationOfOne(options, at)];
  // Else it looks for a config.toml in the folder that the region was started from.
  const env: Record<string, string> = isTwo ? { INFLUXD_CONFIG_PATH: folder } : {};
  const endedInOrder = join(folder, "ended-in-order");
  const spec: PartSpec = {
    name: "influxd",
    command: program.path,
    args: await argumentsAt(port),
    env,
    async beforeStart() {
      const isNew = !existsSync(join(folder, isTwo ? "engine" : "data"));
      if (!isNew && !existsSync(endedInOrder)) {
        await mendInfluxd({ command: program.path, args: await argumentsAt(options.mendPort), env }, options.mendPort);
      }
      await rm(endedInOrder, { force: true });
    },
    afterOrderlyEnd: () => writeFile(endedInOrder, ""),
    check: (signal) => checkHttp(`http://127.0.0.1:${port}/${isTwo ? "health" : "ping"}`, signal),
  };
  return { spec, provide: isTwo ? provideInflux2 : provideInflux1 };
}

function argumentsOfTwo(folder: string, port: number): readonly string[] {
  return [
    `--http-bind-address=127.0.0.1:${port}`,
    `--bolt-path=${join(folder, "influxd.bolt")}`,
    `--sqlite-path=${join(folder, "influxd.sqlite")}`,
    `--engine-path=${join(folder, "engine")}`,
    "--reporting-disabled",
    "--log-level=warn",
  ];
}

async function writeConfigurationOfOne({ folder, backupPort }: InfluxdOptions, port: number): Promise<string> {
  const file = join(folder, `influxd-${port}.conf`);
  const text = `reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"

[meta]
  dir = ${JSON.stringify(join(folder, "meta"))}

[data]
  dir = ${JSON.stringify(join(folder, "data"))}
  wal-dir = ${JSON.stringify(join(folder, "wal"))}
  # Series on the disk: a region has more of them than fit into memory.
  index-version = "tsi1"
  max-series-per-database = 0
  max-values-per-tag = 0
  query-log-enabled = false

[coordinator]
  # No question of the API takes as long; what does was asked by nobody who still waits.
  query-timeout = "120s"

[monitor]
  store-enabled = false

[logging]
  level = "warn"

[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = true
  log-enabled = false
  # A batch of the writer.
  max-body-size = 100000000
`;
  await writeFile(file, text, { mode: 0o600 });
  return file;
}
