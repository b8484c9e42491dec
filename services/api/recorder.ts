import type { Principal } from "@messnetz/registry";
import { type AuditFact, AuditLogFullError, type AuditLog } from "@messnetz/store";
import type { ApiEvents, ExportEnd } from "./events.ts";
import { Problem } from "./problem.ts";

/** What stands in the audit log. */
export const auditedActions = [
  "credential.change",
  "credential.issue",
  "credential.revoke",
  "credential.rotate",
  "datastream.put",
  "datastream.remove",
  "device.put",
  "device.remove",
  "export",
  "import",
  "month.close",
  "operator.put",
  "remove",
  "thing.put",
  "thing.remove",
  "token.issue",
  "token.revoke",
] as const;
export type AuditedAction = (typeof auditedActions)[number];

/** Who did what to what. Never a secret. */
export interface Act {
  readonly principal: Principal;
  readonly action: AuditedAction;
  readonly subject: string;
}

/**
 * Writes down who did what. The entry `begun` is durable before anything is done, so that nothing changes and nothing leaves without a trace:
 * where it cannot be written, the caller gets the problem `unavailable`, or `audit-full` where waiting does not help. How it ended is a second
 * entry.
 */
export interface Recorder {
  /** Does it between two entries. `describe`: what came of it, where the subject was not known before, and how many rows it concerned. */
  change<T>(
    act: Act,
    task: () => Promise<T>,
    describe?: (result: T) => Partial<Pick<AuditFact, "subject" | "rows">>,
  ): Promise<T>;
  /** Begins an export; what comes back is called at its end with how it ended and the rows that were read for it. */
  beginExport(act: Omit<Act, "action">): Promise<(end: ExportEnd, rows: number) => void>;
}

const retryAfterSeconds = 5;
const exportOutcomes: Readonly<Record<ExportEnd, string>> = { complete: "done", aborted: "aborted", failed: "failed" };

/** What whoever may start the process lets it do by its command line. */
export function atStart(action: AuditedAction, subject: string): AuditFact {
  return { principal: "command line", action, subject, outcome: "begun" };
}

export function createRecorder(audit: AuditLog, events: ApiEvents): Recorder {
  async function begin(act: Act): Promise<void> {
    try {
      await audit.append([factOf(act, { outcome: "begun" })]);
    } catch (cause) {
      if (cause instanceof AuditLogFullError) {
        events.auditFull(cause, act.action);
        throw new Problem("audit-full", `nothing was done: ${cause.message}`, { cause });
      }
      const text = "expected the audit log to take what is to be done; it cannot now, and nothing was done";
      throw new Problem("unavailable", text, { cause, retryAfterSeconds });
    }
  }

  /** It is done: that its end could not be written down is told, and changes nothing for the caller. */
  async function end(act: Act, result: Partial<AuditFact> & { readonly outcome: string }): Promise<void> {
    const fact = factOf(act, result);
    await audit.append([fact]).catch((cause: unknown) => events.unrecorded(cause, fact));
  }

  return {
    async change(act, task, describe = () => ({})) {
      await begin(act);
      const result = await task().catch(async (error: unknown) => {
        await end(act, { outcome: "failed" });
        throw error;
      });
      const described = describe(result);
      events.changed(act.principal, act.action, described.subject ?? act.subject);
      await end(act, { ...described, outcome: "done" });
      return result;
    },
    async beginExport({ principal, subject }) {
      const act: Act = { principal, subject, action: "export" };
      await begin(act);
      return (how, rows) => void end(act, { outcome: exportOutcomes[how], rows });
    },
  };
}

function factOf(
  act: Act,
  { outcome, subject = act.subject, rows }: Partial<AuditFact> & { readonly outcome: string },
): AuditFact {
  return { principal: act.principal.id, action: act.action, subject, outcome, ...(rows === undefined ? {} : { rows }) };
}
