import type { LiveEvent } from "@messnetz/bus";
import type { NatsEvent } from "@messnetz/nats";
import type { NatsRegistryEvent } from "@messnetz/registry";
import { createSeldom, type CheckReport, type Logger } from "@messnetz/runtime";
import type { StoreEvent } from "@messnetz/store";

export type ProcessEvents = ReturnType<typeof createProcessEvents>;

/** One function per event of the process around door and bridge, which have their own. */
export function createProcessEvents(log: Pick<Logger, "info" | "warn" | "error">) {
  const seldom = createSeldom(() => performance.now());
  return {
    adoptedForeign(things: readonly string[]): void {
      log.warn({ things }, "Devices belong to things of another operator and were not adopted.");
    },
    running(about: { readonly instance: string; readonly operations: object }): void {
      log.info(about, "Ingest runs.");
    },
    notReady(checks: Readonly<Record<string, CheckReport>>): void {
      log.warn({ checks }, "Ingest cannot do its work at the moment.");
    },
    faulted(error: unknown): void {
      log.error({ err: error }, "A question about health or metrics failed by a fault of the software.");
    },
    instanceTaken(error: unknown): void {
      log.error(
        { err: error },
        "This process ends: nothing that it received since is acknowledged, and all will come again.",
      );
    },
    nats(event: NatsEvent): void {
      switch (event.kind) {
        case "connect_failed":
          return seldom(event.kind, (more) =>
            log.warn({ err: event.cause, ...more }, "NATS cannot be reached; it is tried again."),
          );
        case "connected":
          return log.info({ server: event.server, version: event.version }, "Connected with NATS.");
        case "disconnected":
          return log.warn({ server: event.server }, "The connection with NATS is lost; it is tried again.");
        case "reconnected":
          return log.info({ server: event.server }, "Connected with NATS again.");
        case "server_error":
          return seldom(event.kind, (more) => log.error({ err: event.cause, ...more }, "NATS refused something."));
        case "server_warning":
          return log.warn({ code: event.code }, event.text);
        case "connection_ended":
          return log.error({ err: event.cause }, "The connection with NATS has ended for good; the process ends.");
      }
    },
    registry(event: NatsRegistryEvent): void {
      switch (event.kind) {
        case "follow_failed":
          return seldom(event.kind, (more) =>
            log.warn({ err: event.cause, ...more }, "Changes of the registry do not come; it is tried again."),
          );
        case "reloaded":
          return log.info({ documents: event.documents }, "The registry was read anew.");
        case "settled":
          return;
        case "settle_failed":
          return log.warn({ err: event.cause }, "Upkeep of the registry failed; it is tried again. Nothing is lost.");
      }
    },
    store(event: StoreEvent): void {
      if (event.kind === "month") return;
      log.warn({ err: event.cause, kind: event.kind }, "Upkeep failed; it is tried again. Nothing is lost.");
    },
    live(event: LiveEvent): void {
      seldom(event.kind, (more) => log.warn({ ...event, ...more }, "A live listener missed something; all is stored."));
    },
  };
}
