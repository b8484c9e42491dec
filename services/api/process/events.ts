import type { NatsEvent } from "@messnetz/nats";
import type { Logger } from "@messnetz/runtime";
import type { InfluxEvent } from "@messnetz/store";

export type ApiProcessEvents = ReturnType<typeof createProcessEvents>;

/** One function per event of the process around the API. */
export function createProcessEvents(log: Pick<Logger, "info" | "warn" | "error">) {
  return {
    profilesLoaded: (count: number) => log.info({ profiles: count }, "Device profiles are loaded."),
    storeOpened: () => log.info("InfluxDB answers: history and latest values can be asked for."),
    storeFailed: (cause: unknown) =>
      log.error(
        { err: cause },
        "InfluxDB cannot be read as it is set up; history and latest values cannot be asked for.",
      ),
    followingInterrupted: (cause: unknown) =>
      log.warn({ err: cause }, "The bus cannot be followed now; latest values stand still until it can."),
    nats(event: NatsEvent): void {
      switch (event.kind) {
        case "connect_failed":
          return log.warn({ err: event.cause }, "NATS does not let us in yet; it is tried again.");
        case "connected":
          return log.info({ server: event.server, version: event.version }, "Connected to NATS.");
        case "disconnected":
          return log.warn({ server: event.server }, "The connection to NATS is lost; it is tried again.");
        case "reconnected":
          return log.info({ server: event.server }, "Connected to NATS again.");
        case "server_error":
          return log.error({ err: event.cause }, "NATS refuses something: look at the rights of this user.");
        case "server_warning":
          return log.warn({ code: event.code }, event.text);
        case "connection_ended":
          return log.error({ err: event.cause }, "The connection to NATS has ended for good; the process ends.");
      }
    },
    influx(event: InfluxEvent): void {
      if (event.kind === "misconfigured")
        return log.error({ err: event.cause }, "InfluxDB refuses this account or has no such database.");
      if (event.kind === "unavailable")
        return log.warn({ err: event.cause }, "InfluxDB does not answer; callers are told to come back.");
      // This process writes nothing.
      log.error({ count: event.count, reason: event.reason }, "InfluxDB refused lines.");
    },
  };
}
