import type { NatsEvent } from "@messnetz/nats";
import { createSeldom, type Logger } from "@messnetz/runtime";
import type { AuditFill, InfluxEvent } from "@messnetz/store";

export type ApiProcessEvents = ReturnType<typeof createProcessEvents>;

/** One function per event of the process around the API. */
export function createProcessEvents(log: Pick<Logger, "info" | "warn" | "error">) {
  const seldom = createSeldom(() => performance.now());
  return {
    storeOpened: () => log.info("InfluxDB answers: history and latest values can be asked for."),
    storeFailed: (cause: unknown) =>
      log.error(
        { err: cause },
        "InfluxDB cannot be read as it is set up; history and latest values cannot be asked for.",
      ),
    followingInterrupted: (cause: unknown) =>
      seldom("following", (more) =>
        log.warn({ err: cause, ...more }, "The bus cannot be followed now; latest values stand still until it can."),
      ),
    newestLearned: () =>
      log.info("Newest values were asked of InfluxDB again: the bus may have lost some before they came here."),
    learningFailed: (cause: unknown) =>
      seldom("learning", (more) =>
        log.warn({ err: cause, ...more }, "InfluxDB does not tell newest values; some may be old until it does."),
      ),
    auditFilling: (fill: AuditFill) =>
      seldom("audit", (more) =>
        log.warn(
          { ...fill, ...more },
          "The audit log is nearly full; changes and exports are refused when it is: raise MESSNETZ_NATS_AUDIT_MB or archive its oldest entries.",
        ),
      ),
    nats(event: NatsEvent): void {
      switch (event.kind) {
        case "connect_failed":
          return seldom(event.kind, (more) =>
            log.warn({ err: event.cause, ...more }, "NATS does not let us in yet; it is tried again."),
          );
        case "connected":
          return log.info({ server: event.server, version: event.version }, "Connected to NATS.");
        case "disconnected":
          return log.warn({ server: event.server }, "The connection to NATS is lost; it is tried again.");
        case "reconnected":
          return log.info({ server: event.server }, "Connected to NATS again.");
        case "server_error":
          return seldom(event.kind, (more) =>
            log.error({ err: event.cause, ...more }, "NATS refuses something: look at the rights of this user."),
          );
        case "server_warning":
          return log.warn({ code: event.code }, event.text);
        case "connection_ended":
          return log.error({ err: event.cause }, "The connection to NATS has ended for good; the process ends.");
      }
    },
    influx(event: InfluxEvent): void {
      if (event.kind === "misconfigured")
        return seldom(event.kind, (more) =>
          log.error({ err: event.cause, ...more }, "InfluxDB refuses this account or has no such database."),
        );
      if (event.kind === "unavailable")
        return seldom(event.kind, (more) =>
          log.warn({ err: event.cause, ...more }, "InfluxDB does not answer; callers are told to come back."),
        );
      // This process writes nothing.
      log.error({ count: event.count, reason: event.reason }, "InfluxDB refused lines.");
    },
  };
}
