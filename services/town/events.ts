import type { Logger } from "@messnetz/runtime";
import type { RetentionReceipt, StoreEvent } from "@messnetz/store";

/** One function per event of the town itself; door and API have their own. */
export function createTownEvents(log: Pick<Logger, "info" | "warn" | "error">) {
  return {
    store(event: StoreEvent): void {
      if (event.kind === "reopened") {
        log.warn(
          { err: event.cause },
          "The database was closed and opened anew after a commit failed. Nothing acknowledged is lost.",
        );
      } else if (event.kind === "month") {
        const { month, revision, step } = event;
        if (step === "entered") log.info({ month, revision }, "A month is closed into files.");
      } else {
        log.warn({ err: event.cause }, "Upkeep of the store failed; it is tried again. Nothing is lost.");
      }
    },
    upkeepFailed(cause: unknown): void {
      log.warn({ err: cause }, "Closing months or removing what is old failed; it is tried again. Nothing is lost.");
    },
    unknownRetention(properties: readonly string[]): void {
      log.warn(
        { properties },
        "MESSNETZ_RETENTION names observed properties that nobody knows; nothing is removed by them. Correct them, or define them in the folder catalogue of your own profiles.",
      );
    },
    removed(receipt: RetentionReceipt): void {
      const { rule, before, observations, datastreams, months } = receipt;
      log.info(
        { rule, before: new Date(before).toISOString(), observations, datastreams, months },
        "Observations that were kept for long enough are removed.",
      );
    },
    adoptedForeign(things: readonly string[]): void {
      log.warn({ things }, "Devices belong to things of another operator and were not adopted.");
    },
  };
}

export type TownEvents = ReturnType<typeof createTownEvents>;
