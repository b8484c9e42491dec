import { type IntakeResult, outcomes } from "@messnetz/model";
import { createSeldom, type Logger, type Metrics } from "@messnetz/runtime";

/** Why a connection was refused or closed; the label of its counter. */
export const closeReasons = [
  "client", // it went, with or without DISCONNECT
  "too_many",
  "connect_timeout",
  "keep_alive",
  "not_reading",
  "protocol",
  "packet_too_large",
  "receive_maximum",
  "credentials",
  "taken_over",
  "revoked",
  "unavailable",
  "shutdown",
  "tls",
  "fault", // of the software
] as const;
export type CloseReason = (typeof closeReasons)[number];

/** Closed by what the client did, or by us on purpose: nothing odd. */
const quietReasons: ReadonlySet<CloseReason> = new Set(["client", "shutdown"]);

export type IngestEvents = ReturnType<typeof createEvents>;

/** One function per event: the log line and the count. `now` in milliseconds, monotonic. */
export function createEvents(options: {
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly metrics: Metrics;
  readonly now?: () => number;
}) {
  const { log, metrics } = options;
  const now = options.now ?? (() => performance.now());
  const counter = (name: string, help: string) =>
    metrics.counter({ name: `messnetz_ingest_${name}`, help, labels: {} });
  const messages = metrics.counter({
    name: "messnetz_ingest_messages_total",
    help: "Messages that are durable, by what became of them",
    labels: { outcome: outcomes },
  });
  const observations = counter("observations_total", "Observations newly stored");
  const commits = counter("commits_total", "Batches that the store took");
  const commitFailures = counter("commit_failures_total", "Batches that the store refused; they are tried again");
  const roadFaults = counter(
    "road_faults_total",
    "Messages whose decoding or adoption failed by a fault of the software",
  );
  const faults = counter("faults_total", "Faults of the software that cost a connection, a will or a look around");
  const foreignTopics = counter("foreign_topics_total", "Messages to topics that are not the credential's");
  const opened = counter("connections_opened_total", "Clients let in");
  const ends = (what: string, help: string) =>
    metrics.counter({ name: `messnetz_ingest_connections_${what}_total`, help, labels: { reason: closeReasons } });
  const refused = ends("refused", "Connections ended before a client was let in");
  const closed = ends("closed", "Clients gone, by reason");
  const seldom = createSeldom(now);

  return {
    committed(result: IntakeResult): void {
      commits.add({});
      for (const outcome of outcomes)
        if (result.outcomes[outcome] > 0) messages.add({ outcome }, result.outcomes[outcome]);
      observations.add({}, result.observations);
    },
    commitFailed(error: unknown): void {
      commitFailures.add({});
      const text = "The store did not take a batch; it is kept and tried again. Nothing of it is acknowledged.";
      seldom("commitFailed", (more) => log.warn({ err: error, ...more }, text));
    },
    commitHangs(forMs: number): void {
      seldom("commitHangs", () =>
        log.warn({ forMs }, "The store has not answered; nothing is acknowledged meanwhile."),
      );
    },
    recovered(afterMs: number): void {
      log.info({ afterMs }, "The store takes batches again.");
    },
    unavailable(pendingMessages: number): void {
      const text =
        "The store has failed for too long: connections are closed, and new ones refused until it takes a batch.";
      log.error({ pendingMessages }, text);
    },
    leftBehind(count: number): void {
      const text = "Ended before the store took these messages. None was acknowledged: QoS 1 and 2 will be sent again.";
      log.error({ messages: count }, text);
    },
    roadFailed(error: unknown, topic: string): void {
      roadFaults.add({});
      const text = "Decoding failed by a fault of the software; the message goes to the quarantine.";
      seldom("roadFailed", (more) => log.error({ err: error, topic, ...more }, text));
    },
    adoptionFailed(error: unknown, topic: string): void {
      roadFaults.add({});
      const text = "Adopting a device failed by a fault of the software; the message goes to the quarantine.";
      seldom("adoptionFailed", (more) => log.error({ err: error, topic, ...more }, text));
    },
    notRemembered(topic: string, count: number): void {
      const text =
        "What a device told of itself is not remembered: its source has too much of it already. What refers to it will be refused.";
      seldom("notRemembered", (more) => log.warn({ topic, count, ...more }, text));
    },
    /** `what` it cost is one of a few words: each has its own pace. */
    faulted(what: "connection" | "will" | "look" | "commit", error: unknown): void {
      faults.add({});
      const text = "A fault of the software, to be reported; all else goes on.";
      seldom(`fault ${what}`, (more) => log.error({ err: error, what, ...more }, text));
    },
    foreignTopic(credential: string, topic: string): void {
      foreignTopics.add({});
      const text = "A credential published to a topic that is not its own; the message goes to the quarantine.";
      seldom("foreignTopic", (more) => log.warn({ credential, topic: topic.slice(0, 200), ...more }, text));
    },
    listening(host: string, port: number): void {
      log.info({ host, port }, "The MQTT door is open.");
    },
    opened(): void {
      opened.add({});
    },
    refused(reason: CloseReason, address: string, detail: string): void {
      refused.add({ reason });
      seldom(`refused ${reason}`, (more) =>
        log.warn({ reason, address, detail, ...more }, "A connection was refused."),
      );
    },
    closed(reason: CloseReason, client: string, detail: string): void {
      closed.add({ reason });
      if (quietReasons.has(reason)) return;
      seldom(`closed ${reason}`, (more) => log.warn({ reason, client, detail, ...more }, "A client was cut off."));
    },
    serverFailed(error: unknown): void {
      log.error({ err: error }, "The MQTT door cannot accept connections.");
    },
  };
}

/** What the door and the intake hold at the moment, asked at every scrape. */
export function tellGauges(
  metrics: Metrics,
  held: {
    readonly door: { connections(): number; sessions(): number };
    readonly intake: { state(): { readonly pendingMessages: number; readonly pendingBytes: number } };
  },
): void {
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge({ name: `messnetz_ingest_${name}`, help, read });
  gauge("connections", "Open connections", () => held.door.connections());
  gauge("sessions", "Sessions that outlive their connections", () => held.door.sessions());
  gauge("pending_messages", "Messages that are not durable yet", () => held.intake.state().pendingMessages);
  gauge(
    "pending_bytes",
    "Memory of messages that are not durable yet, roughly",
    () => held.intake.state().pendingBytes,
  );
}
