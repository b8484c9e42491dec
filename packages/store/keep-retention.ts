import type { Domain, EpochMs } from "@messnetz/model";
import type { AuditLog, ObservationStore, RemovalReceipt } from "./port.ts";
import { planRetention, type RetentionRule } from "./retention.ts";

/** What a rule removed, and until when. */
export interface RetentionReceipt extends RemovalReceipt {
  readonly rule: string;
  readonly before: EpochMs;
}

export interface RetentionOptions {
  readonly rules: readonly RetentionRule[];
  /** Ids of all that there are. */
  readonly datastreams: () => Promise<readonly string[]>;
  readonly domainOf: (thing: string) => Domain | undefined;
  readonly remove: ObservationStore["remove"];
  readonly audit: Pick<AuditLog, "append">;
  readonly clock: () => EpochMs;
  readonly onRemoved: (receipt: RetentionReceipt) => void;
}

const dayMs = 86_400_000;

/** No date before is one of a measurement: what is older than that goes with the oldest. */
const beginOfTime: EpochMs = -Number.MAX_SAFE_INTEGER;

/**
 * Removes, at the first call of each day of UTC, what has been kept for long enough; each receipt stands in the audit log. Where it rejects, the
 * next call begins anew.
 */
export function createRetention(options: RetentionOptions): () => Promise<void> {
  const { rules, domainOf, remove, audit, clock, onRemoved } = options;
  let doneOn: number | undefined;

  return async () => {
    const now = clock();
    const day = Math.floor(now / dayMs);
    if (rules.length === 0 || day === doneOn) return;
    for (const { rule, datastreams, before } of planRetention({
      rules,
      datastreams: await options.datastreams(),
      domainOf,
      now,
    })) {
      const receipt = await remove({ datastreams, interval: { from: beginOfTime, to: before } });
      if (receipt.observations === 0) continue;
      onRemoved({ rule, before, ...receipt });
      const subject = `${rule} before ${new Date(before).toISOString()}`;
      const rows = receipt.observations;
      await audit.append([{ principal: "messnetz", action: "retention", subject, outcome: "done", rows }]);
    }
    doneOn = day;
  };
}
