import type { SubscriptionEvent } from "@messnetz/bus";
import type { NatsEvent } from "@messnetz/nats";
import type { CheckReport, Logger, Seldom } from "@messnetz/runtime";
import type { ErasureReceipt, InfluxEvent, RetentionReceipt, StoreEvent } from "@messnetz/store";

/** What NATS, InfluxDB and the operations server have to tell. */
export function createServerEvents(options: {
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly seldom: Seldom;
}) {
  const { log, seldom } = options;

  function misconfigured(error: unknown): void {
    const text =
      "InfluxDB refuses us: look at MESSNETZ_INFLUX_URL, _DATABASE and the token or password. Nothing is lost: what is not written stays on the bus.";
    seldom("misconfigured", (more) => log.error({ err: error, ...more }, text));
  }

  return {
    streamsFailed(error: unknown): void {
      const text = "The streams of ledger and quarantine cannot be opened now; it is tried again.";
      seldom("streamsFailed", (more) => log.warn({ err: error, ...more }, text));
    },
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
    dayDropped(day: string): void {
      log.error(
        { day },
        "The ledger was full: the counts of its oldest day are gone, so that newer ones could be kept.",
      );
    },
    erased(receipt: ErasureReceipt): void {
      const { observations, datastreams, quarantined } = receipt;
      log.info({ observations, datastreams, quarantined }, "Erased what an administrator asked for.");
    },
    erasureFailed(error: unknown): void {
      log.error({ err: error }, "An erasure failed; some of it may be gone. Whoever asked is told to ask again.");
    },
    removed(receipt: RetentionReceipt): void {
      const { rule, before, observations, datastreams } = receipt;
      log.info(
        { rule, before: new Date(before).toISOString(), observations, datastreams },
        "Observations that were kept for long enough are removed.",
      );
    },
    retentionFailed(error: unknown): void {
      seldom("retention", (more) =>
        log.warn({ err: error, ...more }, "Removing what was kept for long enough failed; it is tried again."),
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
          return log.error({ err: event.cause }, "The connection with NATS has ended for good; the process ends.");
      }
    },
  };
}
