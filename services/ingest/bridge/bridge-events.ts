import { createSeldom, type Logger, type Metrics } from "@messnetz/runtime";
import { type Ending, isTakenOver } from "./connection-ending.ts";

/** Levels of delivery, as a label. */
const levels = ["0", "1", "2"] as const;

interface Counts {
  readonly received: [number, number, number];
  retained: number;
}

export type BridgeEvents = ReturnType<typeof createBridgeEvents>;

/** One function per event of the bridge: the log line and the count. `sessions`: their names, the label of the metrics. */
export function createBridgeEvents(options: {
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly metrics: Metrics;
  readonly sessions: readonly string[];
}) {
  const { log, metrics, sessions } = options;
  const labels = { session: sessions };
  const counter = (name: string, help: string) =>
    metrics.counter({ name: `messnetz_bridge_${name}_total`, help, labels });
  const received = metrics.counter({
    name: "messnetz_bridge_messages_received_total",
    help: "Publishes that a broker sent, repeated ones too; of QoS 0 the broker keeps none that is not received",
    labels: { session: sessions, qos: levels },
  });
  const acknowledged = counter(
    "messages_acknowledged",
    "QoS 1 publishes acknowledged to the broker, after their commit",
  );
  const retained = counter("retained_ignored", "Retained messages that were left out: they say how it was");
  const asked = counter("device_requests", "Messages to devices, such as the wish for a rebirth of Sparkplug");
  const connections = counter("connections", "Connections that a broker accepted");
  const failures = counter("connection_failures", "Attempts to connect that failed, and connections that were lost");
  const forgotten = counter("sessions_forgotten", "Sessions that a broker no longer had, with all that it held for us");
  const unexpected = counter("unexpected_topics", "Messages by an earlier subscription of the session; they are taken");
  const counts = new Map<string, Counts>(sessions.map((name) => [name, { received: [0, 0, 0], retained: 0 }]));
  const seldom = createSeldom(() => performance.now());

  return {
    received(session: string, qos: 0 | 1 | 2): void {
      counts.get(session)!.received[qos]++;
    },
    retainedIgnored(session: string): void {
      counts.get(session)!.retained++;
    },
    /** Once per piece that was read: counting in a metric costs more than taking a message. Returns whether there were publishes. */
    flush(session: string): boolean {
      const count = counts.get(session)!;
      if (count.received.every((number) => number === 0)) return false;
      for (const qos of levels) {
        const number = count.received[Number(qos) as 0 | 1 | 2];
        if (number > 0) received.add({ session, qos }, number);
      }
      if (count.retained > 0) retained.add({ session }, count.retained);
      counts.set(session, { received: [0, 0, 0], retained: 0 });
      return true;
    },
    asked(session: string, topic: string, why: string): void {
      asked.add({ session });
      log.info({ session, topic, why }, "A device is asked to say again who it is.");
    },
    acknowledged(session: string, count: number): void {
      acknowledged.add({ session }, count);
    },
    waiting(session: string, reason: string): void {
      log.warn({ session, reason }, "The bridge waits before it connects.");
    },
    connected(session: string, about: { broker: string; version: string; isPresent: boolean }): void {
      connections.add({ session });
      const { isPresent, ...more } = about;
      log.info({ session, ...more, sessionPresent: isPresent }, "The bridge is connected to the broker.");
    },
    sessionForgotten(session: string): void {
      const text = "The broker has forgotten the session: what it held for us while we were away is gone there.";
      forgotten.add({ session });
      log.error({ session }, text);
    },
    subscribed(session: string, topics: readonly string[]): void {
      log.info({ session, topics }, "The broker sends us what we asked for.");
    },
    subscriptionRefused(session: string, topics: readonly string[]): void {
      const text = "The broker refuses topic filters; give the user the right to read them. They are asked for again.";
      log.error({ session, topics }, text);
    },
    weakSubscription(session: string, topics: readonly string[]): void {
      const text = "The broker grants QoS 0 only: it keeps nothing for us while we are away or busy.";
      log.warn({ session, topics }, text);
    },
    shorterSession(session: string, seconds: number): void {
      log.warn({ session, seconds }, "The broker keeps the session for a shorter time than asked for.");
    },
    fellBack(session: string, why: string): void {
      log.warn({ session, why }, "The broker does not take MQTT 5; 3.1.1 is tried.");
    },
    ended(session: string, ending: Ending, retryMs: number): void {
      if (ending.kind === "left") {
        log.info({ session, why: ending.why }, "The bridge has left the broker; the session stays there.");
        return;
      }
      failures.add({ session });
      const text = isTakenOver(ending)
        ? "Another client has connected under the session's name: two processes must not run the same session."
        : ending.kind === "lost"
          ? "The connection to the broker is lost; it is tried again."
          : "The broker could not be connected to; it is tried again.";
      seldom(`${text} ${session}`, (more) =>
        log.warn({ session, ...ending, retryMs: Math.round(retryMs), ...more }, text),
      );
    },
    unreadableFiles(session: string, error: unknown): void {
      failures.add({ session });
      seldom(`files ${session}`, (more) =>
        log.error({ session, err: error, ...more }, "A secret of the bridge cannot be read."),
      );
    },
    unexpectedTopic(session: string, topic: string): void {
      unexpected.add({ session });
      const text =
        "Messages come by a subscription that the session has at the broker, but not in the file. They are taken; name its filter under unsubscribe to end it.";
      seldom(`topic ${session}`, (more) => log.warn({ session, topic: topic.slice(0, 200), ...more }, text));
    },
    shared(session: string): void {
      const text =
        "The session shares a subscription: while it is away the broker may go on giving it its share, which nobody else gets, and messages of one device come out of order.";
      log.warn({ session }, text);
    },
    ownOverlap(session: string, filters: readonly [string, string]): void {
      log.warn(
        { session, filters },
        "Two filters of the session match the same topics: some brokers send such a message twice.",
      );
    },
    passwordInClear(broker: string): void {
      log.warn({ broker }, "The password goes to the broker in clear; mqtts:// would protect it.");
    },
    faulted(session: string, error: unknown): void {
      seldom(`fault ${session}`, (more) =>
        log.error(
          { session, err: error, ...more },
          "A fault of the software, to be reported; the bridge connects anew.",
        ),
      );
    },
  };
}

export interface SessionFigures {
  readonly isConnected: boolean;
  readonly unacknowledged: number;
  /** Seconds since the last publish, or since the start where none came. */
  readonly silentSeconds: number;
}

/** What the sessions are doing, asked at every scrape. */
export function tellSessions(metrics: Metrics, sessions: ReadonlyMap<string, { figures(): SessionFigures }>): void {
  const labels = { session: [...sessions.keys()] };
  const gauge = (name: string, help: string, read: (figures: SessionFigures) => number): void =>
    metrics.gauges({
      name: `messnetz_bridge_${name}`,
      help,
      labels,
      read: ({ session }) => read(sessions.get(session)!.figures()),
    });
  gauge("connected", "1: connected to the broker and subscribed", ({ isConnected }) => Number(isConnected));
  gauge("in_flight_messages", "QoS 1 publishes received and not acknowledged", ({ unacknowledged }) => unacknowledged);
  gauge("last_message_age_seconds", "Since the last publish, or since the start", ({ silentSeconds }) => silentSeconds);
}
