import type { Logger } from "@messnetz/runtime";
import type { StoreEvent } from "@messnetz/store";

/** One function per event of the town itself; door and API have their own. */
export function createTownEvents(log: Pick<Logger, "info" | "warn" | "error">) {
  return {
    store(event: StoreEvent): void {
      if (event.kind === "reopened") {
        log.warn(
          { err: event.cause },
          "The database was closed and opened anew after a commit failed. Nothing acknowledged is lost.",
        );
      } else if (event.kind === "upkeep_failed") {
        log.warn({ err: event.cause }, "Upkeep of the store failed; it is tried again. Nothing is lost.");
      }
    },
    profilesLoaded(count: number): void {
      log.info({ profiles: count }, "Device profiles are loaded.");
    },
    adoptedForeign(things: readonly string[]): void {
      log.warn({ things }, "Devices belong to things of another operator and were not adopted.");
    },
  };
}
