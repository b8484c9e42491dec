import type { Domain, EpochMs } from "@messnetz/model";
import { type AuditLog, createRetention, type EmbeddedStore, type RetentionRule } from "@messnetz/store";
import type { TownEvents } from "./events.ts";

export interface UpkeepOptions {
  readonly store: Pick<EmbeddedStore, "months" | "observations">;
  readonly audit: Pick<AuditLog, "append">;
  readonly rules: readonly RetentionRule[];
  readonly domainOf: (thing: string) => Domain | undefined;
  readonly clock: () => EpochMs;
  /** Aborted: nothing is begun any more, and what fails is no news. */
  readonly signal: AbortSignal;
  readonly events: Pick<TownEvents, "upkeepFailed" | "removed">;
}

export interface Upkeep {
  /** Closes the months that are due and removes, once a day of UTC, what has been kept for long enough. Never rejects; one look at a time. */
  look(): Promise<void>;
  /** Resolves when nothing is under way. */
  close(): Promise<void>;
}

const lookEveryMs = 600_000;

/** What a town does by itself, now and then; the first look is `lookEveryMs` after its start. */
export function startUpkeep(options: UpkeepOptions): Upkeep {
  const { store, audit, rules, domainOf, clock, signal, events } = options;
  let underWay: Promise<void> | undefined;

  const removeOld = createRetention({
    rules,
    datastreams: async () => (await store.observations.latest({})).map(({ datastream }) => datastream),
    domainOf,
    remove: (query) => store.observations.remove(query),
    audit,
    clock,
    onRemoved: (receipt) => events.removed(receipt),
  });

  async function lookNow(): Promise<void> {
    try {
      // What is to go need not be closed first.
      await removeOld();
      await store.months.close("due");
    } catch (cause) {
      if (!signal.aborted) events.upkeepFailed(cause);
    } finally {
      underWay = undefined;
    }
  }

  function look(): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    underWay ??= lookNow();
    return underWay;
  }

  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  return {
    look,
    async close() {
      clearInterval(timer);
      await underWay;
    },
  };
}
