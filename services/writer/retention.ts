import { otherDomain } from "@messnetz/bus";
import { type Domain, domains, parseDatastreamId } from "@messnetz/model";
import {
  type AuditLog,
  createRetention,
  type InfluxStore,
  type RemovalQuery,
  type RetentionReceipt,
  type RetentionRule,
} from "@messnetz/store";
import { pause } from "@messnetz/runtime";

export interface RetentionKeeping {
  /** Of this process: each writer removes what is of its own, so that nobody does it twice. */
  readonly partitions: readonly string[];
  readonly rules: readonly RetentionRule[];
  readonly store: Pick<InfluxStore, "datastreams" | "remove">;
  readonly audit: Pick<AuditLog, "append">;
  /** Tells other processes, which have newest values in memory. */
  readonly announce: (removed: RemovalQuery) => void;
  readonly clock: () => number;
  readonly firstMs: number;
  readonly everyMs: number;
  readonly events: { removed(receipt: RetentionReceipt): void; retentionFailed(cause: unknown): void };
}

/** Looks now and then whether a day has begun, and removes what the rules say. The domain of a thing is that of its newest observation. */
export function keepRetention(keeping: RetentionKeeping): { close(): Promise<void> } {
  const { store, rules, audit, announce, clock, events } = keeping;
  const own = new Set(keeping.partitions);
  const ending = new AbortController();
  const domainByThing = new Map<string, Domain>();

  function listOwn(): readonly string[] {
    return store.datastreams().flatMap(({ id, domain }) => {
      const known = domains.find((one) => one === domain);
      if (!own.has(known ?? otherDomain)) return [];
      const { thing = "" } = parseDatastreamId(id) ?? {};
      if (known !== undefined) domainByThing.set(thing, known);
      return [id];
    });
  }

  const removeOld = createRetention({
    rules,
    datastreams: async () => listOwn(),
    domainOf: (thing) => domainByThing.get(thing),
    async remove(query) {
      ending.signal.throwIfAborted();
      const receipt = await store.remove(query);
      if (receipt.observations > 0) announce(query);
      return receipt;
    },
    audit,
    clock,
    onRemoved: events.removed,
  });

  async function run(): Promise<void> {
    for (let ms = keeping.firstMs; ; ms = keeping.everyMs) {
      await pause(ms, ending.signal);
      if (ending.signal.aborted) return;
      await removeOld().catch((cause: unknown) => {
        if (!ending.signal.aborted) events.retentionFailed(cause);
      });
    }
  }

  const running = rules.length === 0 ? Promise.resolve() : run();
  return {
    async close() {
      ending.abort();
      await running;
    },
  };
}
