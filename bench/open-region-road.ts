import { readFile } from "node:fs/promises";
import { openRegion, type Region, type RegionOptions } from "@messnetz/region";
import { createTemporaryFolder } from "@messnetz/testing";
import type { InfluxDatabase } from "./influx-database.ts";
import { withoutLimits } from "./mosquitto-part.ts";
import type { Part } from "./part.ts";
import { cpuSeconds } from "./process-figures.ts";
import type { Road } from "./road.ts";
import type { LoadTarget } from "./run-load.ts";

/** Where devices publish: to our own door, or to Mosquitto, which the bridge reads. */
export type Entrance = "door" | "mosquitto";

export interface RegionRoad extends Road {
  readonly region: Region;
  /** Bearer token of the operator `bench`, which owns everything that the load brings. */
  readonly token: string;
  /** Password of the source `bench` at the doors. */
  readonly secret: string;
  readonly dataDirectory: string;
}

/** What of the constellation is another one for a trial. */
export type RegionRoadOptions = Partial<
  Pick<RegionOptions, "dataDirectory" | "sectors" | "writers" | "ports" | "variables" | "lines" | "prepare">
>;

const sector = "water";
const publisher = { name: "bench", password: "bench-on-the-loopback" };
/** Their order on the road. */
const stations = ["mosquitto", `ingest-${sector}`, "nats", "writer", "influxd", "api"];

/** The constellation of servers as `npm run start:servers` runs it, with the ingest process of one sector where nothing else is said. */
export async function openRegionRoad(entrance: Entrance, options: RegionRoadOptions = {}): Promise<RegionRoad> {
  const opened = new AsyncDisposableStack();
  try {
    const dataDirectory = options.dataDirectory ?? opened.use(await createTemporaryFolder()).path;
    const sectors = options.sectors ?? [{ name: sector, domains: [sector] }];
    let secret = "";
    let token = "";
    const region = await openRegion({
      lines: { mosquitto: withoutLimits },
      ...options,
      dataDirectory,
      sectors,
      bridged: {
        ...Object.fromEntries(sectors.map(({ name }) => [name, []])),
        [sector]: [{ source: "bench", topics: ["load/#"] }],
      },
      accounts: [{ ...publisher, writes: ["load/#"] }],
      async prepare(registry) {
        await registry.putOperator({ id: "bench", name: "Bench" });
        const adopt = [{ format: "*", domain: sector }] as const;
        const source = { id: "bench", operator: "bench", topics: ["#"], adopt: [...adopt] };
        secret = (await registry.issueCredential(source)).secret;
        token = (await registry.issueToken({ name: "bench", operator: "bench", scopes: ["read", "export", "ledger"] }))
          .token;
        await options.prepare?.(registry);
      },
    });
    opened.defer(() => region.close());
    const wanted = entrance === "door" ? stations.slice(1) : stations;
    return {
      region,
      token,
      secret,
      dataDirectory,
      name: `Messnetz, from ${entrance === "door" ? "the door" : "Mosquitto"}`,
      parts: region.parts
        .filter(({ name }) => wanted.includes(name))
        .toSorted((a, b) => stations.indexOf(a.name) - stations.indexOf(b.name))
        .map(toPart),
      target: targetOf(region, { entrance, secret }),
      influx: await readerOf(region.influx.variables),
      stored: { measurement: "water_level", field: "value", tag: "thing", by: "name" },
      // Nothing waits in a memory: what is acknowledged is on its way to the store by itself.
      settle: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

function toPart(part: Region["parts"][number]): Part {
  const stop = (): Promise<void> => part.kill("SIGTERM");
  return {
    name: part.name,
    start: () => part.restart(),
    kill: () => part.kill(),
    stop,
    cpuSeconds: () => (part.pid === undefined ? 0 : cpuSeconds(part.pid)),
    output: () => part.tail(100).join("\n"),
    [Symbol.asyncDispose]: stop,
  };
}

function targetOf(region: Region, at: { readonly entrance: Entrance; readonly secret: string }): LoadTarget {
  const url = at.entrance === "door" ? region.doors.get(sector) : region.mosquitto.url;
  const { hostname, port } = new URL(url!);
  const password = at.entrance === "door" ? at.secret : publisher.password;
  return { host: hostname, port: Number(port), username: publisher.name, password };
}

async function readerOf(variables: Readonly<Record<string, string | undefined>>): Promise<InfluxDatabase> {
  const secretIn = async (file: string | undefined) =>
    file === undefined ? undefined : (await readFile(file, "utf8")).trim();
  const token = await secretIn(variables["MESSNETZ_INFLUX_TOKEN_FILE"]);
  const password = await secretIn(variables["MESSNETZ_INFLUX_PASSWORD_FILE"]);
  const username = variables["MESSNETZ_INFLUX_USER"];
  return {
    url: variables["MESSNETZ_INFLUX_URL"]!,
    database: variables["MESSNETZ_INFLUX_DATABASE"]!,
    account: {
      ...(token !== undefined && { token }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    },
  };
}
