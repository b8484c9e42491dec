import { join } from "node:path";
import { type BridgedSource, writeBridges } from "./bridges.ts";
import type { InfluxAccess } from "./influx-access.ts";
import type { MosquittoAccount } from "./mosquitto.ts";
import type { PartSpec } from "./part.ts";
import type { createPorts } from "./ports.ts";
import type { RegionOptions } from "./region-options.ts";
import type { SecretFiles } from "./secret-files.ts";
import { type Sector, sectors as allSectors } from "./sectors.ts";
import type { ServerPorts, Servers } from "./servers.ts";
import { serviceSpec, type Variables } from "./services.ts";
import { simulatorSpec } from "./simulator-part.ts";
import { RegionTroubleError } from "./trouble.ts";

/** Where everything is, before anything runs. */
export interface Layout {
  readonly url: string;
  readonly doors: ReadonlyMap<string, string>;
  /** Of each sector's HTTP door. */
  readonly httpDoors: ReadonlyMap<string, string>;
  readonly mosquittoUrl: string;
  readonly ports: ServerPorts;
  readonly accounts: readonly MosquittoAccount[];
  readonly registryKey: string;
  account(sector: string): { readonly username: string; readonly password: string };
  /** Our services: each stage is started when the one before serves. */
  /** `credentials`: the sources that the registry has. */
  stages(on: {
    readonly servers: Servers;
    readonly influx: InfluxAccess;
    readonly credentials: ReadonlySet<string>;
  }): Promise<readonly (readonly PartSpec[])[]>;
}

export interface LayoutOptions {
  readonly options: RegionOptions;
  readonly dataDirectory: string;
  readonly secrets: SecretFiles;
  readonly ports: ReturnType<typeof createPorts>;
}

interface PlacedSector {
  readonly sector: Sector;
  readonly doorPort: number;
  readonly httpDoorPort: number;
  readonly operationsPort: number;
  readonly bridged: readonly BridgedSource[];
}

const host = "127.0.0.1";
const registryKey = "registry.key";

