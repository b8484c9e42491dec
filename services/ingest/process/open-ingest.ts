import { createJetStreamBus, type Publisher } from "@messnetz/bus";
import { createCodecs } from "@messnetz/codec";
import { formats } from "@messnetz/formats";
import { catalogue } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import { createHistory, createPipeline } from "@messnetz/pipeline";
import { openServiceProfiles } from "@messnetz/profiles";
import { openNatsRegistry } from "@messnetz/registry";
import type { Health, Logger, Metrics, Shutdown } from "@messnetz/runtime";
import {
  InstanceTakenError,
  openJetStreamDeliveries,
  openJetStreamQuarantine,
  readQuarantineLimits,
} from "@messnetz/store";
import type { BridgePlan } from "../bridge/bridge-file.ts";
import { openBridge, sessionsOfDoor } from "../bridge/open-bridge.ts";
import { createDeliveries } from "../deliveries.ts";
import { createDoor } from "../door.ts";
import { createEvents, tellGauges } from "../events.ts";
import { createFormatMemory } from "../format-memory.ts";
import { createIntake } from "../intake.ts";
import type { IngestProcessConfig } from "./config.ts";
import { createDomainOf } from "./domain-of.ts";
import type { ProcessEvents } from "./events.ts";
import { openHttp } from "./open-http.ts";

export interface IngestOptions {
  readonly config: IngestProcessConfig;
  readonly plans: readonly BridgePlan[];
  readonly link: NatsLink;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly events: ProcessEvents;
  /** What is opened is closed by it, in reverse order. */
  readonly shutdown: Shutdown;
}

const bytesPerMb = 1_000_000;
/** For all that is in hand together: while NATS is away, nothing of it ends well, and a supervisor does not wait for long. */
const finishMs = 8000;
const noDoor = { connections: () => 0, sessions: () => 0 };

/** Registry, quarantine, deliveries and bus at NATS, the road, and door and bridges before it. Resolves when they receive. */
export async function openIngest(options: IngestOptions): Promise<void> {
  const { config, plans, link, log, metrics, health, events, shutdown } = options;
  const replicas = config.MESSNETZ_NATS_REPLICAS;
  const instance = config.MESSNETZ_INSTANCE;

  const codecs = createCodecs();
  shutdown.defer("codecs", () => codecs.close());
  health.hold("starting: it reads the registry");
  const registry = await openNatsRegistry({
    link,
    keyFile: config.MESSNETZ_REGISTRY_KEY_FILE,
    replicas,
    onEvent: events.registry,
  });
  shutdown.defer("registry", () => registry.close());
  const profiles = await openServiceProfiles({
    config,
    keepFile: config.MESSNETZ_PROFILES_KEEP_FILE,
    codecs,
    registry,
    log,
    metrics,
    health,
  });
  shutdown.defer("profiles", () => profiles.close());
  health.hold("starting: it reads quarantine and deliveries");
  const quarantine = await openJetStreamQuarantine({
    link,
    replicas,
    maxBytes: config.MESSNETZ_NATS_QUARANTINE_MB * bytesPerMb,
    limits: readQuarantineLimits(config),
  });
  shutdown.defer("quarantine", () => quarantine.close());
  const deliveries = await openJetStreamDeliveries({ link, instance, replicas, onEvent: events.store });
  shutdown.defer("deliveries", () => deliveries.close());
  const bus = await createJetStreamBus({
    link,
    instance,
    domainOf: createDomainOf(registry, config.MESSNETZ_DOMAIN),
    quarantine,
    deliveries,
    replicas,
    maxBytes: config.MESSNETZ_NATS_OBSERVATIONS_MB * bytesPerMb,
    onEvent: events.live,
  });
  shutdown.defer("bus", () => bus.close());

  const memory = createFormatMemory(registry);
  const kept = await deliveries.load();
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
  const told = createEvents({ log, metrics });
  let isTaken = false;
  // Nothing that is in hand can end well where the name is another's.
  const closeWithinMs = createCountdown(() => (isTaken ? 0 : finishMs));
  const intake = createIntake({
    config,
    publisher: tellingWhenTaken(bus, (error) => {
      if (isTaken) return;
      isTaken = true;
      events.instanceTaken(error);
      shutdown.fail("another process has taken the name of this one");
    }),
    road,
    receipts: kept.receipts,
    deliveries: copies,
    adopt(list) {
      const foreign = registry.adopt(list);
      if (foreign.length > 0) events.adoptedForeign(foreign.map(({ thing }) => thing.id));
      return foreign;
    },
    memory,
    flushAdoptions: () => registry.flush(),
    timeZone: config.MESSNETZ_TIME_ZONE,
    events: told,
  });
  shutdown.defer("intake", () => intake.close(closeWithinMs()));
  health.add("registry", () => registry.check());
  health.add("intake", () => {
    const { failingForMs } = intake.state();
    if (failingForMs !== undefined) throw new Error(`NATS has taken nothing for ${Math.round(failingForMs)} ms`);
  });

  openBridge(
    { plans, config, intake, sources: registry, log, metrics, keptSessions: kept.sessions },
    { health, shutdown, closeWithinMs },
  );
  const authenticator = registry;
  if (config.MESSNETZ_DOOR === "on" && config.MESSNETZ_HTTP_DOOR === "on")
    await openHttp({ config, intake, authenticator, log, metrics, shutdown, closeWithinMs });
  if (config.MESSNETZ_DOOR === "off") return tellGauges(metrics, { door: noDoor, intake });
  const door = await createDoor({
    config,
    intake,
    authenticator,
    sessions: sessionsOfDoor(kept.sessions, plans),
    events: told,
  });
  shutdown.defer("door", () => door.close(closeWithinMs()));
  tellGauges(metrics, { door, intake });
}

/** What is left of a time that begins with the first question. */
function createCountdown(wholeMs: () => number): () => number {
  let endsAt: number | undefined;
  return () => {
    endsAt ??= performance.now() + wholeMs();
    return Math.max(0, endsAt - performance.now());
  };
}

/** Two processes of one name would each forget what the other was told: the older one ends. */
function tellingWhenTaken(bus: Publisher, onTaken: (error: InstanceTakenError) => void): Publisher {
  return {
    async publish(batch) {
      try {
        return await bus.publish(batch);
      } catch (error) {
        if (error instanceof InstanceTakenError) onTaken(error);
        throw error;
      }
    },
  };
}
