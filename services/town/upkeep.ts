import type { Domain, EpochMs } from "@messnetz/model";
import {
  type AuditLog,
  type EmbeddedStore,
  planRetention,
  type RetentionRule,
  type RetentionStep,
} from "@messnetz/store";
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

const dayMs = 86_400_000;
const lookEveryMs = 600_000;

/** No date before is one of a measurement: what is older than that goes with the oldest. */
const beginOfTime: EpochMs = -Number.MAX_SAFE_INTEGER;

/** What a town does by itself, now and then; the first look is `lookEveryMs` after its start. */
export function startUpkeep(options: UpkeepOptions): Upkeep {
  const { store, audit, rules, domainOf, clock, signal, events } = options;
  let underWay: Promise<void> | undefined;
  /** The day on which retention was done last. */
  let doneOn: number | undefined;

  async function remove({ rule, datastreams, before }: RetentionStep): Promise<void> {
    const receipt = await store.observations.remove({ datastreams, interval: { from: beginOfTime, to: before } });
    if (receipt.observations === 0) return;
    events.removed({ rule, before, ...receipt });
    await audit.append([
      {
        principal: "messnetz",
        action: "retention",
        subject: `${rule} before ${new Date(before).toISOString()}`,
        outcome: "done",
        rows: receipt.observations,
      },
    ]);
  }

  async function removeOld(now: EpochMs): Promise<void> {
    const day = Math.floor(now / dayMs);
    if (rules.length === 0 || day === doneOn) return;
    const newest = await store.observations.latest({});
    const ids = newest.map(({ datastream }) => datastream);
    for (const step of planRetention({ rules, datastreams: ids, domainOf, now })) await remove(step);
    doneOn = day;
  }

  async function lookNow(): Promise<void> {
    try {
      // What is to go need not be closed first.
      await removeOld(clock());
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
