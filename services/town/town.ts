import { join } from "node:path";
import { type Api, createApi, limitsOf, originOf, type TlsFiles } from "@messnetz/api";
import { type Bus, createDirectBus } from "@messnetz/bus";
import { createCodecs } from "@messnetz/codec";
import { formats } from "@messnetz/formats";
import {
  type BridgePlan,
  createDeliveries,
  createDoor,
  createEvents,
  createFormatMemory,
  createHttpDoor,
  createHttpEvents,
  createIntake,
  type Door,
  openBridge,
  sessionsOfDoor,
  tellGauges,
} from "@messnetz/ingest";
import { catalogue } from "@messnetz/model";
import { createHistory, createPipeline } from "@messnetz/pipeline";
import { openServiceProfiles } from "@messnetz/profiles";
import { openEmbeddedRegistry, type Registry } from "@messnetz/registry";
import { createHealth, createMetrics, type Logger, type Shutdown } from "@messnetz/runtime";
import {
  type AuditLog,
  createEraser,
  type EmbeddedStore,
  openDuckDbStore,
  openSqliteAuditLog,
  readQuarantineLimits,
  unknownProperties,
} from "@messnetz/store";
import type { TownConfig } from "./config.ts";
import { createTownEvents } from "./events.ts";
import { startUpkeep } from "./upkeep.ts";

export interface TownOptions {
  readonly config: TownConfig;
  /** Of the API; undefined: plain HTTP, on loopback only. */
  readonly tls: TlsFiles | undefined;
  /** Brokers that are read; none where it is empty. */
  readonly plans: readonly BridgePlan[];
  readonly dataDirectory: string;
  readonly log: Logger;
  /** What is opened is closed by it, in reverse order. */
  readonly shutdown: Shutdown;
  /** Before anything is let in: the registry may be filled. `profiles`: the names of the device profiles. */
  readonly prepare?: (registry: Registry, profiles: ReadonlySet<string>, audit: AuditLog) => Promise<void>;
}

export interface Town {
  readonly registry: Registry;
  readonly store: EmbeddedStore;
  readonly bus: Bus;
  readonly door: Door;
  readonly api: Api;
}

const dayMs = 86_400_000;
const healthTimeoutMs = 5_000;

/** Door, road, store and API in one process: the embedded constellation. Resolves when the doors are open. */
export async function openTown(options: TownOptions): Promise<Town> {
  const { config, tls, dataDirectory, log, shutdown } = options;
  const told = createTownEvents(log);
  const metrics = createMetrics({ process: true });
  const health = createHealth({ timeoutMs: healthTimeoutMs });
  health.hold("starting");

  const codecs = createCodecs();
  shutdown.defer("codecs", () => codecs.close());
  const registry = await openEmbeddedRegistry({ dataDir: dataDirectory });
  shutdown.defer("registry", () => registry.close());
  const profiles = await openServiceProfiles({
    config,
    keepFile: join(dataDirectory, "profiles-in-force.json"),
    codecs,
    registry,
    log,
    metrics,
    health,
  });
  shutdown.defer("profiles", () => profiles.close());
  const audit = await openSqliteAuditLog({ file: join(dataDirectory, "audit.sqlite") });
  shutdown.defer("audit", () => audit.close());
  await options.prepare?.(registry, profiles.names, audit);

  const store = await openDuckDbStore({
    directory: dataDirectory,
    memoryLimitMb: config.MESSNETZ_STORE_MEMORY_MB,
    threads: config.MESSNETZ_STORE_THREADS,
    quarantine: readQuarantineLimits(config),
    monthGraceMs: config.MESSNETZ_MONTH_GRACE_DAYS * dayMs,
    monthRenewalMs: config.MESSNETZ_MONTH_RENEWAL_DAYS * dayMs,
    onEvent: told.store,
  });
  const unknown = unknownProperties(config.MESSNETZ_RETENTION);
  if (unknown.length > 0) told.unknownRetention(unknown);
  // What is being written for a month ends with the store.
  const upkeep = startUpkeep({
    store,
    audit,
    rules: config.MESSNETZ_RETENTION,
    domainOf: (thing) => (registry.thing(thing) ?? registry.tombstone(thing))?.domain,
    signal: shutdown.signal,
    clock: Date.now,
    events: told,
  });
  shutdown.defer("upkeep", () => upkeep.close());
  shutdown.defer("store", () => store.close());
  const bus = createDirectBus(store.intake);
  shutdown.defer("bus", () => bus.close());

  const memory = createFormatMemory(registry);
  const kept = await store.sessions.load();
  const copies = createDeliveries(kept.deliveries, { curedAt: () => profiles.changedAt() });
  const road = createPipeline({
    formats,
    profiles: { profile: profiles.find },
    codecs,
    catalogue,
    directory: registry,
    history: createHistory(),
    recall: (source, format, key) => memory.recall(source, format, key),
    isCopy: copies.isKnown,
  });
  const events = createEvents({ log, metrics });
  const intake = createIntake({
    config,
    publisher: bus,
    road,
    receipts: kept.receipts,
    deliveries: copies,
    adopt(list) {
      const foreign = registry.adopt(list);
      if (foreign.length > 0) told.adoptedForeign(foreign.map(({ thing }) => thing.id));
      return foreign;
    },
    memory,
    flushAdoptions: () => registry.flush(),
    timeZone: config.MESSNETZ_TIME_ZONE,
    events,
  });
  shutdown.defer("intake", () => intake.close());

  const httpDoor = createHttpDoor({
    config,
    intake,
    authenticator: registry,
    events: createHttpEvents({ log, metrics }),
  });
  // A codec has an account of its processor time: who tries one out does not use up that of the messages.
  const trialCodecs = createCodecs();
  shutdown.defer("codecs of trials", () => trialCodecs.close());
  const api = await createApi({
    store: { ...store, audit, eraser: createEraser(store) },
    registry,
    catalogue,
    profiles: profiles.names,
    decoding: { formats, profiles: { profile: profiles.find }, codecs: trialCodecs, recall: memory.recall },
    messages: httpDoor,
    metrics,
    health,
    log,
    clock: Date.now,
    timeZone: config.MESSNETZ_TIME_ZONE,
    limits: limitsOf(config),
    origin: originOf(config),
    ...(tls === undefined ? {} : { tls }),
  });
  await api.listen(config.MESSNETZ_HTTP_HOST, config.MESSNETZ_HTTP_PORT);
  shutdown.defer("api", () => api.close());
  shutdown.defer("HTTP door", () => httpDoor.close());

  // The door opens last and closes first: what cannot be stored and seen is not let in.
  const { plans } = options;
  const sessions = sessionsOfDoor(kept.sessions, plans);
  const door = await createDoor({ config, intake, authenticator: registry, sessions, events });
  shutdown.defer("door", () => door.close());
  tellGauges(metrics, { door, intake });
  openBridge(
    { plans, config, intake, sources: registry, log, metrics, keptSessions: kept.sessions },
    { health, shutdown },
  );
  health.add("intake", () => {
    const { failingForMs } = intake.state();
    if (failingForMs !== undefined) throw new Error(`the store has taken nothing for ${Math.round(failingForMs)} ms`);
  });
  health.add("store", () => store.check());
  health.add("registry", () => registry.check());
  health.hold(undefined);
  shutdown.signal.addEventListener("abort", () => health.hold("closing"), { once: true });
  return { registry, store, bus, door, api };
}
