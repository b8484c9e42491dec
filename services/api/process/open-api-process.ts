import { otherDomain } from "@messnetz/bus";
import { createCodecs } from "@messnetz/codec";
import { formats } from "@messnetz/formats";
import { catalogue } from "@messnetz/model";
import { connectNats, readNatsAccess } from "@messnetz/nats";
import { openServiceProfiles } from "@messnetz/profiles";
import { ensureAdministrator, importFiles, openNatsRegistry, type Registry } from "@messnetz/registry";
import { createHealth, createMetrics, type Logger, type Shutdown } from "@messnetz/runtime";
import {
  createRemoteEraser,
  followRemovals,
  type InfluxStore,
  openInfluxStore,
  openJetStreamAuditLog,
  openJetStreamLedger,
  openJetStreamQuarantine,
  readInfluxAddress,
  readQuarantineLimits,
} from "@messnetz/store";
import { limitsOf, originOf } from "../config.ts";
import { type Api, createApi } from "../create-api.ts";
import type { TlsFiles } from "../create-server.ts";
import { atStart } from "../recorder.ts";
import type { ApiProcessConfig } from "./config.ts";
import { type ApiProcessEvents, createProcessEvents } from "./events.ts";
import { createLateObservations, type LateObservations } from "./late-observations.ts";
import { followPartitions } from "./follow-partitions.ts";
import { showToken } from "./show-token.ts";

export interface ApiProcessOptions {
  readonly config: ApiProcessConfig;
  /** Undefined: plain HTTP, on loopback only. */
  readonly tls: TlsFiles | undefined;
  /** Put into the registry first. */
  readonly files: readonly { readonly file: string; readonly content: Uint8Array }[];
  /** A token of an administrator is made though there is one. */
  readonly isAdministratorWanted: boolean;
  readonly log: Logger;
  /** What is opened is closed by it, in reverse order. */
  readonly shutdown: Shutdown;
  readonly say: (text: string) => void;
}

const bytesPerMb = 1_000_000;
const healthTimeoutMs = 5_000;

/**
 * The API over its servers. Waits for NATS, where the registry is, before it listens; InfluxDB may be away: what needs it is answered with
 * 503 until it is there.
 */
export async function openApiProcess(options: ApiProcessOptions): Promise<Api> {
  const { config, tls, log, shutdown, say } = options;
  const events = createProcessEvents(log);
  const metrics = createMetrics({ process: true });
  const health = createHealth({ timeoutMs: healthTimeoutMs });
  const replicas = config.MESSNETZ_NATS_REPLICAS;

  const natsAccess = await readNatsAccess(config);
  const influxAddress = await readInfluxAddress(config);
  const link = await connectNats({
    ...natsAccess,
    name: "messnetz api",
    onEvent(event) {
      events.nats(event);
      if (event.kind === "connection_ended") shutdown.fail("the connection to NATS has ended");
    },
    signal: shutdown.signal,
  });
  shutdown.defer("nats", () => link.close());
  const registry = await openNatsRegistry({
    link,
    keyFile: config.MESSNETZ_REGISTRY_KEY_FILE,
    createKey: true,
    replicas,
  });
  shutdown.defer("registry", () => registry.close());
  const codecs = createCodecs();
  shutdown.defer("codecs", () => codecs.close());
  const profiles = await openServiceProfiles({
    config,
    keepFile: config.MESSNETZ_PROFILES_KEEP_FILE,
    registry,
    log,
    metrics,
    health,
  });
  shutdown.defer("profiles", () => profiles.close());
  const audit = await openJetStreamAuditLog({
    link,
    replicas,
    maxBytes: config.MESSNETZ_NATS_AUDIT_MB * bytesPerMb,
    onFilling: events.auditFilling,
  });
  shutdown.defer("audit", () => audit.close());
  await ensureAdministrator(registry, {
    isWanted: options.isAdministratorWanted,
    async show(token) {
      await audit.append([atStart("token.issue", "administrator")]);
      await showToken(token, { file: config.MESSNETZ_ADMINISTRATOR_TOKEN_FILE, say });
    },
  });
  await audit.append(options.files.map(({ file }) => atStart("import", file)));
  await importFiles(options.files, { registry, profiles: profiles.names, say });

  const quarantine = await openJetStreamQuarantine({
    link,
    limits: readQuarantineLimits(config),
    clock: Date.now,
    replicas,
    maxBytes: config.MESSNETZ_NATS_QUARANTINE_MB * bytesPerMb,
  });
  shutdown.defer("quarantine", () => quarantine.close());
  const ledger = await openJetStreamLedger({ link, replicas });
  shutdown.defer("ledger", () => ledger.close());

  // What is published while the store is opened must not be missed, nor what is on its way to it.
  const observations: LateObservations = createLateObservations({
    signal: shutdown.signal,
    catchUp: () => following.catchUp(),
    onLearned: events.newestLearned,
    onLearningFailed: events.learningFailed,
  });
  const following = followPartitions({
    link,
    ledger,
    observe: observations.observe,
    signal: shutdown.signal,
    onInterrupted: events.followingInterrupted,
    onGap: observations.missed,
  });
  shutdown.defer("bus", () => following.ended);
  followRemovals({
    link,
    onRemoved: (query) => void observations.removed(query),
    onMissed: () => void observations.missedRemovals(),
  });
  const opening = openStore({ shutdown, influxAddress, registry, events, observations });
  shutdown.defer("store", async () => (await opening)?.close());

  const api = await createApi({
    store: {
      observations,
      quarantine,
      ledger,
      audit,
      eraser: createRemoteEraser({ link, places: { observations, quarantine } }),
    },
    registry,
    catalogue,
    profiles: profiles.names,
    decoding: { formats, profiles: { profile: profiles.find }, codecs },
    metrics,
    health,
    log,
    clock: Date.now,
    timeZone: config.MESSNETZ_TIME_ZONE,
    limits: limitsOf(config),
    origin: originOf(config),
    ...(tls === undefined ? {} : { tls }),
  });
  health.add("nats", () => link.check());
  health.add("registry", () => registry.check());
  health.add("audit", () => audit.check());
  health.add("store", () => observations.check());
  shutdown.signal.addEventListener("abort", () => health.hold("closing"), { once: true });
  await api.listen(config.MESSNETZ_HTTP_HOST, config.MESSNETZ_HTTP_PORT);
  shutdown.defer("api", () => api.close());
  return api;
}

interface StoreOpening {
  readonly shutdown: Shutdown;
  readonly influxAddress: Awaited<ReturnType<typeof readInfluxAddress>>;
  readonly registry: Registry;
  readonly events: ApiProcessEvents;
  readonly observations: LateObservations;
}

/**
 * Waits for InfluxDB as long as the process lives; the store, or undefined where it came to nothing. Never rejects: what fails here is told, and
 * the store is simply not there.
 */
async function openStore(opening: StoreOpening): Promise<InfluxStore | undefined> {
  const { influxAddress, registry, events, observations, shutdown } = opening;
  try {
    const store = await openInfluxStore({
      ...influxAddress,
      domainOf: (thing) => registry.thing(thing)?.domain ?? otherDomain,
      onEvent: events.influx,
      signal: shutdown.signal,
    });
    observations.opened(store);
    events.storeOpened();
    return store;
  } catch (cause) {
    if (!shutdown.signal.aborted) events.storeFailed(cause);
    return undefined;
  }
}
