import { otherDomain } from "@messnetz/bus";
import { domains } from "@messnetz/model";
import { createSeldom, type Logger, type Metrics } from "@messnetz/runtime";
import { type Partition, partitions } from "./config.ts";
import type { PumpEvents } from "./pump.ts";
import { createServerEvents } from "./server-events.ts";
import { type PurgeReason, purgeReasons } from "./upkeep.ts";
import type { WriteEvents } from "./write-observations.ts";

const subjectDomains = [...domains, otherDomain] as const;
type SubjectDomain = (typeof subjectDomains)[number];

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
    labels: { partition: partitions, reason: ["taken", "replaced", "failed"] },
  });
  const purges = metrics.counter({
    name: "messnetz_writer_purges_total",
    help: "How often written messages were taken out of the stream: too old, or the stream too full",
    labels: { reason: purgeReasons },
  });
  const seldom = createSeldom(now);

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
    replaced(partition, resumeAt, error) {
      restarts.add({ partition: partition as Partition, reason: "replaced" });
      const text =
        "The stream was made anew or put back from a copy. Writing goes on at the first message that is not written; what the old stream held beyond is gone.";
      log.error({ partition, resumeAt, err: error }, text);
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
    ...createServerEvents({ log, seldom }),
    ...writes,
    ...pumps,
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
