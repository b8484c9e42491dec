import { createHash } from "node:crypto";
import type { EpochMs } from "@messnetz/model";
import type { AuditEntry, AuditFact, AuditQuery, AuditVerdict } from "./port.ts";

/** What the next entry names. */
export type ChainEnd = Pick<AuditEntry, "seq" | "at" | "hash">;

/** The entry that follows `last`. */
export function nextEntry(last: ChainEnd | undefined, fact: AuditFact, now: EpochMs): AuditEntry {
  const { principal, action, subject, outcome, rows } = fact;
  const place = { seq: (last?.seq ?? 0) + 1, at: Math.max(now, last?.at ?? now), previous: last?.hash ?? "" };
  const entry = { ...place, principal, action, subject, outcome, ...(rows === undefined ? {} : { rows }) };
  return { ...entry, hash: hashOf(entry) };
}

function hashOf({ previous, seq, at, principal, action, subject, outcome, rows }: Omit<AuditEntry, "hash">): string {
  const content = JSON.stringify([previous, seq, at, principal, action, subject, outcome, rows ?? null]);
  return createHash("sha256").update(content).digest("hex");
}

export interface AuditCheck {
  take(entry: AuditEntry): void;
  verdict(): AuditVerdict;
}

/** Takes all entries in their order. The first may be one whose predecessors have left the log for their age. */
export function checkChain(): AuditCheck {
  let entries = 0;
  let brokenAt: number | undefined;
  let last: AuditEntry | undefined;
  return {
    take(entry) {
      const follows =
        last === undefined || (entry.seq === last.seq + 1 && entry.previous === last.hash && entry.at >= last.at);
      if (!follows || entry.hash !== hashOf(entry)) brokenAt ??= entry.seq;
      entries += 1;
      last = entry;
    },
    verdict: () => ({ entries, ...(brokenAt === undefined ? {} : { brokenAt }) }),
  };
}

export function isAuditAskedFor({ principals, actions, interval, before }: AuditQuery, entry: AuditEntry): boolean {
  return (
    (principals === undefined || principals.includes(entry.principal)) &&
    (actions === undefined || actions.includes(entry.action)) &&
    (interval === undefined || (entry.at >= interval.from && entry.at < interval.to)) &&
    (before === undefined || entry.seq < before)
  );
}
