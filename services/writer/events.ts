import type { SubscriptionEvent } from "@messnetz/bus";
import { domains } from "@messnetz/model";
import type { NatsEvent } from "@messnetz/nats";
import type { CheckReport, Logger, Metrics } from "@messnetz/runtime";
import type { InfluxEvent, StoreEvent } from "@messnetz/store";
import { type Partition, partitions } from "./config.ts";
import type { PumpEvents } from "./pump.ts";
import { otherDomain } from "./thing-domains.ts";
import { type PurgeReason, purgeReasons } from "./upkeep.ts";
import type { WriteEvents } from "./write-observations.ts";

const subjectDomains = [...domains, otherDomain] as const;
type SubjectDomain = (typeof subjectDomains)[number];

/** What comes again and again while something lasts is logged at most this often per kind, with the number left out. */
const quietMs = 10_000;

/** Upper bounds in seconds: a write of a few lines takes milliseconds, of 10,000 about a tenth of a second. */
const latencyBuckets = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const batchBuckets = [1, 10, 100, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];

export type WriterEvents = ReturnType<typeof createEvents>;

/** One function per event: the log line and the metric. `now` in milliseconds, monotonic. */
export function createEvents(options: {
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly metrics: Metrics;
  readonly now?: () => number;
}) {
  const { log, metrics } = options;
  const now = options.now ?? (() => performance.now());
  const domainLabels = { domain: subjectDomains };
  const counter = (name: string, help: string) =>
    metrics.counter({ name: `messnetz_writer_${name}`, help, labels: domainLabels });
  const written = counter("observations_written_total", "Observations that the store took, those that it had included");
  const added = counter("observations_total", "Observations newly stored");
  const refused = counter("refused_total", "Observations that the store refused for ever; they are in the quarantine");
  const poisoned = counter("poison_total", "Messages of the bus that nobody can read; they are in the quarantine");
  const unreadable = counter("bad_elements_total", "Elements on the bus that are no observations, in the quarantine");
  const lost = counter(
    "quarantine_full_total",
    "What could not be stored, and found the quarantine full: counted, gone",
  );
  const storeSeconds = metrics.histogram({
    name: "messnetz_writer_store_seconds",
    help: "How long the store took for a batch",
    labels: domainLabels,
    buckets: latencyBuckets,
  });
  const batchSizes = metrics.histogram({
    name: "messnetz_writer_batch_observations",
    help: "Observations (of the quarantine: entries) in a batch",
    labels: { partition: partitions },
    buckets: batchBuckets,
  });
  const messages = metrics.counter({
    name: "messnetz_writer_messages_total",
    help: "Messages of the bus that are settled",
    labels: { partition: partitions },
  });
  const storeFailures = metrics.counter({
    name: "messnetz_writer_store_failures_total",
    help: "Calls of the store that failed; they are repeated",
    labels: {},
  });
  const restarts = metrics.counter({
    name: "messnetz_writer_restarts_total",
    help: "How often a partition was begun anew: another writer has it, or the bus failed",
    labels: { partition: partitions, reason: ["taken", "failed"] },
  });
  const purges = metrics.counter({
    name: "messnetz_writer_purges_total",
    help: "How often written messages were taken out of the stream: too old, or the stream too full",
    labels: { reason: purgeReasons },
  });
  const quiet = new Map<string, { until: number; suppressed: number }>();

  function seldom(kind: string, write: (more: object) => void): void {
    const at = now();
    const state = quiet.get(kind);
    if (state !== undefined && at < state.until) {
      state.suppressed++;
      return;
    }
    quiet.set(kind, { until: at + quietMs, suppressed: 0 });
    write(state === undefined || state.suppressed === 0 ? {} : { suppressed: state.suppressed });
  }

  function misconfigured(error: unknown): void {
    const text =
      "InfluxDB refuses us: look at MESSNETZ_INFLUX_URL, _DATABASE and the token or password. Nothing is lost: what is not written stays on the bus.";
    seldom("misconfigured", (more) => log.error({ err: error, ...more }, text));
  }

  const writes: WriteEvents = {
    poison(domain, { subject, seq }, reason) {
      poisoned.add({ domain: domain as SubjectDomain });
      const text =
        "A message of the bus cannot be read. It goes to the quarantine with its bytes; whose it was is unknown.";
      seldom("poison", (more) => log.error({ subject, seq, reason, ...more }, text));
    },
    badElements(domain, { subject, seq }, count) {
      unreadable.add({ domain: domain as SubjectDomain }, count);
      const text =
        "Elements of a message of the bus are no observations; they go to the quarantine, the others are stored.";
      seldom("badElements", (more) => log.error({ subject, seq, count, ...more }, text));
    },
    refused(domain, count, reason) {
      refused.add({ domain: domain as SubjectDomain }, count);
      const text = "The store refused observations for ever; they go to the quarantine, the others are stored.";
      seldom(`refused ${domain}`, (more) => log.warn({ domain, count, reason, ...more }, text));
    },
    quarantineFull(domain, count) {
      lost.add({ domain: domain as SubjectDomain }, count);
      const text = "The quarantine has no room for what could not be stored: it is counted as refused and gone.";
      seldom("quarantineFull", (more) => log.error({ domain, count, ...more }, text));
    },
    written(domain, { observations, added: fresh, tookMs }) {
      const labels = { domain: domain as SubjectDomain };
      written.add(labels, observations);
      added.add(labels, fresh);
      storeSeconds.observe(labels, tookMs / 1000);
    },
  };

  const pumps: PumpEvents = {
    claimed(partition, position) {
      log.info({ partition, ...position }, "Writing a partition.");
    },
    taken(partition, error) {
      restarts.add({ partition: partition as Partition, reason: "taken" });
      const text =
        "Another writer has this partition. Name each partition in MESSNETZ_WRITER_PARTITIONS of one process only; while two have it, they take turns.";
      log.error({ partition, err: error }, text);
    },
    failed(partition, error) {
      restarts.add({ partition: partition as Partition, reason: "failed" });
      const text =
        "Writing a partition was interrupted; it begins anew. Nothing is lost: what is not written stays on the bus.";
      seldom(`failed ${partition}`, (more) => log.warn({ partition, err: error, ...more }, text));
    },
    settled(partition, batch) {
      const labels = { partition: partition as Partition };
      messages.add(labels, batch.messages.length);
      batchSizes.observe(labels, batch.observations);
    },
  };

  return {
    ...writes,
    ...pumps,
    operationsListening(address: { readonly host: string; readonly port: number }): void {
      log.info(address, "Health and metrics are served.");
    },
    operationsFailed(error: unknown): void {
      seldom("operationsFailed", (more) => log.warn({ err: error, ...more }, "Health or metrics could not be told."));
    },
    notReady(checks: Readonly<Record<string, CheckReport>>): void {
      log.warn({ checks }, "The writer cannot do its work now.");
    },
    influx(event: InfluxEvent): void {
      // Outages and refusals are told where they are dealt with.
      if (event.kind === "misconfigured") misconfigured(event.cause);
      if (event.kind === "unavailable")
        seldom("influx", (more) =>
          log.warn({ err: event.cause, ...more }, "InfluxDB cannot be reached or cannot do it now."),
        );
    },
    subscription(event: SubscriptionEvent): void {
      if (event.kind === "subscription_renewed") {
        log.info(
          { from: event.from, reason: event.reason },
          "Reading the bus anew at the first message that had not come.",
        );
      } else {
        seldom("subscription_failed", (more) =>
          log.warn({ err: event.cause, ...more }, "The bus cannot be read now; it is tried again."),
        );
      }
    },
    ledger(event: StoreEvent): void {
      if (event.kind === "upkeep_failed")
        seldom("ledger", (more) =>
          log.warn({ err: event.cause, ...more }, "Upkeep of the ledger failed; it is tried again. Nothing is lost."),
        );
    },
    notAnEntry(seq: number, error: unknown): void {
      seldom("notAnEntry", (more) =>
        log.error(
          { seq, err: error, ...more },
          "A message of the quarantine's stream is no entry of ours; it is not counted.",
        ),
      );
    },
    nats(event: NatsEvent): void {
      switch (event.kind) {
        case "connect_failed":
          return seldom("connect_failed", (more) =>
            log.warn({ err: event.cause, ...more }, "NATS cannot be reached; it is tried again."),
          );
        case "connected":
          return log.info({ server: event.server, version: event.version }, "Connected with NATS.");
        case "disconnected":
          return log.warn({ server: event.server }, "The connection with NATS is lost; it is tried again.");
        case "reconnected":
          return log.info({ server: event.server }, "Connected with NATS again.");
        case "server_error":
          return seldom("server_error", (more) => log.error({ err: event.cause, ...more }, "NATS refused something."));
        case "server_warning":
          return log.warn({ code: event.code }, event.text);
        case "connection_ended":
          return log.error({ err: event.cause }, "The connection with NATS has ended for good: start the writer anew.");
      }
    },
    storeFailed(error: unknown, failingForMs: number): void {
      storeFailures.add({});
      const text = "The store takes nothing now; it is tried again. What is not written stays on the bus.";
      seldom("storeFailed", (more) => log.warn({ err: error, failingForMs, ...more }, text));
    },
    storeRecovered(afterMs: number): void {
      log.info({ afterMs }, "The store takes observations again.");
    },
    purged(partition: string, upToSeq: number, reason: PurgeReason): void {
      purges.add({ reason });
      if (reason === "fill")
        seldom("purged", (more) =>
          log.warn({ partition, upToSeq, ...more }, "The stream is filling up: what is written leaves it early."),
        );
    },
    upkeepFailed(error: unknown): void {
      seldom("upkeepFailed", (more) =>
        log.warn({ err: error, ...more }, "Written messages could not be taken out of the stream; it is tried again."),
      );
    },
    lagUnknown(error: unknown): void {
      seldom("lagUnknown", (more) =>
        log.warn({ err: error, ...more }, "How far behind the writer is could not be asked."),
      );
    },
  };
}