export async function createLayout({ options, dataDirectory, secrets, ports }: LayoutOptions): Promise<Layout> {
  const wanted = options.ports ?? {};
  const variables = options.variables ?? {};
  const take = async (what: string, port = 0): Promise<number> => {
    const got = await ports.take(port);
    if (got !== undefined) return got;
    throw new RegionTroubleError(
      `port ${port}, for ${what}, is taken on this machine: end what listens there, or choose others with MESSNETZ_MQTT_PORT (Mosquitto; the doors follow it) and MESSNETZ_HTTP_PORT (API; the HTTP doors follow it).`,
    );
  };
  const mosquitto = await take("Mosquitto", wanted.mosquitto);
  const placed: PlacedSector[] = [];
  for (const [n, sector] of (options.sectors ?? allSectors).entries()) {
    const first = wanted.firstDoor ?? 0;
    const firstHttp = wanted.firstHttpDoor ?? 0;
    placed.push({
      sector,
      doorPort: await take(`the door of ${sector.name}`, first === 0 ? 0 : first + n),
      httpDoorPort: await take(`the HTTP door of ${sector.name}`, firstHttp === 0 ? 0 : firstHttp + n),
      operationsPort: await take("operations"),
      bridged: options.bridged?.[sector.name] ?? [{ source: `mosquitto-${sector.name}`, topics: [`${sector.name}/#`] }],
    });
  }
  const api = await take("the API", wanted.api);
  const serverPorts: ServerPorts = {
    mosquitto,
    nats: await take("NATS", wanted.nats),
    natsMonitoring: await take("NATS' monitoring"),
    influxd: await take("InfluxDB", wanted.influxd),
    influxdBackup: await take("InfluxDB's backup"),
    influxdMend: await take("InfluxDB's mending"),
  };
  const mosquittoUrl = `mqtt://${host}:${mosquitto}`;
  const accounts = await makeAccounts(placed, secrets);
  const doors = new Map(placed.map(({ sector, doorPort }) => [sector.name, `mqtt://${host}:${doorPort}`]));

  const httpDoors = new Map(placed.map(({ sector, httpDoorPort }) => [sector.name, `http://${host}:${httpDoorPort}`]));

  async function ingestSpec(
    place: PlacedSector,
    { common, credentials }: { readonly common: Variables; readonly credentials: ReadonlySet<string> },
  ): Promise<PartSpec> {
    const { sector, doorPort, httpDoorPort, operationsPort, bridged } = place;
    const file = await writeBridges({
      folder: join(dataDirectory, "bridges"),
      sector: sector.name,
      url: mosquittoUrl,
      username: `ingest-${sector.name}`,
      passwordFile: secrets.path(`mosquitto-ingest-${sector.name}`),
      bridged,
    });
    // A bridge waits until the registry has its credential, which somebody may put there long after the start.
    const isComplete = bridged.every(({ source }) => credentials.has(source));
    return serviceSpec({
      name: `ingest-${sector.name}`,
      service: "ingest",
      readyUrl: `http://${host}:${operationsPort}/${isComplete ? "ready" : "health"}`,
      variables: {
        ...common,
        MESSNETZ_INSTANCE: `ingest-${sector.name}`,
        MESSNETZ_DOMAIN: sector.domains[0],
        MESSNETZ_MQTT_HOST: host,
        MESSNETZ_MQTT_PORT: String(doorPort),
        MESSNETZ_HTTP_DOOR_HOST: host,
        MESSNETZ_HTTP_DOOR_PORT: String(httpDoorPort),
        MESSNETZ_OPERATIONS_PORT: String(operationsPort),
        ...(file === undefined ? {} : { MESSNETZ_BRIDGES_FILE: file }),
        ...variables.ingest,
      },
    });
  }

  return {
    url: `http://${host}:${api}`,
    doors,
    httpDoors,
    mosquittoUrl,
    ports: serverPorts,
    accounts: [...accounts, ...(options.accounts ?? [])],
    registryKey,
    account(sector) {
      const found = accounts.find(({ name }) => name === sector);
      if (found === undefined) throw new RangeError(`expected one of ${[...doors.keys()].join(", ")}, came ${sector}`);
      return { username: found.name, password: found.password };
    },
    async stages({ servers, influx, credentials }) {
      const common = { ...servers.nats.variables, MESSNETZ_LOG: "json", ...variables.all };
      const registry = { MESSNETZ_REGISTRY_KEY_FILE: secrets.path(registryKey) };
      const writers: PartSpec[] = [];
      for (const [n, partitions] of (options.writers ?? [[]]).entries()) {
        const operationsPort = await take("operations");
        writers.push(
          serviceSpec({
            name: n === 0 ? "writer" : `writer-${n + 1}`,
            service: "writer",
            readyUrl: `http://${host}:${operationsPort}/ready`,
            variables: {
              ...common,
              ...influx.variables.writer,
              MESSNETZ_OPERATIONS_PORT: String(operationsPort),
              ...(partitions.length === 0 ? {} : { MESSNETZ_WRITER_PARTITIONS: partitions.join(",") }),
              ...variables.writer,
            },
          }),
        );
      }
      const apiSpec = serviceSpec({
        name: "api",
        service: "api",
        readyUrl: `http://${host}:${api}/readyz`,
        variables: {
          ...common,
          ...registry,
          ...influx.variables.reader,
          MESSNETZ_HTTP_HOST: host,
          MESSNETZ_HTTP_PORT: String(api),
          ...variables.api,
        },
      });
      const ingest = await Promise.all(
        placed.map((place) => ingestSpec(place, { common: { ...common, ...registry }, credentials })),
      );
      const simulator =
        options.simulator === undefined
          ? []
          : [
              [
                await simulatorSpec({
                  plan: options.simulator,
                  doors,
                  mosquittoUrl,
                  secrets,
                  common: { ...common, ...registry },
                }),
              ],
            ];
      return [[...writers, apiSpec], ingest, ...simulator];
    },
  };
}

/** For each sector one who reads everything, the ingest process, and one who publishes: devices without a broker of their own. */
async function makeAccounts(
  placed: readonly PlacedSector[],
  secrets: SecretFiles,
): Promise<readonly MosquittoAccount[]> {
  const pairs = placed.map(async ({ sector: { name } }) => [
    { name: `ingest-${name}`, password: await secrets.secret(`mosquitto-ingest-${name}`), reads: ["#"] },
    { name, password: await secrets.secret(`mosquitto-${name}`), writes: [`${name}/#`] },
  ]);
  return (await Promise.all(pairs)).flat();
}
