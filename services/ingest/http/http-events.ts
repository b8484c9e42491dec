import { createSeldom, type Logger, type Metrics } from "@messnetz/runtime";
import type { DoorProblemKind } from "./problem.ts";

/** How a request ended; the label of its counter. */
const requestEnds = [
  "taken", // 2xx
  "cut_off", // the client went
  "not_reading", // it left its answer unread
  "invalid",
  "credentials",
  "too_slow",
  "too_large",
  "too_many",
  "unavailable",
  "quarantine_full",
  "fault", // of the software
] as const;
export type RequestEnd = (typeof requestEnds)[number];

const endOf: Readonly<Record<DoorProblemKind, RequestEnd>> = {
  "invalid-request": "invalid",
  unauthenticated: "credentials",
  "not-found": "invalid",
  "too-slow": "too_slow",
  "too-large": "too_large",
  "unsupported-media-type": "invalid",
  "too-many": "too_many",
  internal: "fault",
  unavailable: "unavailable",
  "quarantine-full": "quarantine_full",
};

export type HttpEvents = ReturnType<typeof createHttpEvents>;
export type RequestKind = "message" | "batch";

/** One function per event: the log line and the count. Messages are counted by the intake, whatever door they came by. */
export function createHttpEvents(options: {
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly metrics: Metrics;
}) {
  const { log, metrics } = options;
  const requests = metrics.counter({
    name: "messnetz_ingest_http_requests_total",
    help: "Requests to the HTTP door, by how they ended",
    labels: { kind: ["message", "batch"], end: requestEnds },
  });
  const rejected = metrics.counter({
    name: "messnetz_ingest_http_rejected_lines_total",
    help: "Lines of batches that were no messages: nothing of them is kept, their senders were told",
    labels: {},
  });
  const seldom = createSeldom(() => performance.now());
  return {
    ended(kind: RequestKind, end: RequestEnd): void {
      requests.add({ kind, end });
    },
    refused(
      kind: RequestKind,
      about: { readonly problem: DoorProblemKind; readonly address: string; readonly detail: string },
    ): void {
      const end = endOf[about.problem];
      requests.add({ kind, end });
      seldom(`refused ${end}`, (more) => log.warn({ ...about, ...more }, "A message by HTTP was refused."));
    },
    rejected(lines: number): void {
      if (lines > 0) rejected.add({}, lines);
    },
    faulted(error: unknown): void {
      const text = "A fault of the software at the HTTP door, to be reported; all else goes on.";
      seldom("fault", (more) => log.error({ err: error, ...more }, text));
    },
    listening(host: string, port: number): void {
      log.info({ host, port }, "The HTTP door is open.");
    },
    listenerFailed(error: unknown): void {
      log.error({ err: error }, "The HTTP door cannot accept connections.");
    },
  };
}
