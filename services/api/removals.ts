import { randomUUID } from "node:crypto";
import { type EpochMs, toIso } from "@messnetz/model";
import type { Principal } from "@messnetz/registry";
import type { ErasureReceipt } from "@messnetz/store";
import type { PlannedRemoval } from "./plan-removal.ts";
import type { Recorder } from "./recorder.ts";
import type { GuardedStore } from "./store-guard.ts";

/** An erasure that was begun. It goes on whether or not somebody waits for it. */
export interface Removal {
  readonly id: string;
  readonly principal: Principal;
  readonly begunAt: EpochMs;
  /** Rejects with a Problem. */
  readonly receipt: Promise<ErasureReceipt>;
  /** How it ended; undefined while it runs. */
  outcome(): { readonly receipt: ErasureReceipt } | { readonly error: unknown } | undefined;
}

export interface Removals {
  /** `subject`: what is erased, for the audit log. One at a time, in the order of the calls. */
  begin(principal: Principal, plan: PlannedRemoval, subject: string): Removal;
  find(principal: Principal, id: string): Removal | undefined;
}

/** How many that have ended are remembered; the audit log has all. */
const remembered = 100;

export function createRemovals(options: {
  readonly eraser: GuardedStore["eraser"];
  readonly recorder: Recorder;
  readonly clock: () => EpochMs;
}): Removals {
  const { eraser, recorder, clock } = options;
  const byId = new Map<string, Removal>();
  let last: Promise<unknown> = Promise.resolve();

  return {
    begin(principal, plan, subject) {
      let outcome: ReturnType<Removal["outcome"]>;
      const receipt = last.then(() =>
        recorder.change(
          { principal, action: "remove", subject },
          () => eraser.erase(plan),
          (done) => ({ subject: `${subject}: ${summary(done)}`, rows: done.observations + done.quarantined }),
        ),
      );
      last = receipt.then(
        (done) => void (outcome = { receipt: done }),
        (error: unknown) => void (outcome = { error }),
      );
      const removal: Removal = { id: randomUUID(), principal, begunAt: clock(), receipt, outcome: () => outcome };
      byId.set(removal.id, removal);
      const ended = [...byId.values()].filter((one) => one.outcome() !== undefined);
      for (const { id } of ended.slice(0, Math.max(0, ended.length - remembered))) byId.delete(id);
      return removal;
    },
    find(principal, id) {
      const found = byId.get(id);
      return found?.principal.id === principal.id ? found : undefined;
    },
  };
}

function summary({ observations, datastreams, quarantined, months = [], removedAt }: ErasureReceipt): string {
  const ofMonths = months.length === 0 ? "" : `, months ${months.join(" ")} written anew`;
  return `${observations} observations of ${datastreams} datastreams, ${quarantined} of the quarantine${ofMonths}, at ${toIso(removedAt)}`;
}
