import type { Principal } from "@messnetz/registry";
import { createSeldom, type HealthReport, type Logger, type Metrics } from "@messnetz/runtime";
import type { AuditFact } from "@messnetz/store";

/** Parts of the API as its metrics name them. */
export const resourceNames = [
  "things",
  "datastreams",
  "properties",
  "observations",
  "export",
  "latest",
  "features",
  "aggregates",
  "ledger",
  "quarantine",
  "messages",
  "admin",
  "audit",
  "operations",
  "reference",
  "unknown",
] as const;
export type ResourceName = (typeof resourceNames)[number];

const statusClasses = ["2xx", "3xx", "4xx", "5xx"] as const;
const exportEnds = ["complete", "aborted", "failed"] as const;
export type ExportEnd = (typeof exportEnds)[number];
/** Upper bounds in seconds. */
const durationBuckets = [0.005, 0.02, 0.1, 0.5, 2, 10];

export interface ApiEvents {
  answered(resource: ResourceName, status: number, seconds: number): void;
  /** The store failed or took too long. Nothing is lost. */
  unavailable(cause: unknown, path: string): void;
  /** Somebody asked, and other checks failed than the last time. */
  notReady(checks: HealthReport["checks"]): void;
  /** A bug. */
  failed(cause: unknown, path: string): void;
  exportEnded(
    end: ExportEnd,
    fields: { readonly principal: string; readonly format: string; readonly bytes: number },
  ): void;
  /** Somebody changed something: who, and what. Never a secret. */
  changed(principal: Principal, action: string, subject: string): void;
  /** It was done, and its begin stands in the audit log; how it ended does not. */
  unrecorded(cause: unknown, fact: AuditFact): void;
  /** Changes and exports are refused until an operator makes room. */
  auditFull(cause: unknown, action: string): void;
  listening(address: string): void;
}

export function createEvents(log: Logger, metrics: Metrics): ApiEvents {
  const requests = metrics.counter({
    name: "messnetz_api_requests_total",
    help: "Answers of the HTTP API",
    labels: { resource: resourceNames, status: statusClasses },
  });
  const durations = metrics.histogram({
    name: "messnetz_api_request_seconds",
    help: "From the request to the end of its answer",
    labels: { resource: resourceNames },
    buckets: durationBuckets,
  });
  const exportsEnded = metrics.counter({
    name: "messnetz_api_exports_total",
    help: "Exports, by how they ended",
    labels: { end: exportEnds },
  });
  const seldom = createSeldom(() => performance.now());
  return {
    answered(resource, status, seconds) {
      const at = Math.min(Math.max(Math.trunc(status / 100), 2), 5) - 2;
      requests.add({ resource, status: statusClasses[at]! });
      durations.observe({ resource }, seconds);
    },
    unavailable: (cause, path) =>
      seldom("unavailable", (more) =>
        log.warn({ err: cause, path, ...more }, "the store could not answer; the caller was told to come back"),
      ),
    notReady: (checks) => log.warn({ checks }, "it cannot do its work now"),
    failed: (cause, path) => log.error({ err: cause, path }, "a request met a bug"),
    exportEnded(end, fields) {
      exportsEnded.add({ end });
      log.info({ ...fields, end }, "export ended");
    },
    changed: (principal, action, subject) =>
      log.info(
        { principal: principal.id, operator: principal.operator, action, subject },
        "something was changed by a request",
      ),
    unrecorded: (cause, fact) => log.error({ err: cause, fact }, "the audit log did not take how something ended"),
    auditFull: (cause, action) =>
      seldom("audit full", (more) =>
        log.error({ err: cause, action, ...more }, "the audit log is full: changes and exports are refused"),
      ),
    listening: (address) => log.info({ address }, "the API listens"),
  };
}
