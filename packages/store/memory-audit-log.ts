import type { EpochMs } from "@messnetz/model";
import { checkChain, isAuditAskedFor, nextEntry } from "./audit-chain.ts";
import type { AuditEntry, AuditLog } from "./port.ts";

/** For tests: nothing of it is durable. */
export function createMemoryAuditLog({ clock = Date.now }: { readonly clock?: () => EpochMs } = {}): AuditLog {
  const entries: AuditEntry[] = [];
  return {
    append(facts) {
      for (const fact of facts) entries.push(nextEntry(entries.at(-1), fact, clock()));
      return Promise.resolve();
    },
    list(query) {
      const found = entries.filter((entry) => isAuditAskedFor(query, entry)).reverse();
      return Promise.resolve(found.slice(0, query.limit));
    },
    verify() {
      const check = checkChain();
      for (const entry of entries) check.take(entry);
      return Promise.resolve(check.verdict());
    },
    close: () => Promise.resolve(),
  };
}
