import { StoreUnavailableError } from "../errors.ts";
import type { InfluxEvent } from "./options.ts";

/** What an answer that is no success means for what was asked. */
export type FailureKind =
  /** Something in the request will never be taken. */
  | "refused"
  /** The account or the database is wrong, or a limit of the server's is reached: an operator is needed, nothing is given up. */
  | "misconfigured"
  | "unavailable";

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The header as it came: seconds, or a date (RFC 9110, 10.2.3). */
  readonly retryAfter?: string | undefined;
}

/** The database is full of series: no fault of the lines, and in a larger one they would be taken. */
const serverLimit = /max-series-per-database|max-values-per-tag/;
const missingOrForbidden = /not found|not authorized|unauthorized|forbidden|authentication|authorizing/i;

export function kindOf({ status, text }: Answer): FailureKind {
  if (serverLimit.test(text)) return "misconfigured";
  // 201 is how InfluxDB 3 in the cloud says that a write was partial.
  if (status === 201 || status === 400 || status === 413 || status === 422) return "refused";
  if (status === 408 || status === 425 || status === 429 || status >= 500) return "unavailable";
  return "misconfigured";
}

/** Milliseconds of a `Retry-After`. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** Makes the errors of one connection, and tells each as an event. `what` completes "expected InfluxDB to". */
export interface Failures {
  /** Of the network, of a time limit, or of the server while it answers. */
  unavailable(what: string, cause: unknown): StoreUnavailableError;
  /** Of an answer that is no success. */
  refusal(what: string, answer: Answer): StoreUnavailableError;
  /** Of a statement of InfluxQL within an answer of status 200. */
  ofStatement(what: string, error: string): StoreUnavailableError;
}

export function createFailures(onEvent: (event: InfluxEvent) => void): Failures {
  const told = (kind: "misconfigured" | "unavailable", error: StoreUnavailableError): StoreUnavailableError => {
    onEvent({ kind, cause: error });
    return error;
  };
  return {
    unavailable(what, cause) {
      if (cause instanceof StoreUnavailableError) return cause;
      const message = `expected InfluxDB to ${what}, came ${sayCause(cause)}`;
      return told("unavailable", new StoreUnavailableError(message, { cause }));
    },
    refusal(what, answer) {
      const message = `expected InfluxDB to ${what}, came ${answer.status}: ${answer.text.trim()}`;
      const error = new StoreUnavailableError(message, { retryAfterMs: retryAfterMs(answer.retryAfter, Date.now()) });
      return told(kindOf(answer) === "unavailable" ? "unavailable" : "misconfigured", error);
    },
    ofStatement: (what, error) =>
      told(
        missingOrForbidden.test(error) ? "misconfigured" : "unavailable",
        new StoreUnavailableError(`expected InfluxDB to ${what}, came: ${error}`),
      ),
  };
}

function sayCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause instanceof AggregateError) return cause.errors.map(sayCause).join(", ");
  return cause.message === "" ? cause.name : cause.message;
}
