import process from "node:process";
import {
  ackWaitMs,
  createSubscription,
  declareObservationStream,
  decodeBusMessage,
  StreamReplacedError,
} from "@messnetz/bus";
import {
  connectNats,
  ConsumerContradictionError,
  type NatsLink,
  readNatsAccess,
  StreamContradictionError,
} from "@messnetz/nats";
import {
  createBackOff,
  createHealth,
  createLogger,
  createMetrics,
  createShutdown,
  loadConfig,
  type Metrics,
  openOperationsServer,
  type Shutdown,
} from "@messnetz/runtime";
import {
  openInfluxStore,
  openJetStreamAuditLog,
  openJetStreamLedger,
  openJetStreamQuarantine,
  PartitionTakenError,
  readInfluxAddress,
  readQuarantineHeaders,
  readQuarantineLimits,
} from "@messnetz/store";
import { type WriterConfig, writerConfigSchema } from "./config.ts";
import { createEvents, type WriterEvents } from "./events.ts";
import { openRemoval } from "./open-removal.ts";
import { openWriter } from "./open-writer.ts";
import { createThingDomains } from "./thing-domains.ts";
import type { WriteStep } from "./write-observations.ts";

const closeStepMs = 15_000;
/** Below `closeStepMs`: what is in hand is finished, or given up and written by the next writer. */
const finishMs = 10_000;
const healthTimeoutMs = 5000;
/** Of what the server takes in one message: an entry of the quarantine has its description beside the payload. */
const keptShare = 0.5;
const megabyte = 1_000_000;
/** Messages in hand of each partition, at most; their bytes are bounded too. */
const maxPending = 1000;

export interface RunWriterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called between the steps of each batch: a trial ends the process there. */
  readonly onStep?: (step: WriteStep) => void;
}

/** Runs a writer until SIGTERM. Waits for NATS and InfluxDB where they are not there yet; /ready says so meanwhile. */
export async function runWriter({ env, onStep }: RunWriterOptions): Promise<void> {
  const config = loadConfig(writerConfigSchema, env);
  const log = createLogger({ service: "writer", form: config.MESSNETZ_LOG, level: config.MESSNETZ_LOG_LEVEL });
  const metrics = createMetrics({ process: true });
  const events = createEvents({ log, metrics });
  const shutdown = createShutdown({ log, stepTimeoutMs: closeStepMs });
  shutdown.listen();
  try {
    await open({ config, metrics, events, shutdown, ...(onStep && { onStep }) });
    log.info({ partitions: config.MESSNETZ_WRITER_PARTITIONS, pid: process.pid }, "The writer runs.");
  } catch (error) {
    // Ended while it waited: the signal closes what is open, and ends the process.
    if (shutdown.signal.aborted) return;
    await shutdown.close("could not start");
    throw error;
  }
}

interface Opening {
  readonly config: WriterConfig;
  readonly metrics: Metrics;
  readonly events: WriterEvents;
  readonly shutdown: Shutdown;
  readonly onStep?: (step: WriteStep) => void;
}

