import type { Registry } from "@messnetz/registry";
import type { BridgedSource } from "./bridges.ts";
import type { MosquittoAccount } from "./mosquitto.ts";
import type { Part, PartEvent } from "./part.ts";
import type { Programs } from "./programs.ts";
import type { Variables } from "./services.ts";
import type { Sector } from "./sectors.ts";

export type RegionEvent =
  | PartEvent
  /** A region that was killed had left them running; they were ended. */
  | { readonly kind: "leftovers"; readonly parts: readonly string[] };

export interface RegionOptions {
  /** Holds all data, configuration, logs and secrets. A second start finds them again. */
  readonly dataDirectory: string;
  /** Absent: those that `findPrograms` finds installed. */
  readonly programs?: Programs;
  /** Each gets an ingest process. Absent: the five. */
  readonly sectors?: readonly Sector[];
  /** Partitions of each writer process. Absent: one writer of all. */
  readonly writers?: readonly (readonly string[])[];
  /** By sector: what comes by Mosquitto. Absent: what is published below `<sector>/`, as the source `mosquitto-<sector>`. */
  readonly bridged?: Readonly<Record<string, readonly BridgedSource[]>>;
  /** More who may use Mosquitto. Those of `mosquittoAccount(sector)` are there anyway. */
  readonly accounts?: readonly MosquittoAccount[];
  /** Wanted ports of the loopback; absent or 0: free ones. `firstDoor` and the following are the doors', `firstHttpDoor` and the following the HTTP doors', in the order of the sectors. */
  readonly ports?: {
    readonly mosquitto?: number;
    readonly firstDoor?: number;
    readonly firstHttpDoor?: number;
    readonly api?: number;
    readonly nats?: number;
    readonly influxd?: number;
  };
  /** Further settings (`MESSNETZ_*`) of all services, and of those of one kind. */
  readonly variables?: { readonly [K in "all" | "ingest" | "writer" | "api"]?: Variables };
  /** Further lines of the servers' configurations. */
  readonly lines?: { readonly mosquitto?: readonly string[]; readonly nats?: readonly string[] };
  /** Before any service runs: the registry may be filled. */
  readonly prepare?: (registry: Registry) => Promise<void>;
  /** Publishes the simulated town: its sources by the door of each sector, or by Mosquitto. */
  readonly simulator?: SimulatorPlan;
  /** Ends a start that is still under way. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RegionEvent) => void;
}

export interface SimulatorPlan {
  readonly seed: number;
  /** Begin so long ago, and catch up at so many seconds a second. */
  readonly pastMs: number;
  readonly speed: number;
  /** Id of the simulated source → the sector whose door it publishes to, or Mosquitto. */
  readonly routes: Readonly<Record<string, { readonly door: string } | "mosquitto">>;
}

export interface Region {
  /** Of the API. */
  readonly url: string;
  /** By sector; the devices' credentials are those of the registry. */
  readonly doors: ReadonlyMap<string, string>;
  /** The same, for posts to `/api/v1/messages/<topic>`. */
  readonly httpDoors: ReadonlyMap<string, string>;
  /** By sector, who may publish below `<sector>/` at Mosquitto. */
  readonly mosquitto: {
    readonly url: string;
    account(sector: string): { readonly username: string; readonly password: string };
  };
  readonly nats: { readonly url: string; readonly user: string; readonly password: string };
  /** For those who look at InfluxDB themselves: the settings of a service that may only read. */
  readonly influx: {
    readonly version: string;
    readonly variables: Variables;
    /** The settings of one that may write too. */
    readonly writer: Variables;
  };
  readonly parts: readonly Part[];
  /** Throws a RangeError for a name that there is not: `mosquitto`, `nats`, `influxd`, `writer`, `api`, `ingest-<sector>`, `simulator`. */
  part(name: string): Part;
  /** The registry, for as long as `work` takes. */
  withRegistry<T>(work: (registry: Registry) => Promise<T>): Promise<T>;
  /** Ends all parts, the last started first. */
  close(): Promise<void>;
}
