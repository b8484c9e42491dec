import { join } from "node:path";
import type { InfluxAccess } from "./influx-access.ts";
import { prepareInfluxd } from "./influxd.ts";
import { type MosquittoAccount, prepareMosquitto } from "./mosquitto.ts";
import { prepareNatsServer } from "./nats-server.ts";
import type { PartSpec } from "./part.ts";
import type { Programs } from "./programs.ts";
import type { SecretFiles } from "./secret-files.ts";
import type { Variables } from "./services.ts";

export interface ServerPorts {
  readonly mosquitto: number;
  readonly nats: number;
  readonly natsMonitoring: number;
  readonly influxd: number;
  readonly influxdBackup: number;
  readonly influxdMend: number;
}

export interface ServerOptions {
  readonly programs: Programs;
  readonly dataDirectory: string;
  readonly secrets: SecretFiles;
  readonly ports: ServerPorts;
  readonly accounts: readonly MosquittoAccount[];
  /** Further lines of their configurations. */
  readonly lines: { readonly mosquitto?: readonly string[]; readonly nats?: readonly string[] };
}

export interface Servers {
  readonly specs: readonly PartSpec[];
  readonly nats: {
    readonly url: string;
    readonly user: string;
    readonly password: string;
    readonly variables: Variables;
  };
  readonly influxUrl: string;
  /** Once influxd serves. */
  provideInflux(): Promise<InfluxAccess>;
}

export const influxDatabase = "messnetz";
const natsUser = "messnetz";

/** Mosquitto, NATS and InfluxDB on the loopback, with the region's own secrets. */
export async function prepareServers(options: ServerOptions): Promise<Servers> {
  const { programs, dataDirectory, secrets, ports, accounts, lines } = options;
  const mosquitto = await prepareMosquitto({
    program: programs.mosquitto,
    folder: join(dataDirectory, "mosquitto"),
    port: ports.mosquitto,
    accounts,
    lines: lines.mosquitto ?? [],
  });
  const password = await secrets.secret("nats-password");
  const nats = await prepareNatsServer({
    program: programs.nats,
    folder: join(dataDirectory, "nats"),
    port: ports.nats,
    monitoringPort: ports.natsMonitoring,
    user: natsUser,
    password,
    lines: lines.nats ?? [],
  });
  const influx = await prepareInfluxd({
    program: programs.influxd,
    folder: join(dataDirectory, "influxdb"),
    port: ports.influxd,
    backupPort: ports.influxdBackup,
    mendPort: ports.influxdMend,
  });
  const influxUrl = `http://127.0.0.1:${ports.influxd}`;
  const natsUrl = `nats://127.0.0.1:${ports.nats}`;
  return {
    specs: [influx.spec, nats, mosquitto],
    nats: {
      url: natsUrl,
      user: natsUser,
      password,
      variables: {
        MESSNETZ_NATS_URL: natsUrl,
        MESSNETZ_NATS_USER: natsUser,
        MESSNETZ_NATS_PASSWORD_FILE: secrets.path("nats-password"),
        MESSNETZ_NATS_MONITORING_URL: `http://127.0.0.1:${ports.natsMonitoring}`,
      },
    },
    influxUrl,
    provideInflux: () => influx.provide({ url: influxUrl, database: influxDatabase, secrets }),
  };
}