async function open({ config, metrics, events, shutdown, onStep }: Opening): Promise<void> {
  const { signal } = shutdown;
  const natsAccess = await readNatsAccess(config);
  const influxAddress = await readInfluxAddress(config);
  const health = createHealth({ timeoutMs: healthTimeoutMs });
  health.hold("starting: waits for NATS and InfluxDB");
  const operations = await openOperationsServer({
    host: config.MESSNETZ_OPERATIONS_HOST,
    port: config.MESSNETZ_OPERATIONS_PORT,
    health,
    metrics,
    onNotReady: events.notReady,
    onFault: events.operationsFailed,
  });
  shutdown.defer("health and metrics", operations.close);
  events.operationsListening(operations.address());

  const link = await connectNats({
    ...natsAccess,
    name: "messnetz-writer",
    onEvent(event) {
      events.nats(event);
      if (event.kind === "connection_ended") shutdown.fail("the connection with NATS has ended");
    },
    signal,
  });
  shutdown.defer("NATS", link.close);
  health.add("nats", link.check);
  const { quarantine, ledger, audit } = await untilOpen(() => openStreams(config, link, events), { signal, events });
  shutdown.defer("audit log", async () => audit?.close());
  shutdown.defer("ledger", ledger.close);
  shutdown.defer("quarantine", quarantine.close);
  const domains = createThingDomains();
  const store = await openInfluxStore({
    ...influxAddress,
    domainOf: domains.domainOf,
    onEvent: events.influx,
    signal,
  });
  shutdown.defer("InfluxDB", store.close);
  health.add("store", store.check);

  const writer = openWriter({
    config,
    ports: {
      claim: ledger.claim,
      isTaken: (error) => error instanceof PartitionTakenError,
      resumeAt: (error) => (error instanceof StreamReplacedError ? error.resumeAt : undefined),
      subscribe: (partition, { fromSeq, newestAt, onRenewed }) =>
        createSubscription({
          link,
          partition,
          from: fromSeq,
          ...(newestAt !== undefined && { newestAt }),
          maxPending,
          onEvent(event) {
            events.subscription(event);
            if (event.kind === "subscription_renewed") onRenewed();
          },
        }),
      readMessage: decodeBusMessage,
      readQuarantineHead({ headers, seq }) {
        try {
          return readQuarantineHeaders(headers);
        } catch (error) {
          events.notAnEntry(seq, error);
          return undefined;
        }
      },
      keeper: quarantine,
      maxKeptBytes: () => Math.floor(link.maxPayloadBytes * keptShare),
      store,
      domains,
    },
    workingEveryMs: ackWaitMs / 3,
    events,
    metrics,
    ...(onStep && { onStep }),
  });
  shutdown.defer("partitions", () => writer.close(finishMs));
  health.add("partitions", () => {
    const trouble = writer.trouble();
    if (trouble !== undefined) throw new Error(trouble);
  });
  await openRemoval({ config, link, store, quarantine, ledger, audit, events, shutdown });
  health.hold(undefined);
  shutdown.defer("readiness", () => health.hold("closing"));
}

/** NATS may be there before JetStream can do its work. What only a person can cure is told at once. */
async function untilOpen<T>(
  openIt: () => Promise<T>,
  { signal, events }: { readonly signal: AbortSignal; readonly events: WriterEvents },
): Promise<T> {
  const backOff = createBackOff({ firstMs: 250, maxMs: 5000 });
  for (;;) {
    signal.throwIfAborted();
    try {
      return await openIt();
    } catch (error) {
      if (error instanceof StreamContradictionError || error instanceof ConsumerContradictionError) throw error;
      events.streamsFailed(error);
      await backOff.wait(signal);
    }
  }
}

async function openStreams(config: WriterConfig, link: NatsLink, events: WriterEvents) {
  const replicas = config.MESSNETZ_NATS_REPLICAS;
  await declareObservationStream({ link, replicas, maxBytes: config.MESSNETZ_NATS_OBSERVATIONS_MB * megabyte });
  const quarantine = await openJetStreamQuarantine({
    link,
    replicas,
    maxBytes: config.MESSNETZ_NATS_QUARANTINE_MB * megabyte,
    limits: readQuarantineLimits(config),
  });
  try {
    // Nothing of the writer's own stands in it but what retention removes.
    const audit =
      config.MESSNETZ_RETENTION.length === 0
        ? undefined
        : await openJetStreamAuditLog({ link, replicas, maxBytes: config.MESSNETZ_NATS_AUDIT_MB * megabyte });
    const ledger = await openJetStreamLedger({
      link,
      replicas,
      onEvent: events.ledger,
      onDayDropped: events.dayDropped,
    });
    return { quarantine, ledger, audit };
  } catch (error) {
    await quarantine.close();
    throw error;
  }
}
