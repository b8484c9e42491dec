import type { Observation } from "@messnetz/model";
import { createMemoryStore, type EmbeddedStore, openDuckDbStore, openInfluxStore } from "@messnetz/store";
import { createTemporaryFolder, findInfluxServers, startInflux } from "@messnetz/testing";

const quarantine = { maxBytes: 1, maxAgeMs: 1 };

/** A store that questions are asked of, with all observations in it. */
interface TrialStore {
  readonly store: EmbeddedStore;
  close(): Promise<void>;
}

interface TrialKind {
  /** Says what is missing, where it is. */
  readonly name: string;
  readonly isMissing: boolean;
  /** `now`: months before it are over. */
  open(observations: readonly Observation[], now: number): Promise<TrialStore>;
}

async function openDuckDb(
  observations: readonly Observation[],
  { now, closes }: { readonly now: number; readonly closes: boolean },
): Promise<TrialStore> {
  const folder = await createTemporaryFolder();
  const store = await openDuckDbStore({
    directory: folder.path,
    quarantine,
    memoryLimitMb: 128,
    clock: () => now,
  });
  // What comes after the months were closed is late for them.
  const half = closes ? observations.length >> 1 : 0;
  await store.observations.write(observations.slice(0, half));
  if (closes) await store.months.close();
  await store.observations.write(observations.slice(half));
  return {
    store,
    async close() {
      await store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function openMemory(observations: readonly Observation[], now: number): Promise<TrialStore> {
  const store = createMemoryStore({ quarantine, clock: () => now });
  await store.observations.write(observations);
  return { store, close: () => store.close() };
}

/** Everything but the observations is in memory. */
async function openInflux(generation: 1 | 2, observations: readonly Observation[], now: number): Promise<TrialStore> {
  const memory = createMemoryStore({ quarantine, clock: () => now });
  const influx = await startInflux({ version: generation });
  const { url, database, org, writer } = influx;
  const store = await openInfluxStore({
    url,
    database,
    ...(org !== undefined && { org }),
    ...writer,
    timeoutMs: 10_000,
    domainOf: () => "water",
  });
  await store.write(observations);
  return {
    store: { ...memory, observations: store },
    async close() {
      await store.close();
      await influx.stop();
    },
  };
}

/** The newest that is installed; with MESSNETZ_TRIALS=full each. */
const installed = findInfluxServers();
const tried = process.env["MESSNETZ_TRIALS"] === "full" ? installed : installed.slice(-1);
const influxes: readonly TrialKind[] =
  tried.length === 0
    ? [{ name: "InfluxDB, WHICH IS MISSING", isMissing: true, open: openMemory }]
    : tried.map(({ generation, version }) => ({
        name: `InfluxDB ${version}`,
        isMissing: false,
        open: (observations, now) => openInflux(generation, observations, now),
      }));

export const trialKinds: readonly TrialKind[] = [
  { name: "memory", isMissing: false, open: openMemory },
  { name: "DuckDB", isMissing: false, open: (observations, now) => openDuckDb(observations, { now, closes: false }) },
  {
    name: "DuckDB with closed months and late data",
    isMissing: false,
    open: (observations, now) => openDuckDb(observations, { now, closes: true }),
  },
  ...influxes,
];
